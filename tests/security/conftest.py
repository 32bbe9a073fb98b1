"""The world of the security tests: Ada rules, Alice and Bob are in North, Charlie in South, Rita only reads."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from rapport.accounts.models import Role
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.rights import all_rights
from rapport.core.acting import SYSTEM, acting
from tests.security.samples import World, fill
from tests.world import make_user

_TOKENS = re.compile(rb'(name="csrf[\w-]*" (?:value|content)=")[^"]+|("csrfToken": ")[^"]+')
_OWN_HEADERS = {"X-Request-Id", "Content-Length", "Set-Cookie", "Expires", "RateLimit"}


@pytest.fixture
def people(ada, alice, bob, charlie, rita):
    """Charlie may do all but administer, and reaches his own team: so only the gate of the records keeps him out."""
    rights = sorted({right.name for right in all_rights()} - {ADMINISTER.name})
    with acting(SYSTEM):
        charlie.role = Role.objects.create(name="Southern", scope="team", rights=rights)
        charlie.save(update_fields=["role"])
    dora = make_user("Dora", role="Sales", team=bob.team)
    return {"ada": ada, "alice": alice, "bob": bob, "charlie": charlie, "rita": rita, "dora": dora}


@pytest.fixture
def world(people):
    return fill(World(people, "Northern Customer"))


@pytest.fixture
def client_of(people):
    def enter(name):
        client = Client()
        client.raise_request_exception = False
        if name != "anonymous":
            client.force_login(people[name])
        return client

    return enter


def seen(answer, *ids):
    """What somebody can tell from an answer, without tokens of the moment and with the ids they asked for blanked."""
    body = _TOKENS.sub(rb"\1\2", answer.getvalue()).replace(answer["X-Request-Id"][:12].encode(), b"NUMBER")
    headers = {name: value for name, value in answer.headers.items() if name not in _OWN_HEADERS}
    for each in ids:
        body = body.replace(str(each).encode(), b"ID")
        headers = {name: value.replace(str(each), "ID") for name, value in headers.items()}
    return answer.status_code, headers, body
