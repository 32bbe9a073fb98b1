"""The process map of lost customers, chosen and read by keyboard in a real browser; what it shows stands in a table too."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import psycopg
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SMALLEST
from tests.browser.site import Site
from tests.browser.site_world import LOST
from tests.browser.test_next_action import look_at, refresh

SignIn = Callable[[Page, str], None]


def test_the_map_of_lost_customers_says_what_they_did_last_and_leads_to_them(page: Page, sign_in: SignIn) -> None:
    refresh(page, sign_in)
    sign_in(page, "Ada")
    page.goto("/customer-journeys/")
    page.get_by_label("RFM group").focus()
    page.keyboard.type("Hibernating")
    page.get_by_role("button", name="Show", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**segment=hibernating**")

    drawn = page.get_by_role("group", name=re.compile(r"Process map of \d+ journeys"))
    expect(drawn.locator("g.step")).to_have_count(3)
    expect(drawn.locator("g.step", has_text="Case")).to_contain_text("100")
    steps = page.get_by_role("table", name="Steps", exact=True)
    expect(steps.get_by_role("row", name=re.compile("^Case"))).to_contain_text(f"{LOST}")
    ways = page.get_by_role("table", name="Ways", exact=True)
    expect(ways.get_by_role("row", name=re.compile("Order.*Case"))).to_contain_text("5 days")
    look_at(page, "lost-journeys")

    page.get_by_role("link", name="List these customers").click()
    page.wait_for_url("**/customers/?filter=segment.is:hibernating*")
    assert page.locator("tbody tr").count() >= LOST


def _as_if_large(site: Site) -> None:
    """As if there were so many contacts that a page does not work out by itself what is asked of another day."""
    with psycopg.connect(site.database) as connection:
        connection.execute(
            "update insight_snapshot set counts = counts || jsonb_build_object('touchpoints', 6600000)"
            " where id = (select max(id) from insight_snapshot where finished_at is not null)"
        )


def test_journeys_that_take_long_are_worked_out_by_the_worker_and_come_by_themselves(
    page: Page, no_js: Page, site: Site, sign_in: SignIn
) -> None:
    refresh(page, sign_in)
    sign_in(page, "Ada")
    day = date.today() - timedelta(days=1)
    waits = {"on": True}

    def not_yet(route: Route) -> None:
        polled = route.request.headers.get("hx-request") == "true"
        route.fulfill(status=304) if waits["on"] and polled else route.fallback()

    page.route("**/customer-journeys/**", not_yet)
    _as_if_large(site)
    page.goto(f"/customer-journeys/?as_of={day}")

    coming = page.get_by_role("status").filter(has_text=re.compile("^The journeys as of .* are being worked out"))
    expect(coming).to_contain_text("It appears here by itself.")
    expect(page.get_by_text("Reload this page in a moment.")).to_be_hidden()
    look_at(page, "journeys-coming")
    page.set_viewport_size(SMALLEST)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"]
    waits["on"] = False
    expect(page.get_by_role("group", name=re.compile(r"Process map of \d+ journeys"))).to_be_visible()
    expect(page.locator("#journeys-when")).to_contain_text("customers")
    expect(page.locator("main [data-poll]")).to_have_count(0)

    sign_in(no_js, "Ada")
    _as_if_large(site)
    no_js.goto(f"/customer-journeys/?as_of={day}&gap=30")
    assert "Reload this page in a moment." in no_js.content(), (
        "Chromium draws no noscript where scripts are off for a test"
    )
    drawn = no_js.get_by_role("group", name=re.compile(r"Process map of \d+ journeys"))
    for _again in range(300):  # the worker takes as long as the machine is busy
        if drawn.count():
            break
        no_js.wait_for_timeout(1000)
        no_js.reload()
    expect(drawn).to_be_visible()
