"""S7, S8: what belongs to another team is, to the letter, what does not exist; and trying changes nothing."""

from __future__ import annotations

from difflib import unified_diff

import pytest
from django.db import transaction

from rapport.accounts.models import User
from rapport.core.acting import SYSTEM, acting
from tests.security.conftest import seen
from tests.security.database import fingerprint
from tests.security.endpoints import MISSING, endpoints
from tests.security.samples import ONESELF, SAMPLES, SHARED, WITHOUT_SAMPLE, body_for

ALL = {each.name: each for each in endpoints()}
# programs are treated in test_api.py: a session opens nothing there
WITH_RECORD = [ALL[name] for name in sorted(SAMPLES) if name in ALL and ALL[name].audience != "program"]
OURS = [each for each in ALL.values() if each.is_ours]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def test_every_url_with_an_id_has_a_sample():
    missing = [
        each.name for each in ALL.values()
        if each.parameters and each.name not in SAMPLES and each.name not in WITHOUT_SAMPLE
    ]  # fmt: skip

    assert missing == []


def ask(client, method, path, body, **headers):
    if method in ("GET", "HEAD", "OPTIONS"):
        return getattr(client, method.lower())(path, **headers)
    if method == "POST":
        return client.post(path, body, **headers)
    return client.generic(method, path, b"name=Taken", content_type="application/x-www-form-urlencoded", **headers)


def difference(one, other):
    return "\n".join(unified_diff(_lines(one), _lines(other), lineterm="", n=0))


def _lines(answer):
    status, headers, body = answer
    return [str(status), *(f"{name}: {value}" for name, value in sorted(headers.items())), *body.decode().splitlines()]


def compare_with_nothing(client, endpoint, world):
    """Every method on the record, and on one that does not exist: same answer, and no change. Returns the statuses."""
    ids = SAMPLES[endpoint.name](world)
    body = body_for(endpoint.name, world)
    before, statuses = fingerprint(), {}
    for method in METHODS:
        for headers in ({}, {"headers": {"HX-Request": "true"}}):
            answers = []
            for path in (endpoint.path(**ids), endpoint.path()):
                with transaction.atomic():
                    answers.append(ask(client, method, path, body, **headers))
            there, nowhere = answers
            blanked = [
                *ids.values(),
                *(part for part in endpoint.path().split("/") if len(part) > 8 or part in MISSING.values()),
            ]
            assert difference(seen(there, *blanked), seen(nowhere, *blanked)) == "", (
                f"{method} {endpoint.name} {headers}"
            )
            statuses[method] = there.status_code
    assert fingerprint() == before
    return statuses


@pytest.mark.parametrize("endpoint", [each for each in WITH_RECORD if each.name not in SHARED], ids=lambda e: e.name)
def test_the_record_of_another_team_is_one_that_does_not_exist(endpoint, world, client_of):
    statuses = compare_with_nothing(client_of("charlie"), endpoint, world)

    assert set(statuses.values()) <= {403, 404, 405}


@pytest.mark.parametrize("endpoint", WITH_RECORD, ids=lambda each: each.name)
def test_to_a_stranger_no_record_exists(endpoint, world, client_of):
    statuses = compare_with_nothing(client_of("anonymous"), endpoint, world)

    assert set(statuses.values()) <= {302, 401}


@pytest.mark.parametrize("endpoint", WITH_RECORD, ids=lambda each: each.name)
def test_to_somebody_deactivated_no_record_exists(endpoint, world, client_of):
    client = client_of("dora")
    assert client.get("/settings/profile/").status_code == 200
    with acting(SYSTEM):
        User.objects.filter(name="Dora").update(is_active=False)

    statuses = compare_with_nothing(client, endpoint, world)

    assert set(statuses.values()) <= {302, 401}


@pytest.mark.parametrize("endpoint", [each for each in OURS if each.name not in ONESELF], ids=lambda each: each.name)
def test_a_reader_changes_nothing(endpoint, world, client_of):
    client = client_of("rita")
    path = endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()
    before = fingerprint()

    for method in METHODS:
        ask(client, method, path, body_for(endpoint.name, world))

    assert fingerprint() == before


def test_a_stranger_changes_nothing(world, client_of):
    client = client_of("anonymous")
    before = fingerprint()

    for endpoint in OURS:
        path = endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()
        for method in METHODS:
            answer = ask(client, method, path, body_for(endpoint.name, world))
            assert endpoint.audience == "public" or answer.status_code in (302, 401, 403), f"{method} {endpoint.name}"

    assert fingerprint() == before


def test_a_gate_left_out_is_noticed(world, client_of, monkeypatch):
    from rapport.accounts.access import VisibleQuerySet

    monkeypatch.setattr(VisibleQuerySet, "visible_to", lambda records, user: records)

    with pytest.raises(AssertionError, match="GET customer"):
        compare_with_nothing(client_of("charlie"), ALL["customer"], world)
