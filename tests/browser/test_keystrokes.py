"""A day's stories by keyboard alone: the keystrokes are counted here, the seconds written where RAPPORT_STORIES says.

`python -m bench stories` prints both.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import violations
from tests.browser.site import Site
from tests.browser.test_work import customer_path

LONG = 300_000  # ms, for an act on ten thousand rows on a busy machine
TABS_TO_THE_JOB_TITLE = 8  # each field before it has a value and a box that empties it
SignIn = Callable[[Page, str], None]
SIGNATURE = """Best regards,

Hanna Keystroke
Head of buying at Windmill Keys B.V.
M +31 6 1234 5678 | T +31 20 555 01 42
hanna@windmill-keys.example
Molenpad 7, 1015 CJ Amsterdam
"""


class Keys:
    """A keyboard that counts: shortcuts, and apart from them what is written."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.count = 0

    def press(self, key: str) -> None:
        self.count += 1
        self._page.keyboard.press(key)

    def write(self, text: str) -> None:
        self._page.keyboard.insert_text(text)


@contextmanager
def story(page: Page, name: str, *, keystrokes: int) -> Iterator[Keys]:
    """From the first key to what it led to; more or other keystrokes than these are a fault."""
    keys, began = Keys(page), time.monotonic()
    yield keys
    seconds = time.monotonic() - began
    assert keys.count == keystrokes, name
    if log := os.environ.get("RAPPORT_STORIES"):
        line = {"story": name, "keystrokes": keys.count, "seconds": round(seconds, 2)}
        with Path(log).open("a") as file:
            file.write(json.dumps(line) + "\n")


def test_a_call_is_logged_after_one_key_on_a_page_and_two_in_a_list(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto(customer_path(site, "Petra Alvarez"))
    page.wait_for_load_state("networkidle")
    with story(page, "log a call on the customer's page", keystrokes=2) as keys:
        keys.press("l")
        keys.write("Called about the keystrokes")
        keys.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("Call logged.")

    page.goto("/customers/?q=petra+alvarez")
    page.wait_for_load_state("networkidle")
    with story(page, "log a call from a list", keystrokes=3) as keys:
        keys.press("j")
        keys.press("l")
        expect(page.locator("#log-text")).to_be_focused()
        expect(page.get_by_role("heading", level=1)).to_be_in_viewport()  # with whom stays in sight
        keys.write("Called from the list of customers")
        keys.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("Call logged.")

    page.goto("/trash/")
    page.wait_for_load_state("networkidle")
    with story(page, "log a call from anywhere", keystrokes=3) as keys:
        keys.press("l")
        expect(page.get_by_label("What was said or done")).to_be_focused()
        keys.write("Called Petra Alvarez, wants nothing")
        keys.press("Enter")
        expect(page.get_by_role("button", name="Save")).to_be_focused()
        keys.press("Enter")
        expect(page.locator("#activity")).to_contain_text("wants nothing")
    assert not violations(page)


def test_a_person_is_made_from_a_pasted_signature(page: Page, sign_in: SignIn) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, "Ada")
    page.goto("/tasks/")
    page.wait_for_load_state("networkidle")
    page.evaluate("text => navigator.clipboard.writeText(text)", SIGNATURE)

    with story(page, "a person from a pasted signature, from anywhere", keystrokes=3) as keys:
        keys.press("Control+k")
        expect(page.get_by_role("combobox", name="Search or jump")).to_be_focused()
        keys.press("Control+v")
        expect(page.get_by_role("heading", name="Understood from the signature")).to_be_visible()
        expect(page.get_by_role("button", name="Add customer").first).to_be_focused()
        assert not violations(page)
        keys.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("Hanna Keystroke was added.")
    for said in ("Head of buying", "+31 6 12345678", "+31 20 555 0142", "hanna@windmill-keys.example", "Molenpad 7"):
        expect(page.locator("main")).to_contain_text(said)

    page.goto("/customers/")
    page.wait_for_load_state("networkidle")
    with story(page, "the same again: who is known is named", keystrokes=2) as keys:
        keys.press("n")
        expect(page.get_by_label("From a mail signature")).to_be_visible()
        keys.press("Control+v")
        expect(page.get_by_role("status").filter(has_text="Perhaps known already")).to_be_visible()


