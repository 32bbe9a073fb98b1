"""Fixtures of all tests: the database, migrated by its owner and then used as the application's role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql
from xdist.scheduler import LoadScopeScheduling

from rapport.config.databases import parse_database_url
from rapport.config.migrations import write_defaults
from rapport.core import environment
from rapport.core.database_roles import grant_application_role
from tests.emptied import empty, forget
from tests.migrated import drop_copies, migrated_once
from tests.world import *  # noqa: F403

pytest_plugins = ["tests.rendered_templates"]
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
_HERE = Path(__file__).parent
_GROUPS = ("browser-every-page", "lasting-faults", "browser", "faults")  # in this order they begin
_ONE_PROCESS = ("tests/faults/", "tests/browser/test_every_page.py", "rapport/core/tests/test_postgres.py")
_ONE_SITE = "tests/browser/"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one process works off alone begins first, what takes long next, so that nobody waits for it at the end."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    if group is not None:
        return _GROUPS.index(group.args[0]) if group.args[0] in _GROUPS else len(_GROUPS)
    walks_through_all_rooms = _HERE / "tests" in item.path.parents
    return len(_GROUPS) + (1 if walks_through_all_rooms else 2)


class _FilesOfOneProcess(LoadScopeScheduling):
    """Hand out test by test, but whole the files whose tests share what takes long to set up.

    All that look at a browser's site are one process's, but for the walk over every page: each site costs half a minute.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_ONE_SITE) and not nodeid.startswith(_ONE_PROCESS):
            return _ONE_SITE
        return nodeid.partition("::")[0] if nodeid.startswith(_ONE_PROCESS) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Not by the marks of groups: xdist writes those into the names of tests, where this pytest does not look any more."""
    return _FilesOfOneProcess(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("numprocesses", None):
        drop_copies()


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Making and dropping the test database is the owner's; everything between runs as the application."""
    settings = connection.settings_dict
    as_owner = {name: settings[name] for name in ("USER", "PASSWORD")}
    application = parse_database_url(environment.DATABASE_URL.read())
    with django_db_blocker.unblock():
        with migrated_once():
            request.getfixturevalue("django_db_setup")  # as it would be without this
            grant_application_role(application["USER"])
            if application["USER"] != as_owner["USER"]:
                with connection.cursor() as cursor:  # tests that commit are cleaned up by truncating
                    role = sql.Identifier(application["USER"])
                    cursor.execute(sql.SQL("grant truncate on all tables in schema public to {}").format(role))
            write_defaults()
        connection.close()
        settings.update({name: application[name] for name in as_owner})
        settings["OPTIONS"]["prepare_threshold"] = 0  # as on the embedded server
        yield
        forget()
        connection.close()
        settings.update(as_owner)


@pytest.fixture
def _django_db_helper(_django_db_helper: None) -> None:
    """Who commits finds no jobs and no touchpoints either: these tables are not Django's to truncate."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs")
            cursor.execute("delete from customers_touchpoint")


TransactionTestCase._fixture_teardown = lambda self: empty()  # type: ignore[method-assign]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty RAPPORT_HOME for the files and the warehouse of one test."""
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path))
    return tmp_path
