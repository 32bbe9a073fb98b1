"""Tasks, comments and files in a real browser: by keyboard, by drop, on a phone, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SMALLEST, violations
from tests.browser.site import Site

SignIn = Callable[[Page, str], None]

_DROP = """async ([selector, files]) => {
    const carried = new DataTransfer();
    for (const [name, text] of files) carried.items.add(new File([text], name));
    const form = document.querySelector(selector);
    for (const kind of ["dragenter", "dragover", "drop"]) {
        form.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
    }
}"""


def customer_path(site: Site, name: str) -> str:
    return f"/customers/{site.world['customers'][name]}/"


def test_tasks_are_added_and_done_with_the_keyboard_alone(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Rita")
    page.goto("/tasks/")
    expect(page.get_by_placeholder("Add a task; @name gives it to somebody")).to_have_count(0)
    sign_in(page, "Ada")
    page.goto("/tasks/")
    for title in ("Keyboard task one", "Keyboard task two", "Keyboard task three"):
        page.locator("body").press("n")
        expect(page.get_by_label("What is to do")).to_be_focused()
        page.get_by_label("What is to do").fill(title)
        page.keyboard.press("Enter")
        expect(page.locator("#task-list")).to_contain_text(title)

    page.get_by_role("link", name="Keyboard task two").focus()
    page.keyboard.press("d")

    expect(page.locator("#toasts")).to_contain_text("Done: Keyboard task two")
    expect(page.get_by_role("link", name="Keyboard task two")).to_have_count(0)
    expect(page.locator("#task-list .row-link:focus")).to_have_count(1)
    page.keyboard.press("F8")
    expect(page.locator("#toasts form button").last).to_have_text("Undo")
    page.locator("#toasts form button").last.press("Enter")
    expect(page.get_by_role("link", name="Keyboard task two")).to_be_visible()
    assert not violations(page)
    page.get_by_role("link", name="Keyboard task two").click()
    expect(page.get_by_role("heading", name="Keyboard task two")).to_be_visible()
    assert not violations(page)
    page.locator("body").press("e")
    expect(page.get_by_label("Due on")).to_be_visible()
    assert not violations(page)
    page.set_viewport_size(SMALLEST)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_next_is_added_and_done_on_the_customer_page(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto(customer_path(site, "Tomasz Wrona"))

    page.locator("body").press("t")
    expect(page.locator("#task-title")).to_be_focused()
    page.keyboard.type("Send the samples")
    page.keyboard.press("Enter")
    expect(page.locator("#next-steps")).to_contain_text("Send the samples")
    page.get_by_role("button", name="Mark as done: Send the samples").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("Done: Send the samples")
    expect(page.locator("#next-steps")).not_to_contain_text("Send the samples")


def test_files_are_dropped_and_a_script_among_them_never_runs(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto(customer_path(site, "Grace Okafor") + "?tab=files")
    evil = "<!doctype html><script>document.title='pwned'</script>"

    page.evaluate(_DROP, [".drop", [["offer.txt", "an offer"], ["evil.html", evil], ["evil.svg", evil]]])

    expect(page.locator("#toasts")).to_contain_text("3 files added.")
    link = page.get_by_role("link", name="evil.html", exact=True)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "evil.html"
    assert "pwned" not in page.title()
    assert not violations(page)
    page.get_by_role("button", name="Put into the trash: offer.txt").click()
    expect(page.locator("#toasts")).to_contain_text("offer.txt is in the trash.")
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(page.get_by_role("link", name="offer.txt", exact=True)).to_be_visible()


def test_a_comment_is_written_and_read_on_a_phone(new_page: Any, sign_in: SignIn, site: Site) -> None:
    phone = new_page(viewport=PHONE, color_scheme="dark")
    sign_in(phone, "Ada")
    phone.goto(customer_path(site, "Grace Okafor") + "?tab=comments")

    phone.evaluate("window.isTheSamePage = true")
    phone.locator("#comment-text").fill("Ask @Bob first.\nThen https://example.com/<b>x</b>")
    phone.get_by_role("button", name="Comment", exact=True).click()

    expect(phone.locator(".mention")).to_have_text("@Bob")
    expect(phone.locator("#comment-text")).to_have_value("")
    phone.locator("#comment-text").fill("One more")
    phone.get_by_role("button", name="Comment", exact=True).press("Enter")
    expect(phone.locator(".comment .written").last).to_have_text("One more")
    phone.locator("#comment-text").fill("Not yet said")
    phone.locator(".comment", has_text="One more").get_by_role("button", name="Put into the trash").click()
    expect(phone.locator(".comment", has_text="One more")).to_have_count(0)
    expect(phone.locator("#comment-text")).to_have_value("Not yet said")
    assert phone.evaluate("window.isTheSamePage")
    expect(phone.locator(".comment .written")).to_contain_text("<b>x</b>")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not violations(phone)


@pytest.mark.parametrize("tab", ["comments", "files"])
def test_the_same_works_without_javascript(no_js: Page, sign_in: SignIn, site: Site, tab: str) -> None:
    sign_in(no_js, "Ada")
    no_js.goto(customer_path(site, "Grace Okafor") + f"?tab={tab}")

    if tab == "comments":
        no_js.locator("#comment-text").fill("Said without scripts")
        no_js.get_by_role("button", name="Comment", exact=True).click()
        expect(no_js.locator(".comment-list")).to_contain_text("Said without scripts")
    else:
        file = {"name": "plain.txt", "mimeType": "text/plain", "buffer": b"plain"}
        no_js.locator("#files-input").set_input_files([file])  # type: ignore[list-item]
        no_js.get_by_role("button", name="Send").click()
        expect(no_js.get_by_role("link", name="plain.txt", exact=True)).to_be_visible()
    no_js.locator("#task-title").fill(f"From the {tab}")
    no_js.get_by_role("button", name="Add", exact=True).click()
    no_js.get_by_role("button", name=f"Mark as done: From the {tab}").click()
    expect(no_js.locator("#next-steps")).not_to_contain_text(f"From the {tab}")
