"""A word that is being composed takes its keys for itself: wherever one types, and whatever key the input method passes on."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.test_work import customer_path

KEYS = [
    "Enter", "Escape", "Tab", " ", "ArrowDown", "ArrowUp", "ArrowRight", "Home", "F2", "F8", "j", "k", "x", "X", "e", "n", "l",
    "a", "u", "b", "g", "h", "m", "c", "/", "?", "@", "Process", "Unidentified",
]  # fmt: skip
# which keys did something: they were kept from the browser, or the page changed, or the focus moved
HEARD = """
([keys, how]) => {
  const heard = [], target = document.activeElement ?? document.body;
  const watched = new MutationObserver(() => {});
  watched.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  for (const key of keys)
    for (const more of [{}, { ctrlKey: true }, { shiftKey: true }]) {
      const event = new KeyboardEvent("keydown", { key, ...how, ...more, bubbles: true, cancelable: true, composed: true });
      target.dispatchEvent(event);
      const here = document.activeElement ?? document.body;
      if (event.defaultPrevented || watched.takeRecords().length || here !== target)
        heard.push(Object.keys(more).concat(key).join(" "));
      target.focus?.();
      watched.takeRecords();
    }
  return heard;
}
"""
COMPOSING = ({"isComposing": True}, {"keyCode": 229})
SignIn = Callable[[Page, str], None]


def open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.insert_text("petra")
    expect(page.locator("#palette [role=option]").first).to_be_visible()


def mention(page: Page) -> None:
    box = page.locator("[data-mentions]").first
    box.click()
    box.press_sequentially("@a")
    expect(page.get_by_role("listbox")).to_be_visible()


def begin_in_place(page: Page) -> None:
    page.locator("body").press("e")
    expect(page.locator("#details :focus, form :focus").first).to_be_visible()


def choose_a_row(page: Page) -> None:
    page.keyboard.press("j")
    expect(page.locator("tbody tr :focus, tbody tr:focus").first).to_be_visible()


PLACES: list[tuple[str, Callable[[Page], None] | None]] = [
    ("/customers/", choose_a_row),
    ("/customers/", open_palette),
    ("/customers/?as=board&by=owner", lambda page: page.locator("[data-card] a").first.focus(timeout=5_000)),
    ("/today/", None),
    ("/log/", lambda page: page.locator("form input:not([type=hidden]), form textarea").first.focus()),
    ("of Petra", begin_in_place),
    ("of Petra?tab=comments", mention),
]


def test_what_composes_a_word_is_no_key_of_ours(page: Page, sign_in: SignIn, site: Site) -> None:
    sign_in(page, "Ada")
    heard = {}
    for path, begin in PLACES:
        page.goto(path.replace("of Petra", customer_path(site, "Petra Alvarez")))
        page.wait_for_load_state("networkidle")
        if begin is not None:
            begin(page)
        address = page.url
        for how in COMPOSING:
            heard[f"{path} {begin and begin.__name__} {how}"] = page.evaluate(HEARD, [KEYS, how])
        assert page.url == address

    assert {place: keys for place, keys in heard.items() if keys} == {}


def test_the_same_keys_do_something_where_no_word_is_composed(page: Page, sign_in: SignIn) -> None:
    sign_in(page, "Ada")
    page.goto("/customers/")
    page.wait_for_load_state("networkidle")

    assert len(page.evaluate(HEARD, [["j", "ArrowDown", "/"], {}])) > 0
