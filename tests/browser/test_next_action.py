"""From the list of the valuable who are at risk to the reasons of one of them to the action taken, by keyboard alone."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, LOOKS, violations

SignIn = Callable[[Page, str], None]
_REFRESHED_WITHIN = 300.0
_AT_RISK = "/customers/?filter=segment.is:at_risk&filter=value.at_least:100"


def refresh(page: Page, sign_in: SignIn) -> None:
    """Until the numbers are there, and what follows from them: whom Alice has to call."""
    sign_in(page, "Ada")
    page.goto("/worth/")
    button = page.get_by_role("button", name="Refresh now")
    if button.count():  # it is missing while a refresh is under way
        button.last.click()
    sign_in(page, "Alice")
    give_up_at = time.monotonic() + _REFRESHED_WITHIN
    page.goto("/today/")
    while not page.get_by_role("heading", name="Most at stake among yours").count() and time.monotonic() < give_up_at:
        page.wait_for_timeout(1000)
        page.goto("/today/")


def look_at(page: Page, name: str) -> None:
    """In every look; pictures are kept where RAPPORT_PICTURES says."""
    pictures = os.environ.get("RAPPORT_PICTURES", "")
    for look, (scheme, viewport, rules) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        assert violations(page, rules) == [], f"{name}, {look}"
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], f"{name}, {look}"
        if pictures:
            page.screenshot(path=Path(pictures) / f"{name}-{look}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)


def test_from_the_list_to_the_reasons_to_the_action_taken_by_keyboard(page: Page, sign_in: SignIn) -> None:
    refresh(page, sign_in)
    expect(page.get_by_role("heading", name="Most at stake among yours")).to_be_visible()
    look_at(page, "today")

    page.goto(_AT_RISK)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    bar = page.locator("#next-action")
    expect(bar).to_contain_text("Call and win back: valuable and at risk.")
    expect(bar).to_contain_text("from 8 orders so far")
    bar.get_by_text("Why?").focus()
    page.keyboard.press("Enter")
    expect(bar.get_by_role("heading", name="What does not apply")).to_be_visible()
    look_at(page, "next-action")

    path = page.url
    page.keyboard.press("Escape")
    page.locator("body").press("w")
    page.wait_for_url("**/log/**")
    expect(page.locator("#toasts")).to_contain_text("Taken: Call and win back")
    expect(page.get_by_label("What was said or done")).to_have_value(re.compile("win back: valuable and at risk"))

    page.goto(path)
    expect(bar).not_to_contain_text("Start call")
    expect(bar.locator(".next-why")).to_contain_text("it is quiet until")
    page.locator("body").press("u")
    expect(page.locator("#next-action")).to_contain_text("Start call")

    not_now = bar.locator("summary", has_text="Not now")
    not_now.focus()
    page.keyboard.press("Enter")
    look_at(page, "not-now")
    bar.get_by_label("Why not").focus()
    page.keyboard.type("Spoke on Friday")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Not now: Call and win back")
    expect(page.locator("#next-action .next-why")).to_contain_text("“Spoke on Friday”")
