"""Boards and calendars in a real browser: cards are moved by drag, key and menu, what is refused comes back, axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, violations

SignIn = Callable[[Page, str], None]


def make_customer(page: Page, name: str) -> str:
    """A customer of whoever is signed in; returns her address."""
    page.goto("/customers/new/")
    page.get_by_label("Name", exact=True).fill(name)
    page.locator("#new-customer").get_by_role("button", name="Add customer").first.click()
    page.wait_for_url("**/customers/*-*/*")
    return page.url


def column(page: Page, said: str) -> Locator:
    return page.locator(f'[data-column][data-said="{said}"]')


def on_board(page: Page, sign_in: SignIn, name: str) -> Locator:
    """A customer of Ada's, alone on the board by owner; returns her card."""
    sign_in(page, "Ada")
    make_customer(page, name)
    page.goto(f"/customers/?as=board&by=owner&q={name.split()[-1].lower()}")
    return page.locator(".board-card", has_text=name)


def test_a_card_goes_to_another_owner_by_key_by_drag_and_by_menu_and_back_by_undo(
    new_page: Callable[..., Page], sign_in: SignIn
) -> None:
    page = new_page()
    card = on_board(page, sign_in, "Wanda Waysworth")
    mine, beside = column(page, "Ada Ames"), page.locator("[data-column][data-takes]").nth(1)
    expect(mine.locator(".board-card")).to_have_count(1)
    assert violations(page) == []

    page.keyboard.press("j")
    expect(card.locator(".card-link")).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    expect(beside.locator(".board-card")).to_have_count(1)
    expect(card.locator(".card-link")).to_be_focused()
    expect(page.locator("#toasts")).to_contain_text("Wanda Waysworth: Owner is")
    expect(beside.locator(".count")).to_have_text("1")

    card.drag_to(mine)
    expect(mine.locator(".board-card")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("Owner is Ada")

    card.locator(".card-link").focus()
    page.keyboard.press("m")
    expect(page.locator("#move-dialog select")).to_be_focused()
    assert violations(page) == []
    page.locator("#move-dialog select").select_option(label="Bob Ames")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(column(page, "Bob Ames").locator(".board-card")).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("Owner is Bob")

    page.locator("#toasts [data-toast]").last.get_by_role("button", name="Undo").click()
    expect(mine.locator(".board-card")).to_have_count(1)


def test_a_card_that_is_selected_stays_so_where_it_goes_and_a_card_that_somebody_else_moved_stays_there(
    new_page: Callable[..., Page], sign_in: SignIn
) -> None:
    page = new_page()
    card = on_board(page, sign_in, "Selma Selectworth")
    mine, board = column(page, "Ada Ames"), page.url
    card.locator(".card-link").focus()
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1 selected")
    assert violations(page) == []
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "Alice Ames").locator(".board-card")).to_have_count(1)
    expect(column(page, "Alice Ames").locator(".count")).to_have_text("1")
    expect(card.get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Shift+ArrowLeft")
    expect(mine.locator(".board-card")).to_have_count(1)
    page.keyboard.press("a")
    expect(page.get_by_label("Owner")).to_be_focused()
    expect(page.locator("main")).to_contain_text("With 1 row")
    page.go_back()

    other = new_page()
    sign_in(other, "Ada")
    other.goto(board)
    other.locator(".card-link").focus()
    for name in ("Alice", "Bob"):
        other.keyboard.press("Shift+ArrowRight")
        expect(other.locator("#toasts")).to_contain_text(f"Owner is {name}")
    page.locator(".card-link").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#toasts")).to_contain_text("Somebody else changed this meanwhile")
    expect(column(page, "Bob Ames").locator(".board-card")).to_have_count(1)


def test_a_calendar_is_walked_by_keyboard_and_reads_on_a_phone_and_in_the_dark(
    new_page: Callable[..., Page], sign_in: SignIn
) -> None:
    page = new_page(color_scheme="dark")
    sign_in(page, "Ada")
    page.goto("/orders/?as=calendar&by=placed&day=2026-03-15#days")
    assert violations(page) == []
    expect(page.locator("#day-2026-03-15")).to_be_focused()

    page.keyboard.press("ArrowRight")
    expect(page.locator("#day-2026-03-16")).to_be_focused()
    page.keyboard.press("PageDown")
    expect(page.locator("#day-2026-04-15")).to_be_focused()
    page.keyboard.press("t")
    expect(page.locator("td.today")).to_be_focused()

    phone = new_page(viewport=PHONE)
    sign_in(phone, "Ada")
    for path in ("/orders/?as=calendar&by=placed", "/orders/?as=board&by=kind", "/products/?by=category"):
        phone.goto(path)
        assert violations(phone) == []
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    toggle = phone.locator(".group-toggle").first
    toggle.press("Space")
    expect(toggle).to_have_attribute("aria-expanded", "true")


def test_by_touch_cards_are_selected_by_their_box_and_moved_by_their_menu(
    new_page: Callable[..., Page], sign_in: SignIn
) -> None:
    phone = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    card = on_board(phone, sign_in, "Tara Touchworth")

    card.get_by_role("checkbox").tap()
    expect(phone.locator("[data-bulk-count]")).to_have_text("1 selected")
    assert violations(phone) == []
    card.get_by_role("checkbox").tap()
    expect(phone.locator("[data-bulk-bar]")).to_be_hidden()

    card.locator("[data-move]").tap()
    phone.locator("#move-dialog select").select_option(label="Bob Ames")
    phone.locator("#move-dialog").get_by_role("button", name="Move").tap()
    expect(column(phone, "Bob Ames").locator(".board-card")).to_have_count(1)
