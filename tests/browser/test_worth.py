"""From the matrix to the list in a real browser, with JavaScript and without, in light and dark."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SMALLEST, violations

SignIn = Callable[[Page, str], None]
_REFRESHED_WITHIN = 300.0


@pytest.fixture
def worth(sign_in: SignIn) -> Callable[..., Page]:
    """The worth page with numbers on it: asks for a refresh where there was none, and looks again until it is done."""

    def open_worth(page: Page, name: str = "Ada", query: str = "") -> Page:
        sign_in(page, name)
        page.goto(f"/worth/{query}")
        refresh = page.get_by_role("button", name="Refresh now").last
        if (
            page.get_by_role("heading", name="No numbers yet").count() and refresh.count()
        ):  # none while it is being done
            refresh.click()
        give_up_at = time.monotonic() + _REFRESHED_WITHIN
        while not page.get_by_role("heading", name="RFM groups").count() and time.monotonic() < give_up_at:
            page.wait_for_timeout(500)
            page.goto(f"/worth/{query}")
        return page

    return open_worth


def _drill(page: Page) -> None:
    cell = page.locator(".matrix td a").first
    shown = int(cell.locator("b").inner_text())
    recency, frequency = re.findall(r"_band\.is:(\d)", cell.get_attribute("href") or "")
    cell.click()

    page.wait_for_url("**/customers/?*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")
    assert f"filter=recency_band.is:{recency}&filter=frequency_band.is:{frequency}" in page.url
    expect(page.locator("tbody tr")).to_have_count(shown)


def test_a_cell_of_the_matrix_leads_to_the_list_of_its_customers(page: Page, worth: Callable[..., Page]) -> None:
    _drill(worth(page))


def test_the_matrix_leads_to_the_list_without_javascript(no_js: Page, worth: Callable[..., Page]) -> None:
    _drill(worth(no_js))


def test_another_day_is_asked_for_with_a_form_that_needs_no_javascript(no_js: Page, worth: Callable[..., Page]) -> None:
    page = worth(no_js)
    before = page.get_by_label("Compare with").input_value()
    page.get_by_label("As of").fill(before)
    page.get_by_label("Compare with").fill("2020-01-01")
    page.get_by_role("button", name="Show").click()

    assert f"as_of={before}" in page.url
    expect(page.get_by_text("Who is in a cell can be listed as of")).to_be_visible()
    expect(page.locator(".matrix td a")).to_have_count(0)


def test_new_numbers_appear_by_themselves_but_never_over_a_day_being_typed(
    page: Page, worth: Callable[..., Page]
) -> None:
    worth(page).get_by_role("button", name="Refresh now").click()
    page.wait_for_load_state()
    page.get_by_label("As of").fill("2020-01-31")
    page.get_by_label("As of").blur()
    page.wait_for_timeout(2500)
    expect(page.get_by_label("As of")).to_have_value("2020-01-31")
    page.reload()

    expect(page.locator("main [data-poll]")).to_have_count(0, timeout=_REFRESHED_WITHIN * 1000)
    expect(page.get_by_text("The numbers are being refreshed. This page")).to_have_count(0)
    expect(page.get_by_role("heading", name="RFM groups")).to_be_visible()


def test_a_segment_leads_to_its_customers(page: Page, worth: Callable[..., Page]) -> None:
    chip = worth(page).get_by_role("table", name="RFM groups").get_by_role("link").first
    name = chip.inner_text()
    chip.click()

    page.wait_for_url("**/customers/?filter=segment.is:*")
    expect(page.locator("tbody .chip", has_text=name).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_worth_page(
    new_page: Callable[..., Page], worth: Callable[..., Page], scheme: str
) -> None:
    assert violations(worth(new_page(color_scheme=scheme))) == []


def test_the_worth_page_fits_320_pixels(new_page: Callable[..., Page], worth: Callable[..., Page]) -> None:
    page = worth(new_page(viewport=SMALLEST))

    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"]