def test_a_task_is_added_about_somebody_who_is_made_on_the_way(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/tasks/")
    page.wait_for_load_state("networkidle")

    with story(page, "a task about somebody new", keystrokes=5) as keys:
        keys.press("n")
        keys.write("Show the ovens by keyboard")
        keys.press("Tab")
        expect(page.get_by_role("combobox", name="About whom or what")).to_be_focused()
        keys.write("Ovens Keystroke Ltd")
        expect(page.get_by_role("option", name="Add as an organization")).to_be_visible()
        assert not violations(page)
        keys.press("ArrowDown")
        keys.press("Enter")
        expect(page.locator("[data-lookup-id]")).not_to_have_value("")
        expect(page.get_by_role("combobox", name="About whom or what")).to_be_focused()
        keys.press("Enter")
        expect(page.locator("#task-list")).to_contain_text("Ovens Keystroke Ltd")
    expect(page.get_by_label("What is to do")).to_have_value("")
    page.keyboard.type("Nobody of that name qq")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts [data-toast]")).to_have_count(1)


def test_many_rows_are_changed_and_that_is_undone_by_keyboard_alone(page: Page, sign_in: SignIn, site: Site) -> None:
    """More than are treated at once, so that a worker does it; among many customers also another act, and one cancelled."""
    sign_in(page, "Ada")
    many = site.world.get("many", "")  # named by a benchmark, among whose customers these are ten thousand
    page.goto("/customers/?filter=owner.is:me")
    mine = page.locator("#list-count").inner_text()
    list_of_many = many or "/customers/"
    _open(page, list_of_many)
    with story(page, "all rows of a list get an owner", keystrokes=4) as keys:
        keys.press("X")
        expect(page.locator("[data-bulk-count]")).to_contain_text("All")
        keys.press("a")
        expect(page.get_by_label("Owner")).to_be_focused()
        keys.press("Tab")
        keys.press("Enter")
        done = _tile(page, "Done", within=LONG)
    assert not violations(page)
    with story(page, f"that is undone in {done} rows", keystrokes=1) as keys:
        keys.press("u")
        assert _tile(page, "Undone", within=LONG) == done
    page.goto("/customers/?filter=owner.is:me")
    expect(page.locator("#list-count")).to_have_text(mine)
    if many:
        _values_for_many(page, many)
        _one_cancelled(page, many)


def _values_for_many(page: Page, path: str) -> None:
    _open(page, path)
    with story(page, "all rows of a list get a job title", keystrokes=4 + TABS_TO_THE_JOB_TITLE) as keys:
        keys.press("X")
        keys.press("Control+k")
        keys.write("edit")
        expect(page.get_by_role("option", name="Edit")).to_have_attribute("aria-selected", "true")
        keys.press("Enter")
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        for _tab in range(TABS_TO_THE_JOB_TITLE):
            keys.press("Tab")
        expect(page.get_by_label("Job title", exact=True)).to_be_focused()
        keys.write("Keystroke writer")
        keys.press("Enter")
        done = _tile(page, "Done", within=LONG)
    with story(page, f"that is undone in {done} rows", keystrokes=1) as keys:
        keys.press("u")
        assert _tile(page, "Undone", within=LONG) == done


def _one_cancelled(page: Page, path: str) -> None:
    _open(page, path)
    for key in ("X", "a"):
        page.keyboard.press(key)
    expect(page.get_by_label("Owner")).to_be_focused()
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    with story(page, "an act on them is cancelled on its way, and what was done undone", keystrokes=2) as keys:
        keys.press("c")
        done = _tile(page, "Done", within=LONG)
        expect(page.locator("#bulk .chip")).to_have_text("Cancelled")
        keys.press("u")
        assert _tile(page, "Undone", within=LONG) == done


def _open(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")


def _tile(page: Page, said: str, *, within: int) -> str:
    """What a page of an act says at its end."""
    tile = page.locator("#bulk .tile", has=page.get_by_text(said, exact=True))
    tile.wait_for(timeout=within)
    return tile.inner_text().replace(said, "").strip()


def test_two_browsers_edit_one_record_and_neither_loses_a_word(
    new_page: Callable[..., Page], sign_in: SignIn, site: Site
) -> None:
    pages = {}
    for name in ("Ada", "Alice"):
        pages[name] = page = new_page()
        sign_in(page, name)
        page.goto(customer_path(site, "Diego Thibault"))
        page.wait_for_load_state("networkidle")
        page.keyboard.press("e")
        field = page.get_by_label("Job title")
        expect(field).to_be_visible()
        field.fill(f"Baker, says {name}")
    with story(pages["Ada"], "the first of two saves", keystrokes=1) as keys:
        keys.press("Enter")
        expect(pages["Ada"].locator("#toasts")).to_contain_text("Saved.")

    late = pages["Alice"]
    with story(late, "the second of two is shown both, and keeps hers", keystrokes=1) as keys:
        keys.press("Enter")
        expect(late.get_by_role("alert").first).to_contain_text("Baker, says Ada")
        expect(late.get_by_label("Job title")).to_have_value("Baker, says Alice")
    assert not violations(late)
    late.get_by_label("Job title").focus()
    late.keyboard.press("Enter")
    expect(late.locator("#details")).to_contain_text("Baker, says Alice")


def test_a_customer_is_found_by_part_of_a_number_and_by_composed_names(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    for text, name in (("7946 0001", "Tomasz Wrona"), ("李明", "李明华")):
        page.goto("/tasks/")
        page.wait_for_load_state("networkidle")
        with story(page, f"find somebody by {text}", keystrokes=2) as keys:
            keys.press("Control+k")
            keys.write(text)
            expect(page.get_by_role("option", name=name)).to_have_attribute("aria-selected", "true")
            keys.press("Enter")
            page.wait_for_url(f"**{customer_path(site, name)}")

    page.goto("/tasks/")
    page.wait_for_load_state("networkidle")
    keyboard = page.context.new_cdp_session(page)
    page.keyboard.press("Control+k")
    for shown in ("ㄱ", "기", "김"):
        keyboard.send("Input.imeSetComposition", {"text": shown, "selectionStart": 1, "selectionEnd": 1})
    page.evaluate(
        """() => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true, bubbles: true }))"""
    )
    expect(page.get_by_role("option", name="김서연")).to_be_visible()
    assert page.url.endswith("/tasks/"), "a key that belongs to the composing of a word chooses nothing"
    keyboard.send("Input.insertText", {"text": "김"})
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{customer_path(site, '김서연')}")


def test_the_box_and_the_sheet_offer_what_the_page_and_the_selection_have(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/?q=lindqvist")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    for said in ("Edit the customer of the row", "New customer", "Assign owner", "Select the row"):
        expect(sheet).to_contain_text(said)
    expect(sheet.get_by_text("Put the row off until tomorrow")).to_be_hidden()
    assert not violations(page)
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)

    with story(page, "assign an owner to the selected rows from the search box", keystrokes=2) as keys:
        keys.press("Control+k")
        expect(page.locator("#palette-list h2").first).to_have_text("1 selected")
        expect(page.get_by_role("option", name="Assign owner")).to_have_attribute("aria-selected", "true")
        assert not violations(page)
        keys.press("Enter")
        expect(page.get_by_label("Owner")).to_be_visible()

    page.goto("/customers/?q=lindqvist")
    page.wait_for_load_state("networkidle")
    with story(page, "edit the customer of a row", keystrokes=2) as keys:
        keys.press("j")
        keys.press("e")
        expect(page.get_by_label("Job title")).to_be_visible()
