"""Every page: nothing for axe to find in light, dark and on a phone; it reads without JavaScript; nothing sticks out.

A page is loaded once and then looked at in every look, as by somebody who changes the theme and the window: what a look
changes is said in style sheets alone. What is around every page is looked at on the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, LOOKS, SMALLEST, opening_pages, violations
from tests.browser.pages import page_paths
from tests.browser.site import Site

SignIn = Callable[[Page, str], None]
BEFORE_SIGN_IN = ("/account/login/", "/account/password/reset/", "/nowhere/")
AROUND = (".sidebar", "#keys")  # two thirds of what axe would look at
SMALL_TARGETS = """
() => [...document.querySelectorAll('main button:not(.visually-hidden), .menu a, .button, .tabs a, summary')]
    .filter(e => e.offsetParent && Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 24)
    .map(e => e.outerHTML.slice(0, 90))
"""
# the rows of a table come from one template, and axe takes seconds for fifty of them
SHORTEN = "() => document.querySelectorAll('tbody tr:nth-child(n+13)').forEach(row => row.remove())"


@dataclass
class Seen:
    """What is wrong on the pages, by path; and how wide each is where there are only 320 pixels."""

    violations: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {look: {} for look in LOOKS})
    small_targets: dict[str, list[str]] = field(default_factory=dict)
    widths: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="module")
def paths(site: Site) -> list[str]:
    return page_paths(site)


@pytest.fixture(scope="module")
def seen(browser: Browser, site: Site, sign_in: SignIn, paths: list[str]) -> Seen:
    found = Seen()
    with opening_pages(browser, site) as open_page:
        page = open_page(reduced_motion="reduce")
        for path in BEFORE_SIGN_IN:
            look_at(page, path, found)
        sign_in(page, "Ada")
        for path in paths:
            look_at(page, path, found, without=AROUND if path != paths[0] else ())
    return found


def look_at(page: Page, path: str, found: Seen, *, without: Sequence[str] = ()) -> None:
    page.set_viewport_size(SMALLEST)
    page.goto(path)
    found.widths[path] = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(DESKTOP)
    found.small_targets[path] = page.evaluate(SMALL_TARGETS)
    page.evaluate(SHORTEN)
    for look, (scheme, viewport, rules) in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(viewport)
        found.violations[look][path] = violations(page, rules, without=without)


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page(seen: Seen, paths: list[str], look: str) -> None:
    assert set(paths) < set(seen.violations[look])
    assert {path: problems for path, problems in seen.violations[look].items() if problems} == {}


def test_no_page_is_wider_than_320_pixels(seen: Seen, paths: list[str]) -> None:
    assert set(paths) < set(seen.widths)
    assert {path: width for path, width in seen.widths.items() if width > SMALLEST["width"]} == {}


def test_every_target_is_24_pixels_or_has_room_around_it(seen: Seen, paths: list[str]) -> None:
    """Buttons and menu links by their own size; links within text are exempt (WCAG 2.5.8)."""
    assert set(paths) < set(seen.small_targets)
    assert {path: targets for path, targets in seen.small_targets.items() if targets} == {}


def test_every_page_reads_without_javascript(no_js: Page, sign_in: SignIn, paths: list[str]) -> None:
    sign_in(no_js, "Ada")
    for path in paths:
        answer = no_js.goto(path)

        assert answer is not None
        assert answer.status == 200, path
        assert no_js.locator("h1").inner_text().strip(), path
        assert no_js.locator("main").inner_text().strip(), path
