"""One person from four files stands as one customer; explained, edited, split, merged and undone with the keyboard alone.

The page is looked at by axe after each step: light, dark, and 390 pixels wide.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, LOOKS, violations
from tests.browser.test_imports import wait_for
from tests.test_files_of_other_systems import HUBSPOT_CONTACT, as_file

SignIn = Callable[[Page, str], None]
MOST_TABS = 70
EMAIL = "mirjam.vogel@molen.example"
SHOP = (
    "customer id,first name,last name,e-mail,phone,street,postal code,city,country\n"
    f"88213,Mirjam,Vogel,{EMAIL},+31 20 555 0142,Molenpad 7,1015 CJ,Amsterdam,NL\n"
)
TILL = "customer id,name,phone,city\n0042-77,Mirjam Vogel,+31 (0)20-555 01 42,Amsterdam\n"
NEWSLETTER = f"first name,e-mail,language\nMirjam,{EMAIL.title()},nl\n"
HUBSPOT = as_file(
    HUBSPOT_CONTACT
    | {
        "First Name": "Mirjam", "Last Name": "Vogel-de Wit", "Email": EMAIL, "Phone Number": "", "Job Title": "Buyer",
        "Company Name": "De Molen", "Associated Company": "De Molen", "Contact owner": "", "Country/Region": "Netherlands",
        "State/Region": "",
    },
    shuffled=3, unknown=20,
)  # fmt: skip


@pytest.fixture
def steps(page: Page) -> Callable[[str], None]:
    """Look at the page as it is now, in every look: steps("split"). Pictures are kept where RAPPORT_PICTURES says."""
    pictures = os.environ.get("RAPPORT_PICTURES", "")

    def look_at(name: str) -> None:
        for look, (scheme, viewport, rules) in LOOKS.items():
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(viewport)
            assert violations(page, rules) == [], f"{name}, {look}"
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], f"{name}, {look}"
            if pictures:
                page.screenshot(path=Path(pictures) / f"{name}-{look}.png", full_page=look == "phone")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(DESKTOP)

    return look_at


def bring_in(page: Page, path: Path, text: str, *, source: str = "") -> None:
    path.write_text(text)
    page.goto("/imports/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("columnheader", name="Goes to")).to_be_visible()
    if source:
        page.get_by_label("Where it comes from").fill(source)
    page.get_by_role("button", name="Start the import").click()
    wait_for(page, page.get_by_role("heading", name="What came in"), reloads=False)


def tab_to(page: Page, target: Locator) -> None:
    """Go there as somebody without a mouse does; too far is a fault of the page."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached within {MOST_TABS} tabs")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)


def skip_menu(page: Page) -> None:
    press(page, page.get_by_role("link", name="Skip to content"))


def sources_of(page: Page) -> list[str]:
    return page.locator("#sources .line").evaluate_all(
        "lines => lines.map(line => line.firstElementChild.innerText.trim()).sort()"
    )


def test_one_customer_of_four_sources_is_handled_with_the_keyboard_alone(
    page: Page, sign_in: SignIn, tmp_path: Path, steps: Callable[[str], None]
) -> None:
    sign_in(page, "Ada")
    bring_in(page, tmp_path / "shop.csv", SHOP, source="shop")
    bring_in(page, tmp_path / "till.csv", TILL, source="till")
    bring_in(page, tmp_path / "newsletter.csv", NEWSLETTER, source="newsletter")
    bring_in(page, tmp_path / "hubspot.csv", HUBSPOT)

    stands_as_one(page, steps)
    each_value_tells_where_it_comes_from(page, steps)
    a_value_is_changed(page, steps)
    one_source_is_taken_out(page, steps)
    the_two_are_merged(page, steps)
    the_merge_is_taken_back(page, steps)
    the_edit_is_taken_back(page, steps)


def stands_as_one(page: Page, steps: Callable[[str], None]) -> None:
    rows = page.locator("#customers tbody tr")
    page.goto("/customers/?q=vogel")
    only = page.locator("#customers tbody:not(:has(tr:nth-child(2))) tr")
    wait_for(page, only, reloads=True)  # the worker matches them
    page.goto("/customers/")
    page.keyboard.press("/")
    page.keyboard.type("vogel")
    expect(rows).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.locator("body").press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="One customer, 4 sources")).to_be_visible()
    steps("one-customer")


