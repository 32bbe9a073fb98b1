"""The world of the security tests: Ada rules, Alice and Bob are in North, Charlie in South, Rita only reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from psycopg import sql

from rapport.accounts.models import Role
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.rights import all_rights
from rapport.core.acting import SYSTEM, acting
from tests.security.samples import World, fill
from tests.security.standing import Standing
from tests.world import found_business, make_team, make_user

_TOKENS = re.compile(rb'(name="csrf[\w-]*" (?:value|content)=")[^"]+|("csrfToken": ")[^"]+')
_OWN_HEADERS = {"X-Request-Id", "Content-Length", "Set-Cookie", "Expires", "RateLimit"}
_HERE = Path(__file__).parent
_NAME = "Northern Customer"
_standing = Standing()


def pytest_collection_modifyitems(items):
    """Those that look at one world come one after the other."""
    places = [place for place, item in enumerate(items) if _HERE in item.path.parents]
    ours = sorted((items[place] for place in places), key=lambda item: not _standing.is_wanted_by(item))
    for place, item in zip(places, ours, strict=True):
        items[place] = item


def pytest_runtest_teardown(item, nextitem):
    _standing.next_item = nextitem


@pytest.fixture
def ground(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        if _standing.is_wanted_by(request.node):
            _standing.begin(fill_world)
    yield
    with django_db_blocker.unblock():
        if not _standing.is_wanted_by(_standing.next_item):
            _standing.end()


@pytest.fixture
def _django_db_helper(ground, _django_db_helper):
    """What a test does is undone before the ground is taken from under it."""


def fill_world():
    found_business()
    north, south = make_team("North"), make_team("South")
    made = {
        "ada": make_user("Ada", role="Administrator"),
        "alice": make_user("Alice", role="Sales", team=north),
        "bob": make_user("Bob", role="Sales", team=north),
        "charlie": make_user("Charlie", role="Sales", team=south),
        "rita": make_user("Rita", role="Reader", team=north),
    }
    return fill(World(with_their_rights(made), _NAME))


def with_their_rights(people):
    """Charlie may do all but administer, and reaches his own team: so only the gate of the records keeps him out."""
    rights = sorted({right.name for right in all_rights()} - {ADMINISTER.name})
    charlie = people["charlie"]
    with acting(SYSTEM):
        charlie.role = Role.objects.create(name="Southern", scope="team", rights=rights)
        charlie.save(update_fields=["role"])
    return people | {"dora": make_user("Dora", role="Sales", team=people["bob"].team)}


@pytest.fixture
def people(request, db):
    if _standing.is_wanted_by(request.node):
        return request.getfixturevalue("world").people
    made = {name: request.getfixturevalue(name) for name in ("ada", "alice", "bob", "charlie", "rita")}
    return with_their_rights(made)


@pytest.fixture
def world(request, db):
    if _standing.is_wanted_by(request.node):
        return _standing.copy()
    return fill(World(request.getfixturevalue("people"), _NAME))


@pytest.fixture
def client_of(people):
    def enter(name):
        client = Client()
        client.raise_request_exception = False
        if name != "anonymous":
            client.force_login(people[name])
        return client

    return enter


@pytest.fixture
def statements():
    """The text of every statement, before values are bound to it."""
    texts = []

    def note(execute, statement, params, many, context):
        texts.append(statement.as_string(None) if isinstance(statement, sql.Composable) else str(statement))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(note):
        yield texts


def seen(answer, *ids):
    """What somebody can tell from an answer, without tokens of the moment and with the ids they asked for blanked."""
    body = _TOKENS.sub(rb"\1\2", answer.getvalue()).replace(answer["X-Request-Id"][:12].encode(), b"NUMBER")
    headers = {name: value for name, value in answer.headers.items() if name not in _OWN_HEADERS}
    for each in ids:
        body = body.replace(str(each).encode(), b"ID")
        headers = {name: value.replace(str(each), "ID") for name, value in headers.items()}
    return answer.status_code, headers, body
