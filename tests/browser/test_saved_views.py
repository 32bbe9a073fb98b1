"""Views and columns of a list in a real browser: by keyboard, on a phone, without JavaScript, and while others change rows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, violations

SignIn = Callable[[Page, str], None]


def test_a_view_is_saved_and_opened_again_by_keyboard(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/?filter=kind.is:organization&sort=-name")
    count = page.locator("#list-count").inner_text()

    page.locator("#list-view summary").press("Enter")
    page.get_by_role("link", name="Save as a view …").press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("From the end")  # no letter of it is taken for a key
    assert violations(page) == []
    page.keyboard.press("Enter")

    tab = page.get_by_role("navigation", name="Views of this list").get_by_role("link", name="From the end")
    expect(tab).to_have_attribute("aria-current", "page")
    expect(page.locator("#list-count")).to_have_text(count)
    page.locator("#id_q").fill("zzzz")
    expect(page.locator("#list-view summary")).to_contain_text("From the end")
    tab.press("Enter")
    expect(page.locator("#list-count")).to_have_text(count)

    page.keyboard.press("Control+k")
    page.keyboard.type("from the")
    expect(page.locator(".palette")).to_contain_text("From the end")
    page.goto("/lists/customer/views/")
    assert violations(page) == []
    page.get_by_role("link", name="Change From the end").press("Enter")
    assert violations(page) == []
    page.get_by_role("button", name="Delete").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("link", name="From the end", exact=True)).to_be_visible()


def test_columns_are_chosen_and_moved_by_keyboard_on_a_phone_and_without_javascript(
    new_page: Callable[..., Page], sign_in: SignIn
) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    sign_in(page, "Ada")
    page.goto("/products/")
    page.locator("#list-view summary").press("Enter")
    page.get_by_role("link", name="Columns …").press("Enter")

    last = page.locator("[name=column]:checked").last
    name = last.get_attribute("value")
    page.locator(f"button[name=up][value={name}]").press("Enter")
    page.locator(f"select[name=width-{name}]").select_option("wide")
    page.get_by_role("button", name="Save", exact=True).last.press("Enter")

    expect(page.locator("#products th.width-wide")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_an_open_list_says_that_rows_have_changed_and_keeps_what_is_on_the_screen(
    new_page: Callable[..., Page], sign_in: SignIn
) -> None:
    page, other = new_page(), new_page()
    sign_in(page, "Ada")
    sign_in(other, "Ada")
    page.clock.install()
    page.goto("/customers/")
    head = page.locator("#customers tbody a.row-link, #customers tbody th a").first
    before, address = page.locator("#customers tbody td").all_inner_texts(), head.get_attribute("href")
    assert address is not None
    page.locator("#customers tbody .select input").nth(1).check()

    other.goto(f"{address}edit/")
    other.get_by_label("City").fill("Ultima Thule")
    other.get_by_role("button", name="Save").first.click()
    other.wait_for_url(f"**{address}*")
    page.clock.fast_forward(31_000)

    expect(page.locator("#list-changes")).to_contain_text("1 row has changed")
    assert page.locator("#customers tbody td").all_inner_texts() == before
    expect(page.locator("#customers tbody tr.changed")).to_have_count(1)
    expect(page.locator("#customers tbody .select input").nth(1)).to_be_checked()
    page.locator("#list-changes a").press("Enter")
    expect(page.locator("#customers tbody")).to_contain_text("Ultima Thule")
    expect(page.locator("#list-changes")).to_be_empty()
