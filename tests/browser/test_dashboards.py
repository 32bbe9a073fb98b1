"""From a dashboard to the rows behind a bar in a real browser, and a report put together there."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import violations
from tests.browser.site import Site

SignIn = Callable[[Page, str], None]


def test_a_bar_of_a_dashboard_leads_to_its_rows(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/dashboards/")
    tile = page.locator(".dashboard-tile", has_text="Orders by month and channel")
    bar = tile.locator("svg a").last
    said = int(re.sub(r"\D", "", (bar.get_attribute("aria-label") or "").rpartition(":")[2]))

    bar.click()

    page.wait_for_url("**/orders/?filter=placed.between:*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
    expect(page.locator("tbody tr")).to_have_count(said)


def test_what_takes_longer_comes_after_the_page_into_its_tile(page: Page, sign_in: SignIn, site: Site) -> None:
    held: list[Route] = []
    sign_in(page, "Ada")
    page.route("**/dashboards/tiles/orders/", lambda route: held.append(route))
    tile = page.locator(".dashboard-tile", has_text="Orders by month and channel")
    with psycopg.connect(site.database) as somebody:
        somebody.execute("lock table commerce_order in access exclusive mode")
        with page.expect_request("**/dashboards/tiles/orders/"):
            page.goto("/dashboards/")
        expect(tile.get_by_role("link", name=re.compile("^Open it alone"))).to_be_visible()
        assert violations(page) == []

    held.pop().continue_()

    expect(tile.locator("svg a").last).to_be_visible()
    expect(tile.locator(".tile-coming")).to_have_count(0)


def test_a_report_is_put_together_kept_and_stands_on_a_dashboard_moved_by_keys(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/reports/new/?of=customer")
    page.get_by_label("And by (optional)").select_option("kind")
    expect(page.get_by_role("heading", name=re.compile("Kind$"))).to_be_visible()
    page.get_by_label("Name").fill("Who they are")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who they are")

    page.goto("/dashboards/new/")
    page.get_by_label("Name").fill("Of mine")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Who they are").check()
    page.get_by_role("button", name="Save").click()
    last = page.locator(".dashboard-tile").last
    expect(last.get_by_role("heading")).to_have_text("Who they are")
    last.locator("summary", has_text="Move").focus()
    page.keyboard.press("Enter")
    last.get_by_role("button", name="To the front: Who they are").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".dashboard-tile").first.get_by_role("heading")).to_have_text("Who they are")


def test_a_second_choice_is_not_lost_to_the_answer_to_the_first(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    waiting: list[Route] = []
    page.goto("/reports/new/?of=customer")
    is_second = re.compile("chart=table")
    page.route("**/reports/new/?*", lambda route: waiting.append(route))
    page.route(is_second, lambda route: route.continue_())

    with page.expect_request("**/reports/new/?*"):
        page.get_by_label("And by (optional)").select_option("kind")
    page.get_by_label("Drawn as").select_option("table")

    page.wait_for_url(is_second)
    expect(page.get_by_label("And by (optional)")).to_have_value("kind")
    expect(page.get_by_label("Drawn as")).to_have_value("table")
    assert len(waiting) == 1
