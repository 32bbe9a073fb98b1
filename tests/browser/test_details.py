"""A customer's values changed in their place and looked at beside the list, in a real browser and with the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import violations

SignIn = Callable[[Page, str], None]


def test_a_value_is_changed_in_place_with_the_keyboard_alone(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/?q=wrona")
    page.get_by_role("link", name="Tomasz Wrona", exact=True).click()

    change = page.get_by_role("link", name="Change Name")
    change.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Name", exact=True)
    expect(field).to_be_focused()
    assert not violations(page)
    page.keyboard.type("Nobody")
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(change).to_be_focused()

    page.keyboard.press("Enter")
    expect(field).to_have_value("Tomasz Wrona")
    field.fill("Tomasz W. Wrona")
    page.keyboard.press("Enter")

    expect(change).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tomasz W. Wrona")
    story = page.get_by_label("Where Name comes from: Staff")
    story.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show what other sources say").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tomasz Wrona")
    expect(page.locator("#toasts")).to_contain_text("Name is what other sources say again.")


def test_escape_within_a_composed_word_keeps_the_form(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/?q=okafor")
    page.get_by_role("link", name="Grace Okafor", exact=True).click()
    page.get_by_role("link", name="Change Name").click()
    field = page.get_by_label("Name", exact=True)
    expect(field).to_be_focused()

    field.dispatch_event("keydown", {"key": "Escape", "isComposing": True, "bubbles": True})
    page.wait_for_timeout(300)

    expect(field).to_be_visible()


def test_customers_are_looked_at_beside_the_list(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/")
    names = page.locator("#customers .row-link").all_inner_texts()
    panel = page.get_by_role("complementary", name="Beside the list")

    page.locator("body").press("j")
    page.keyboard.press("p")
    expect(panel.get_by_role("heading", level=2)).to_have_text(names[0])
    expect(page.locator("#customers .row-link").first).to_be_focused()
    page.keyboard.press("j")
    expect(panel.get_by_role("heading", level=2)).to_have_text(names[1])
    assert re.search(r"peek=customers/[0-9a-f-]{36}$", page.url)
    assert not violations(page)

    page.reload()
    expect(panel.get_by_role("heading", level=2)).to_have_text(names[1])
    panel.get_by_role("button", name="Next").click()
    expect(panel.get_by_role("heading", level=2)).to_have_text(names[2])
    page.keyboard.press("k")
    expect(panel.get_by_role("heading", level=2)).to_have_text(names[1])
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("#customers .row-link").nth(1)).to_be_focused()
    assert "peek" not in page.url


def test_the_list_goes_on_by_itself_under_the_panel(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/")
    rows = page.locator("#customers .row-link")
    expect(rows).to_have_count(50)
    rows.last.focus()
    page.keyboard.press("p")
    panel = page.get_by_role("complementary", name="Beside the list")
    expect(panel.get_by_role("heading", level=2)).to_have_text(rows.nth(49).inner_text())

    panel.get_by_role("button", name="Next").click()

    expect(rows).to_have_count(60)
    expect(panel.get_by_role("heading", level=2)).to_have_text(rows.nth(50).inner_text())


def test_without_scripts_a_value_is_changed_on_the_whole_page(no_js: Page, sign_in: SignIn) -> None:
    sign_in(no_js, "Ada")
    no_js.goto("/customers/?q=okafor")
    no_js.get_by_role("link", name="Grace Okafor", exact=True).click()

    no_js.get_by_role("link", name="Change Address").click()
    no_js.get_by_label("City", exact=True).fill("Ibadan")
    no_js.get_by_role("button", name="Save").first.click()

    expect(no_js.locator("#details")).to_contain_text("Ibadan")
    expect(no_js.locator(".peek")).to_be_hidden()
