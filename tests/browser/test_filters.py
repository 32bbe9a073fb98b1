"""The filter builder in a real browser: by keyboard, without JavaScript, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, violations

SignIn = Callable[[Page, str], None]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_filter_of_several_conditions_is_built(
    new_page: Callable[..., Page], sign_in: SignIn, scripts: bool, viewport: dict[str, int]
) -> None:
    page = new_page(java_script_enabled=scripts, viewport=viewport)
    sign_in(page, "Ada")
    page.goto("/customers/")
    page.locator(".filter-menu > summary").click()
    page.get_by_role("link", name="Several conditions").click()

    choose(page, "0-0", "City", scripts=scripts)
    page.locator("#value-0-0-0").fill("kraków")
    page.get_by_role("button", name="Add a condition").click()
    choose(page, "0-1", "Added", scripts=scripts)
    page.locator("#operator-0-1").select_option("in_last")
    show(page, "0-1", scripts=scripts)
    page.locator("#value-0-1-0").fill("soon")
    page.get_by_role("button", name="Apply").last.click()
    expect(page.locator("#error-0-1")).to_contain_text("is not a value for “Added”")
    if scripts:
        assert not violations(page)

    page.locator("#value-0-1-0").fill("9000")
    page.get_by_role("button", name="Apply").last.click()

    expect(page).to_have_url(re.compile(r"/customers/\?filter=city\.is:krak.*&filter=created\.in_last:9000_days"))
    expect(page.locator("#customers tbody tr").first).to_be_visible()
    expect(page.locator(".pill").last).to_contain_text("Added in the last 9000 days")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_filter_is_built_by_the_keyboard_alone(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/lists/customer/filter/")
    expect(page.locator("#field-0-0")).to_be_focused()

    page.keyboard.type("Cit")
    expect(page.get_by_label("How to compare City")).to_be_visible()
    expect(page.locator("#field-0-0")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#value-0-0-0")).to_be_focused()
    page.keyboard.type("Lagos")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/customers/\?filter=city\.is:Lagos$"))


def test_a_list_of_fields_that_is_typed_into_is_not_replaced_by_the_answer(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/lists/customer/filter/")
    expect(page.locator("#field-0-0")).to_be_focused()
    page.evaluate("document.activeElement.typedInto = true")

    page.keyboard.press("c")
    expect(page.locator("#operator-0-0")).to_be_visible()

    assert page.evaluate("document.activeElement.typedInto")


def test_what_is_chosen_before_the_page_can_answer_is_answered_once_it_can(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    waiting: list[Route] = []
    page.route("**/htmx-2.min*.js", lambda route: waiting.append(route))
    page.goto("/lists/customer/filter/", wait_until="commit")

    page.locator("#field-0-0").select_option(label="City")
    waiting[0].continue_()

    expect(page.get_by_label("How to compare City")).to_be_visible()
    expect(page.locator("#field-0-0")).to_have_value("city")


def test_what_a_choice_asks_for_is_counted_also_where_it_comes_after_the_count(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    waiting: list[Route] = []
    page.goto("/lists/customer/filter/")
    page.route("**/lists/customer/filter/?*", lambda route: waiting.append(route))

    page.locator("#field-0-0").select_option(label="Contacts")
    expect(page.locator("#builder-count")).to_have_text("Not all of the conditions are whole yet.")
    waiting[0].continue_()

    expect(page.get_by_label("At least so many times")).to_be_visible()
    expect(page.locator("#builder-count")).to_contain_text(re.compile(r"fits?$"))


def choose(page: Page, place: str, field: str, *, scripts: bool) -> None:
    page.locator(f"#field-{place}").select_option(label=field)
    show(page, place, scripts=scripts)
    expect(page.locator(f"#operator-{place}")).to_be_visible()


def show(page: Page, place: str, *, scripts: bool) -> None:
    """With scripts a choice shows by itself what it asks for."""
    if scripts:
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
    else:
        page.locator(f"#show-{place}").click()
