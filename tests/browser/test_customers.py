"""A customer in a real browser: found, explained, called; with the keyboard alone, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, violations
from tests.browser.site import Site

SignIn = Callable[[Page, str], None]


def test_a_call_is_logged_with_the_keyboard_alone(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/")

    page.keyboard.press("/")
    page.keyboard.type("wrona")
    expect(page.locator("#customers tbody tr")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.locator("body").press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{site.world['customers']['Tomasz Wrona']}/")

    page.keyboard.press("l")
    expect(page.get_by_label("What was said or done")).to_be_focused()
    page.keyboard.type("Called by keyboard, wants a quote")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("Call logged.")
    expect(page.get_by_role("article").first).to_contain_text("Called by keyboard, wants a quote")
    expect(page.get_by_label("What was said or done")).to_have_value("")


def test_who_stands_on_a_row_stays_there_when_the_list_is_fetched_anew(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/?q=wrona")
    page.locator("body").press("j")
    row = page.get_by_role("link", name="Tomasz Wrona", exact=True)
    expect(row).to_be_focused()
    before = row.element_handle()

    with page.expect_response("**/customers/?q=wrona*"):
        page.evaluate("htmx.trigger('form[role=search].list-search', 'submit')")

    page.wait_for_function("old => !old.isConnected", arg=before)
    expect(row).to_be_focused()


def test_each_value_opens_the_story_of_its_source(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/?q=wrona")
    page.get_by_role("link", name="Tomasz Wrona", exact=True).click()

    origin = page.get_by_label("Where E-mail comes from: Web shop")
    origin.focus()
    page.keyboard.press("Enter")

    story = page.locator(".origin[open] .origin-story")
    expect(story).to_contain_text("customer1@example.com")
    expect(story).to_contain_text("The only source that says it")
    assert not violations(page)
    page.keyboard.press("Escape")
    expect(story).to_be_hidden()
    expect(origin).to_be_focused()


def test_the_same_works_without_javascript(no_js: Page, sign_in: SignIn) -> None:
    sign_in(no_js, "Ada")
    no_js.goto("/customers/")
    no_js.get_by_role("searchbox").fill("okafor")
    no_js.keyboard.press("Enter")
    expect(no_js.locator("#customers tbody tr")).to_have_count(1)
    no_js.get_by_role("link", name="Grace Okafor").click()

    no_js.get_by_label("Where E-mail comes from: Web shop").click()
    expect(no_js.locator(".origin[open]")).to_contain_text("The only source that says it")

    no_js.get_by_label("Kind", exact=True).select_option("visit")
    no_js.get_by_label("What was said or done").fill("Saw the shop without scripts")
    no_js.get_by_role("button", name="Save").click()
    expect(no_js.get_by_role("article").first).to_contain_text("Saw the shop without scripts")
    expect(no_js.locator("#toasts")).to_contain_text("Visit logged.")


def test_load_more_appends_rows_and_works_as_a_link(page: Page, no_js: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/")
    all_of_them = int(page.locator("#list-count").inner_text())
    page.get_by_role("link", name="Load more").click()
    expect(page.locator("#customers tbody .row-link")).to_have_count(all_of_them)
    expect(page.get_by_role("link", name="Load more")).to_have_count(0)

    sign_in(no_js, "Ada")
    no_js.goto("/customers/")
    no_js.get_by_role("link", name="Load more").click()
    expect(no_js.locator("#customers tbody .row-link")).to_have_count(all_of_them - 50)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_filter_is_chosen_from_the_menu_and_taken_away(
    new_page: Callable[..., Page], sign_in: SignIn, scripts: bool
) -> None:
    page = new_page(java_script_enabled=scripts)
    sign_in(page, "Ada")
    page.goto("/customers/")

    page.locator(".filter-menu > summary").click()
    page.locator(".filter-field > summary", has_text=re.compile("^City$")).click()
    page.locator("#filter-city-value").fill("kraków")
    page.locator(".filter-field[open]").get_by_role("button", name="Apply").click()

    expect(page).to_have_url(re.compile(r"filter=city\.is:krak"))
    expect(page.locator("#customers tbody tr").first).to_contain_text("Kraków")
    page.get_by_role("link", name="Remove the filter City").click()
    expect(page).to_have_url(re.compile(r"/customers/$"))


def test_two_who_edit_at_once_see_both_values(new_page: Callable[..., Page], sign_in: SignIn, site: Site) -> None:
    url = f"/customers/{site.world['customers']['Tomasz Wrona']}/edit/"
    first, second = new_page(), new_page()
    sign_in(first, "Ada")
    sign_in(second, "Bob")
    first.goto(url)
    second.goto(url)
    first.get_by_label("Job title").fill("Baker")
    first.get_by_role("button", name="Save").click()
    expect(first.locator("#toasts")).to_contain_text("Saved.")

    second.get_by_label("Job title").fill("Miller")
    second.get_by_role("button", name="Save").click()

    expect(second.get_by_role("alert")).to_contain_text("Somebody else saved this customer")
    expect(second.get_by_role("row", name="Job title")).to_contain_text("Baker")
    second.get_by_role("button", name="Save").click()
    expect(second.locator("#toasts")).to_contain_text("Saved.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_things_are_open_or_wrong(
    new_page: Callable[..., Page], sign_in: SignIn, site: Site, scheme: str
) -> None:
    page = new_page(color_scheme=scheme)
    sign_in(page, "Ada")
    page.goto("/customers/?filter=city.is:Lagos&filter=kind.is:person&sort=-name")
    page.locator(".filter-menu > summary").click()
    page.locator(".filter-field > summary").first.click()
    assert not violations(page)

    page.goto("/customers/new/")
    page.get_by_label("City").fill("Lagos")
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert not violations(page)

    for path in (f"/customers/{site.world['customers']['Ana Beatriz Souza']}/?tab=orders", "/orders/", "/products/"):
        page.goto(path)
        assert not violations(page)
        page.locator("th .row-link").first.click()
        page.wait_for_load_state()
        assert not violations(page)


@pytest.mark.parametrize("path", ["/customers/", "/orders/", "/products/", "/customers/new/"])
def test_pages_fit_a_phone(path: str, new_page: Callable[..., Page], sign_in: SignIn) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, "Ada")
    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_search_stands_in_the_address_and_going_back_leaves_it(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/")
    page.get_by_role("searchbox").fill("okafor")
    expect(page).to_have_url(re.compile(r"q=okafor"))
    expect(page.locator("#list-count")).to_have_text("1")

    page.go_back()

    expect(page).to_have_url(re.compile(r"/customers/$"))
    expect(page.get_by_role("searchbox")).to_be_visible()
    expect(page.locator("#customers tbody tr")).to_have_count(50)
