"""Every page: nothing for axe to find in light, dark and on a phone; it reads without JavaScript; nothing sticks out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, SMALLEST, violations
from tests.browser.pages import page_paths
from tests.browser.site import Site

SignIn = Callable[[Page, str], None]
BEFORE_SIGN_IN = ("/account/login/", "/account/password/reset/", "/nowhere/")
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": PHONE},
}


@pytest.fixture(scope="module")
def paths(site: Site) -> list[str]:
    return page_paths(site)


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page(
    new_page: Callable[..., Page], sign_in: SignIn, paths: list[str], look: str
) -> None:
    page = new_page(**LOOKS[look])
    found = {path: violations(page) for path in BEFORE_SIGN_IN if page.goto(path)}
    sign_in(page, "Ada")
    found |= {path: violations(page) for path in paths if page.goto(path)}

    assert {path: problems for path, problems in found.items() if problems} == {}


def test_every_page_reads_without_javascript(no_js: Page, sign_in: SignIn, paths: list[str]) -> None:
    sign_in(no_js, "Ada")
    for path in paths:
        answer = no_js.goto(path)

        assert answer is not None
        assert answer.status == 200, path
        assert no_js.locator("h1").inner_text().strip(), path
        assert no_js.locator("main").inner_text().strip(), path


def test_no_page_is_wider_than_320_pixels(new_page: Callable[..., Page], sign_in: SignIn, paths: list[str]) -> None:
    page = new_page(viewport=SMALLEST)
    sign_in(page, "Ada")
    widths = {path: page.evaluate("document.documentElement.scrollWidth") for path in paths if page.goto(path)}

    assert {path: width for path, width in widths.items() if width > SMALLEST["width"]} == {}


def test_every_target_is_24_pixels_or_has_room_around_it(
    new_page: Callable[..., Page], sign_in: SignIn, paths: list[str]
) -> None:
    """Buttons and menu links by their own size; links within text are exempt (WCAG 2.5.8)."""
    page = new_page()
    sign_in(page, "Ada")
    small: dict[str, list[str]] = {}
    for path in paths:
        page.goto(path)
        found = page.evaluate(
            "() => [...document.querySelectorAll('main button:not(.visually-hidden), .menu a, .button, .tabs a, summary')]"
            ".filter(e => e.offsetParent && Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 24)"
            ".map(e => e.outerHTML.slice(0, 90))"
        )
        if found:
            small[path] = found

    assert small == {}
