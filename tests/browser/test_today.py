"""A day by keyboard alone: naming a colleague, following, the inbox, logging in one line, and putting off."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import SMALLEST, violations
from tests.browser.site import Site
from tests.browser.test_work import customer_path

SignIn = Callable[[Page, str], None]


def test_a_colleague_is_named_by_keyboard_and_told(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto(customer_path(site, "Emil Bakker") + "?tab=comments")
    page.locator("#comment-text").focus()
    page.keyboard.type("Ask @bo")
    expect(page.get_by_role("option", name="Bob Ames")).to_be_visible()
    assert not violations(page)

    page.keyboard.press("Enter")
    expect(page.locator("#comment-text")).to_have_value("Ask @Bob Ames ")
    page.keyboard.type("please")
    page.get_by_role("button", name="Comment", exact=True).press("Enter")
    expect(page.locator(".mention").last).to_have_text("@Bob Ames")

    sign_in(page, "Bob")
    page.goto("/tasks/")
    expect(page.locator(".menu-count")).to_contain_text("unread")
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Notifications")).to_be_visible()
    expect(page.locator("table")).to_contain_text("mentioned you: Ask @Bob Ames please")
    assert not violations(page)
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator("#content")).to_contain_text("Nothing here")


def test_a_line_logs_a_call_and_a_task_after_one_key(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto(customer_path(site, "Emil Bakker"))

    page.locator("body").press("l")
    page.keyboard.type("called, wants a sample box, tomorrow 3pm")
    expect(page.locator("#log-preview")).to_contain_text("wants a sample box")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("Logged, and a task added, due tomorrow 15:00.")
    expect(page.locator(".timeline")).to_contain_text("called, wants a sample box, tomorrow 3pm")


def test_a_task_is_put_off_and_a_record_followed_by_a_key(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto(customer_path(site, "Emil Bakker"))
    page.locator("body").press("l")
    page.keyboard.type("called, send the list, today")
    expect(page.locator("#log-preview")).to_contain_text("send the list")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Logged, and a task added")
    page.goto("/today/")
    expect(page.get_by_role("link", name="send the list")).to_be_visible()
    assert not violations(page)

    page.get_by_role("link", name="send the list").focus()
    page.keyboard.press("s")

    expect(page.locator("#toasts")).to_contain_text("Put off until")
    expect(page.get_by_role("link", name="send the list")).to_have_count(0)
    page.set_viewport_size(SMALLEST)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(customer_path(site, "Emil Bakker"))
    follow = page.get_by_role("button", name=re.compile("^Follow"))
    before = follow.get_attribute("aria-pressed")
    page.locator("body").press("f")
    expect(page.locator("#toasts")).to_contain_text("You are told")
    expect(follow).not_to_have_attribute("aria-pressed", before or "")


def test_the_search_box_logs_with_the_customer_whose_page_is_open(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto(customer_path(site, "Emil Bakker"))

    page.keyboard.press("Control+k")
    page.keyboard.type("called, wants a visit, in 2 days")
    expect(page.get_by_role("option", name=re.compile("Log with Emil Bakker"))).to_be_visible()
    page.keyboard.press("Enter")

    expect(page.get_by_label("What is to do")).to_have_value("wants a visit")
    assert not violations(page)
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#next-steps")).to_contain_text("wants a visit")


def test_a_line_that_names_nobody_asks_at_once_with_whom(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/orders/")

    page.keyboard.press("Control+k")
    page.keyboard.type("called, wants a visit, in 2 days")
    expect(page.get_by_role("option", name=re.compile("Log a contact"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("With whom")).to_be_focused()
    page.keyboard.type("bakker")
    page.keyboard.press("Enter")
    choices = page.get_by_role("list").filter(has=page.get_by_role("link", name="Emil Bakker")).get_by_role("link")
    expect(page.get_by_label("What is to do").or_(choices.first)).to_be_visible()
    if "whom" in page.url:
        expect(choices.first).to_be_focused()
        page.keyboard.press("Enter")

    expect(page.get_by_label("What is to do")).to_have_value("wants a visit")
    assert not violations(page)


def test_without_javascript_what_follows_is_shown_before_it_is_kept(no_js: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(no_js, "Ada")
    no_js.goto(customer_path(site, "Emil Bakker"))

    no_js.locator("#log-text").fill("called, wants a leaflet, tomorrow")
    no_js.locator(".quick-log").get_by_role("button", name="Save").click()
    expect(no_js.get_by_label("What is to do")).to_have_value("wants a leaflet")
    no_js.get_by_role("button", name="Save").click()

    expect(no_js.locator("#next-steps")).to_contain_text("wants a leaflet")
