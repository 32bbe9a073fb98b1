"""Acting on many rows in a real browser: by keyboard, across pages, on a phone, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, violations

SignIn = Callable[[Page, str], None]


def test_rows_are_selected_assigned_and_undone_by_keyboard(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/?filter=owner.is:me")
    mine = page.locator("#list-count").inner_text()
    page.goto("/customers/?sort=-name")

    page.locator("body").press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("2 selected")
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Assign owner")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/selected/runs/**")
    assert violations(page) == []
    page.get_by_label("Owner").select_option(label="Ada Ames")
    page.get_by_role("button", name="Assign owner").press("Enter")
    page.wait_for_url("**/customers/**")
    expect(page.locator("#toasts")).to_contain_text("Assign owner: 2 rows")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#bulk .chip")).to_have_text("Undone")
    assert violations(page) == []
    _say_that_it_is_under_way(page)
    page.locator("#bulk").evaluate('bulk => bulk.dispatchEvent(new CustomEvent("rapport:replaced", { bubbles: true }))')
    expect(page.locator("#toasts [data-passing]")).to_have_count(0)
    expect(page.locator("#live")).to_have_text("Undone: 2 of 2 rows")

    page.goto("/customers/?filter=owner.is:me")
    expect(page.locator("#list-count")).to_have_text(mine)


def _say_that_it_is_under_way(page: Page) -> None:
    template = "document.getElementById('toast-failed').content.firstElementChild.cloneNode(true)"
    page.evaluate(f"toasts.append(Object.assign({template}, {{ className: 'toast' }}))")
    page.locator("#toasts .toast").last.evaluate("toast => { toast.dataset.passing = ''; }")
    expect(page.locator("#toasts [data-passing]")).to_have_count(1)


def test_all_that_fit_are_those_of_the_other_pages_too(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/")
    boxes = page.locator("#customers tbody .select input")

    page.get_by_label("Select all rows").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("50 selected")
    page.get_by_label("that fit").check()
    expect(page.locator("[data-bulk-count]")).to_contain_text("All")
    assert violations(page) == []
    boxes.nth(3).uncheck()
    expect(page.get_by_label("that fit")).not_to_be_checked()
    expect(page.locator("[data-bulk-count]")).to_have_text("49 selected")
    page.keyboard.press("Escape")
    expect(page.locator("[data-bulk-bar]")).to_be_hidden()

    boxes.nth(0).check()
    page.get_by_label("that fit").check()
    page.get_by_role("button", name="Assign owner").click()
    expect(page.locator(".page-title")).not_to_contain_text("50 rows")


def test_rows_are_assigned_without_javascript(no_js: Page, sign_in: SignIn) -> None:
    sign_in(no_js, "Ada")
    no_js.goto("/customers/?sort=-name")

    no_js.locator("#customers tbody .select input").first.check()
    no_js.get_by_role("button", name="Assign owner").click()
    expect(no_js.locator("main")).to_contain_text("With 1 row")
    no_js.get_by_label("Owner").select_option(label="Bob Ames")
    no_js.get_by_role("button", name="Assign owner").click()

    expect(no_js.locator("#toasts")).to_contain_text("Assign owner: 1 row")


def test_two_customers_are_brought_to_the_page_that_merges(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/")
    boxes = page.locator("#customers tbody .select input")

    boxes.nth(10).check()
    boxes.nth(11).check()
    page.get_by_role("button", name="Merge").click()

    expect(page.get_by_role("button", name="Make them one customer")).to_be_visible()


def test_the_bar_is_one_line_and_its_later_acts_stand_in_a_menu(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/customers/")
    bar, more = page.locator("[data-bulk-bar]"), page.locator("[data-bulk-bar] summary")
    export = bar.get_by_role("button", name="Export")

    page.get_by_label("Select all rows").check()
    page.get_by_label("that fit").check()
    places = [each.bounding_box() for each in (*bar.locator(":scope > button").all(), more)]
    assert len({round(place["y"] + place["height"] / 2) for place in places if place}) == 1
    expect(export).to_be_hidden()
    more.press("Enter")
    expect(export).to_be_in_viewport(ratio=1)
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(export).to_be_hidden()
    expect(more).to_be_focused()
    expect(bar).to_be_visible()
    more.press("Enter")
    export.press("Enter")

    page.wait_for_url("**/exports/new/**")


def test_on_a_phone_the_bar_stands_within_the_page(new_page: Callable[..., Page], sign_in: SignIn) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, "Ada")
    page.goto("/customers/")

    page.locator("#customers tbody .select input").first.check()

    bar = page.locator("[data-bulk-bar]").bounding_box()
    assert bar is not None
    assert bar["x"] >= 0
    assert bar["x"] + bar["width"] <= PHONE["width"]
    assert violations(page) == []
