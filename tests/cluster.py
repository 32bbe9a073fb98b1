"""A pytest plugin that comes before Django's: it runs the tests' own PostgreSQL and points the settings at it.

Set DATABASE_URL, and DATABASE_OWNER_URL for a second role, to run the same tests on another server; the owner (or the
only role) must be allowed to create databases. The server of the tests ends with the last run that uses it.
"""

from __future__ import annotations

import gc
import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from rapport.core.postgres import APP_ROLE, OWNER_ROLE, Cluster

HOME = Path(os.environ.get("RAPPORT_TEST_HOME") or Path(__file__).parents[1] / ".rapport-test")
ON_OWN_CLUSTER = not os.environ.get("DATABASE_URL")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

os.environ["RAPPORT_HOME"] = str(HOME / os.environ.get("PYTEST_XDIST_WORKER", "main"))
Path(os.environ["RAPPORT_HOME"], "static").mkdir(parents=True, exist_ok=True)
os.environ["RAPPORT_ORIGIN"] = "http://localhost:8000"
os.environ["RAPPORT_DATABASE_ROLE"] = "owner"
os.environ["RAPPORT_EXTRA_ROOMS"] = (
    "tests.architecture.sample_room.apps.SampleRoomConfig"  # one from outside takes part
)
_running = ExitStack()
if ON_OWN_CLUSTER:
    cluster = Cluster(HOME / "postgres", fast=True)
    _running.enter_context(cluster.in_use())
    os.environ["DATABASE_URL"] = cluster.url(role=APP_ROLE)
    os.environ["DATABASE_OWNER_URL"] = cluster.url(role=OWNER_ROLE)


# the product and its libraries are half a million objects that stay: looking through them again and again for garbage
# is a tenth of the time of all tests
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    gc.unfreeze()  # libraries that count at the end what they have given out find it gone
    _running.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no chromium"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = sum(1 for report in terminalreporter.stats.get("skipped", []) if "no chromium" in str(report.longrepr))
    if skipped:
        terminalreporter.write_line(
            f"ATTENTION: {skipped} browser tests were SKIPPED: there is no chromium here.", red=True, bold=True
        )
