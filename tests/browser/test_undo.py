"""Undo in a real browser: the key `u`, the toast, and neither while typing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import violations
from tests.browser.site import Site

SignIn = Callable[[Page, str], None]


def test_u_undoes_what_was_done_last_and_stays_on_the_page(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    there = f"/customers/{site.world['customers']['Tomasz Wrona']}/"
    page.goto(there)
    page.keyboard.press("l")
    page.keyboard.type("u is a letter here, to be undone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").first).to_contain_text("to be undone")

    page.keyboard.press("Tab")
    page.keyboard.press("u")

    expect(page.locator("#toasts")).to_contain_text("Undone: Contact logged")
    expect(page.locator("#activity")).not_to_contain_text("to be undone")
    assert page.url.endswith(there)
    assert not violations(page)


def test_the_toast_of_a_new_task_takes_it_back(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/tasks/")
    page.get_by_label("What is to do").fill("Water the plants by toast")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Task added")

    page.locator("#toasts").get_by_role("button", name="Undo").last.click()

    expect(page.locator("#toasts")).to_contain_text("Undone: Task added")
    expect(page.locator("#content")).not_to_contain_text("Water the plants by toast")


def test_rows_that_lead_nowhere_are_walked_and_enter_goes_to_what_can_be_done(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/tasks/")
    page.get_by_label("What is to do").fill("Lie in the trash and come back")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Task added")
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(page.locator("#toasts")).to_contain_text("Undone: Task added")
    page.goto("/trash/")
    row = page.get_by_role("row", name="Lie in the trash and come back")
    rows = page.locator("table[data-rows] tbody tr")

    page.keyboard.press("j")
    expect(rows.first).to_be_focused()
    for _step in range(rows.count()):
        if "Lie in the trash" in page.evaluate("document.activeElement.textContent"):
            break
        page.keyboard.press("j")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name="Bring back")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("is back")
    page.goto("/changes/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*/")
    assert not violations(page)
