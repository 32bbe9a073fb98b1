"""S20: reading never writes, writing needs our token and our origin, and no header opens a door."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.security.database import fingerprint
from tests.security.endpoints import endpoints
from tests.security.matrix import nothing_changes, writes
from tests.security.samples import SAMPLES, body_for

ALL = endpoints()
PARTS = 3
TRIED_OUT = {"merge_undo"}  # what would become of whom is seen by doing it and taking it back
WITH_SESSIONS = [each for each in ALL if each.audience != "program"]


def path_of(endpoint, world):
    return endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()


@pytest.mark.parametrize("part", range(PARTS))
def test_reading_writes_nothing(part, world, client_of):
    """Not even what is taken back: rows that were written and rolled back count."""
    client, found = client_of("ada"), []
    with nothing_changes():
        for endpoint in ALL[part::PARTS]:
            path, before = path_of(endpoint, world), writes()
            answers = [
                client.get(path),
                client.head(path),
                client.get(path, headers={"HX-Request": "true"}),
                client.options(path),
            ]
            if (writes() != before and endpoint.name not in TRIED_OUT) or max(
                answer.status_code for answer in answers
            ) >= 500:
                found.append(endpoint.name)

    assert found == []


@pytest.fixture
def closed_client(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["ada"])
    return client


def test_writing_without_our_token_is_forbidden_everywhere(world, closed_client):
    before = fingerprint()

    for endpoint in WITH_SESSIONS:
        path, body = path_of(endpoint, world), body_for(endpoint.name, world)
        for method in ("post", "put", "patch", "delete"):
            for headers in ({}, {"HX-Request": "true"}, {"X-Requested-With": "XMLHttpRequest"}):
                answer = getattr(closed_client, method)(path, body, headers=headers)
                assert answer.status_code == 403, f"{method} {endpoint.name}"

    assert fingerprint() == before


def test_writing_from_a_foreign_page_is_forbidden_even_with_a_token(world, closed_client):
    closed_client.get("/settings/profile/")
    token = {"csrfmiddlewaretoken": closed_client.cookies["csrf"].value}
    before = fingerprint()

    for endpoint in WITH_SESSIONS:
        path, body = path_of(endpoint, world), body_for(endpoint.name, world) | token
        for origin in ("https://evil.example", "null", "http://localhost:8000.evil.example"):
            assert closed_client.post(path, body, headers={"Origin": origin}).status_code == 403, endpoint.name

    assert fingerprint() == before


def test_a_session_opens_nothing_where_programs_go(world, closed_client):
    before = fingerprint()

    for endpoint in ALL:
        if endpoint.audience == "program":
            for method in ("get", "head", "post", "put", "patch", "delete"):
                assert getattr(closed_client, method)(path_of(endpoint, world)).status_code == 401, endpoint.name

    assert fingerprint() == before


def test_writing_with_our_token_from_our_page_works(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["alice"])
    client.get("/settings/profile/")
    token = client.cookies["csrf"].value

    answer = client.post(
        "/settings/profile/", {"name": "Alicia", "csrfmiddlewaretoken": token}, headers={"Origin": "http://testserver"}
    )

    assert answer.status_code == 302


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"HX-Request": "true", "HX-Boosted": "true"},
        {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"},
        {"X-HTTP-Method-Override": "GET", "X-Forwarded-User": "ada@example.com", "Remote-User": "ada@example.com"},
        {"X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz"},
    ],
    ids=["htmx", "boosted", "script", "override", "rewrite"],
)
def test_no_header_lets_a_stranger_in(headers, world):
    for endpoint in ALL:
        if endpoint.audience == "public":
            continue
        answer = Client().get(path_of(endpoint, world), headers=headers)
        assert answer.status_code in (302, 401, 404), endpoint.name
        assert b"Northern Customer" not in answer.getvalue()
