"""`make screenshots`: a picture of every page of the demo company, light, dark and on a phone, in build/screenshots/.

Uses the Rapport in RAPPORT_HOME, started on a free port where it does not run yet; where nothing is set up there, the demo
company is made first. Its pages are found by following links, two of each kind.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.pages import page_name, page_paths
from tests.browser.site import CHECKOUT, Site, free_port, served

FOLDER = CHECKOUT / "build" / "screenshots"
BEFORE_SIGN_IN = ("/account/login/", "/account/password/reset/")
LOOKS = {"light": ("light", 1440, 1000), "dark": ("dark", 1440, 1000), "phone": ("light", 390, 844)}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    chromium = find_chromium()
    if chromium is None:
        print("No Chromium is installed: apt-get install chromium", file=sys.stderr)
        return 1
    django.setup()
    with running() as origin, sync_playwright() as playwright:
        site = Site(origin, {"sessions": {"Ada": _administrators_session()}})
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        shutil.rmtree(FOLDER, ignore_errors=True)
        times: Counter[str] = Counter()
        for path in [*BEFORE_SIGN_IN, *page_paths(site)]:
            name = page_name(path)
            times[name] += 1
            for look in LOOKS:
                target = FOLDER / look / (f"{name}.png" if times[name] == 1 else f"{name}-{times[name]}.png")
                picture(browser, site, path, look, target)
                print(target.relative_to(CHECKOUT), flush=True)
        browser.close()
    return 0


def picture(browser: Browser, site: Site, path: str, look: str, target: Path) -> None:
    scheme, width, height = LOOKS[look]
    context = browser.new_context(
        base_url=site.origin, color_scheme=scheme, viewport={"width": width, "height": height}, locale="en-GB"
    )
    if path not in BEFORE_SIGN_IN:
        context.add_cookies([{"name": "session", "value": site.world["sessions"]["Ada"], "url": site.origin}])
    page = context.new_page()
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=target, full_page=look == "phone")
    context.close()


@contextmanager
def running() -> Iterator[str]:
    """The origin of a Rapport on RAPPORT_HOME: the one that runs there, or one of ours."""
    home = Path(os.environ["RAPPORT_HOME"])
    lock = home / "supervisor.lock"
    if lock.exists() and _is_locked(lock):
        yield str(json.loads(lock.read_text())["origin"])
        return
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    environment = os.environ | {"PORT": str(port), "RAPPORT_ORIGIN": f"http://localhost:{port}"}
    with served(environment, port, "--demo", ready_within=900):
        yield environment["RAPPORT_ORIGIN"]


def _is_locked(lock: Path) -> bool:
    return subprocess.run(["flock", "--nonblock", str(lock), "true"], check=False).returncode != 0


def _administrators_session() -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.session"], cwd=CHECKOUT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
