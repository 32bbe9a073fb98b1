"""Segments in a real browser: built with a count beside it, kept, explained, without a mouse and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, violations

SignIn = Callable[[Page, str], None]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_segment_is_built_counted_kept_and_taken_back(
    new_page: Callable[..., Page], sign_in: SignIn, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    sign_in(page, "Ada")
    page.goto("/segments/")
    page.get_by_role("link", name="New segment").first.click()

    page.locator("#field-0-0").select_option(label="Contacts")
    expect(page.get_by_label("At least so many times")).to_be_visible()
    expect(page.locator("#builder-count")).to_contain_text(re.compile(r"fits?$"))
    page.get_by_label("At least so many times").fill("0")
    expect(page.locator("#builder-count")).to_contain_text("Not all of the conditions are whole yet.")
    page.get_by_label("At least so many times").fill("1")
    expect(page.locator("#builder-count")).to_contain_text(re.compile(r"fits?$"))
    assert not violations(page)
    page.get_by_label("At least so many times").press("Enter")

    expect(page).to_have_url(re.compile(r"/segments/keep/\?filter=contacts\.did:times%3D1$"))
    page.get_by_label("Name", exact=True).fill(f"Spoke with us {viewport['width']}")
    page.get_by_role("button", name="Save").click()

    expect(page).to_have_url(re.compile(r"/segments/[0-9a-f-]{36}/$"))
    expect(page.locator(".segment-words")).to_contain_text("Contacts – at least 1 time")
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.locator("[data-toast]").get_by_role("button", name="Undo").click()
    page.goto("/segments/")
    expect(page.get_by_role("link", name=f"Spoke with us {viewport['width']}")).to_have_count(0)
