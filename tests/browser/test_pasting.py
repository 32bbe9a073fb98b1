"""A block pasted into a list, and tags, by keyboard in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import violations

SignIn = Callable[[Page, str], None]
_COLUMN = "document.activeElement.closest('table').tHead.rows[0].cells[document.activeElement.cellIndex].dataset.column"
_PASTE = """text => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }));
}"""


def test_a_block_is_pasted_from_a_cell_on_looked_at_and_undone(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    for name in ("Pasteur Anton", "Pasteur Berta"):
        page.goto("/customers/new/")
        page.get_by_label("Name", exact=True).fill(name)
        page.locator("#new-customer").get_by_role("button", name="Add customer").first.click()
        page.wait_for_url("**/customers/*-*/*")
    page.locator(".tag-menu summary").press("Enter")
    page.locator("#tag-add").fill("Microbes")
    page.locator("#tag-add").press("Enter")
    expect(page.get_by_role("link", name="Microbes")).to_be_visible()
    assert violations(page) == []
    page.goto("/customers/?q=pasteur")
    expect(page.locator("#customers tbody .row-link")).to_have_count(2)

    page.locator("body").press("j")
    page.keyboard.press("c")
    expect(page.locator("#customers td.in-range, #customers th.in-range")).to_have_count(1)
    for _column in range(10):
        if page.evaluate(_COLUMN) == "city":
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("#customers .in-range")).to_have_count(2)
    page.evaluate(_PASTE, "Arbois")
    page.wait_for_url("**/paste/")
    assert violations(page) == []
    expect(page.get_by_role("button", name="Write 2 cells")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("Paste: 2 rows")
    page.goto("/customers/?q=pasteur&filter=city.is:Arbois")
    expect(page.locator("#customers tbody .row-link")).to_have_count(2)
    page.locator("body").press("u")
    expect(page.locator("#toasts")).to_contain_text("Undone")
    expect(page.get_by_text("Nobody found")).to_be_visible()