def each_value_tells_where_it_comes_from(page: Page, steps: Callable[[str], None]) -> None:
    skip_menu(page)
    for field, source, file in (
        ("E-mail", "Web shop", "shop.csv"),
        ("Address", "Web shop", "shop.csv"),
        ("Language", "newsletter", "newsletter.csv"),
    ):
        mark = page.get_by_label(re.compile(f"^Where {field} comes from: {source}$", re.IGNORECASE))
        press(page, mark)
        story = page.locator(".origin[open] .origin-story")
        expect(story).to_contain_text(f"{file}, line 2")
        if field != "Language":
            steps(f"story-{field.lower()}")
        page.keyboard.press("Escape")
        expect(story).to_be_hidden()
        expect(mark).to_be_focused()


def a_value_is_changed(page: Page, steps: Callable[[str], None]) -> None:
    change = page.get_by_role("link", name="Change Job title")
    page.reload()
    skip_menu(page)
    press(page, change)
    expect(page.get_by_label("Job title", exact=True)).to_be_focused()
    steps("changing")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Head of buying")
    page.keyboard.press("Enter")
    expect(change).to_be_focused()
    expect(page.locator("#details")).to_contain_text("Head of buying")
    steps("changed")


def one_source_is_taken_out(page: Page, steps: Callable[[str], None]) -> None:
    page.reload()
    skip_menu(page)
    press(page, page.get_by_role("link", name="Split"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Take apart")
    skip_menu(page)
    press(page, page.get_by_role("checkbox", name=re.compile("newsletter", re.IGNORECASE)), "Space")
    steps("split")
    press(page, page.get_by_role("button", name="Show what will be"))
    expect(page.get_by_role("heading", name="What will be")).to_be_visible()
    steps("split-preview")
    skip_menu(page)
    press(page, page.get_by_role("button", name="Take apart"))
    expect(page.locator("#toasts")).to_contain_text("Taken apart.")
    assert "newsletter" not in " ".join(sources_of(page)).lower()
    steps("split-done")


def the_two_are_merged(page: Page, steps: Callable[[str], None]) -> None:
    skip_menu(page)
    press(page, page.get_by_role("link", name="Merge"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Merge customers")
    page.keyboard.press("/")
    page.keyboard.type("mirjam")
    page.keyboard.press("Enter")
    add = page.get_by_role("link", name="Add Mirjam", exact=True)
    expect(add).to_be_visible()
    steps("merge-search")
    skip_menu(page)
    press(page, add)
    expect(page.get_by_role("heading", name="What will be")).to_be_visible()
    steps("merge-preview")
    skip_menu(page)
    press(page, page.get_by_role("button", name="Make them one customer"))
    expect(page.locator("#toasts")).to_contain_text("2 customers are one now.")
    assert "newsletter" in " ".join(sources_of(page)).lower()
    steps("merged")


def the_merge_is_taken_back(page: Page, steps: Callable[[str], None]) -> None:
    skip_menu(page)
    press(page, page.get_by_role("button", name="Take this merge back"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Take a merge back")
    steps("merge-undo-preview")
    skip_menu(page)
    press(page, page.get_by_role("button", name="Take this merge back"))
    expect(page.locator("#toasts")).to_contain_text("The merge was taken back.")
    assert "newsletter" not in " ".join(sources_of(page)).lower()
    steps("merge-undone")


def the_edit_is_taken_back(page: Page, steps: Callable[[str], None]) -> None:
    skip_menu(page)
    press(page, page.get_by_label("Where Job title comes from: Staff"))
    press(page, page.get_by_role("button", name="Show what other sources say"))
    expect(page.locator("#toasts")).to_contain_text("Job title is what other sources say again.")
    expect(page.locator("#details")).to_contain_text("Buyer")
    expect(page.locator("#details")).not_to_contain_text("Head of buying")
    steps("edit-undone")
