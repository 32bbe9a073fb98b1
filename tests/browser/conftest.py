"""The browser, the site it looks at, and who looks.

Each process has a site and a Chromium of its own, which end with its last test of this folder: Django refuses to ask a
database beside the loop that drives a browser. The walk over every page is the work of one process.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.site import Site, running_site

PATIENCE_MS = 90_000  # no test is red because the machine is busy
expect.set_options(timeout=PATIENCE_MS)

HERE = Path(__file__).parent
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}
# what fades in has its colors when it is there
SETTLE = """
() => Promise.all(document.getAnimations()
    .filter(each => each.playState === "running" && each.effect.getComputedTiming().endTime < Infinity)
    .map(each => each.finished.catch(() => {}))).then(() => {})
"""
OF_COLORS = ("color-contrast", "link-in-text-block")  # the rules of axe that ask what color something is
# color scheme, window, and the rules: a theme changes nothing but colors, so what others say of the light one holds
LOOKS: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "light": ("light", DESKTOP, ()),
    "dark": ("dark", DESKTOP, OF_COLORS),
    "phone": ("light", PHONE, ()),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            is_walk = item.path.name == "test_every_page.py"  # half of the time of all browser tests
            item.add_marker(pytest.mark.xdist_group("browser-every-page" if is_walk else "browser"))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = find_chromium()
    if found is None:
        warnings.warn("NO BROWSER TEST RAN: no Chromium is installed (apt-get install chromium).", stacklevel=1)
        pytest.skip("no Chromium is installed: apt-get install chromium")
    return found


@pytest.fixture(scope="package")
def playwright(chromium_path: str) -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
    yield launched
    launched.close()


@pytest.fixture(scope="package")
def site(chromium_path: str) -> Iterator[Site]:
    """A site of its own; or, while writing tests, the one that `python -m tests.browser.site` keeps running."""
    kept = os.environ.get("RAPPORT_TEST_SITE")
    if kept:
        yield Site(**json.loads(Path(kept).read_text()))
        return
    home = Path(os.environ["RAPPORT_HOME"])  # of these tests, set in tests/cluster.py
    with running_site(home.with_name(f"{home.name}-site"), database=f"site_{os.getpid()}") as running:
        yield running


@contextmanager
def opening_pages(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """What opens a page in a context of its own; at the end none may have complained.

    A complaint is an error in the console, a refused script or style, a request that failed.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(base_url=site.origin, **{"viewport": DESKTOP, "locale": "en-GB"} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
    assert not complaints


@pytest.fixture
def new_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody new: new_page(viewport=PHONE, color_scheme="dark", java_script_enabled=False)."""
    with opening_pages(browser, site) as open_page:
        yield open_page


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def no_js(new_page: Callable[..., Page]) -> Page:
    """A page of a browser in which JavaScript is off."""
    return new_page(java_script_enabled=False)


@pytest.fixture(scope="package")
def sign_in(site: Site) -> Callable[[Page, str], None]:
    """Be somebody without the sign-in form: sign_in(page, "Alice")."""

    def become(page: Page, name: str) -> None:
        page.context.add_cookies([{"name": "session", "value": site.world["sessions"][name], "url": site.origin}])

    return become


def violations(page: Page, rules: Sequence[str] = (), *, without: Sequence[str] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA and good practice, or against `rules`, one line per rule and element.

    Elements in `without` are not looked at.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    page.evaluate(SETTLE)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    run = "([context, options]) => axe.run(context, options).then(results => results.violations)"
    found = page.evaluate(run, [{"exclude": [[selector] for selector in without]}, options])
    return [
        f"{violation['id']}: {node['html'][:160]} – {node.get('failureSummary', '')[:200]}"
        for violation in found
        for node in violation["nodes"]
    ]


def _complaint(message: ConsoleMessage) -> list[str]:
    """An error in the console; one is also written for a page that answers 404 on purpose, and for what a page that is left
    was still asking for: of a request that failed there is a third line beside these two, which is a complaint."""
    expected = "Failed to load resource" in message.text and any(
        f" {code} " in message.text for code in (403, 404, 409, 422)
    )
    left = message.text.startswith(("htmx:sendAbort,", "htmx:afterRequest,"))
    return (
        [f"{message.location.get('url')}: {message.text}"] if message.type == "error" and not (expected or left) else []
    )
