"""The process map of lost customers, chosen and read by keyboard in a real browser; what it shows stands in a table too."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

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
