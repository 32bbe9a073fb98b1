"""S23: too much is refused, quickly, and nothing of it is kept."""

from __future__ import annotations

import time

import pytest
from django.db import transaction
from django.test import Client

from tests.security.bodies import MORE_BODIES
from tests.security.database import fingerprint
from tests.security.endpoints import endpoints
from tests.security.samples import BODIES, SAMPLES

MEGABYTE = 1 << 20
# seconds of a processor; what grows with the square of a megabyte takes minutes, all else a fraction of one
AT_ONCE = 20
SMALL_WORDS = {"shortcuts", "staff-member-active", "webhook_switch"}  # anything but one word means no
# of the others some fields are sent a megabyte in tests/security/test_every_form.py
FORMS = [each for each in endpoints() if each.name in BODIES and each.name not in MORE_BODIES]
PAGES = [each for each in endpoints() if each.is_ours]
PARTS = 4
LONG_QUERIES = (
    {"q": "ä" * 50_000},
    {"filter": ["name.is:x"] * 5_000},
    {"sort": "x" * 100_000},
    {"after": "e" * 100_000},
)


def path_of(endpoint, world):
    return endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()


def timed(call):
    """The answer, and the processor time it took; other work on the machine does not count."""
    started = time.process_time()
    answer = call()
    return answer, time.process_time() - started


@pytest.mark.parametrize("part", range(PARTS))
def test_megabytes_in_a_field_are_refused_at_once(part, world, client_of):
    found = [
        f"{endpoint.name}: {wrong}"
        for endpoint in FORMS[part::PARTS]
        for wrong in wrong_with(endpoint, world, client_of)
    ]

    assert found == []


def wrong_with(endpoint, world, client_of):
    """What is wrong with how a form answers to megabytes in one of its fields; as if nothing had been asked."""
    client, path = client_of("ada"), path_of(endpoint, world)
    body = {name: str(value) for name, value in BODIES[endpoint.name](world).items()}
    wordy = ("name", "text", "theme", "shortcuts", "active", "owner", "role", *body)
    name = next((each for each in wordy if each in body), "name")
    before = fingerprint()

    for size in (10 * MEGABYTE, 2 * MEGABYTE):
        with transaction.atomic():
            answer, seconds = timed(lambda size=size: client.post(path, body | {name: "x" * size}))
            if seconds >= AT_ONCE:
                yield f"{seconds:.1f} s"
            if answer.status_code >= 500 or (size > 2 * MEGABYTE and answer.status_code != 400):
                yield f"{answer.status_code}"
            means_something = size == 2 * MEGABYTE and endpoint.name in SMALL_WORDS
            if not means_something and fingerprint() != before:
                yield "something was kept"
            transaction.set_rollback(True)


@pytest.mark.parametrize("path", ["/account/login/", "/account/password/reset/", "/setup/", "/join/x/"])
@pytest.mark.parametrize("size", [2 * MEGABYTE, 10 * MEGABYTE], ids=["2MB", "10MB"])
def test_megabytes_at_the_door_are_refused_at_once(path, size, alice):
    flood = dict.fromkeys(("login", "password", "email", "name"), "x" * (size // 4))

    answer, seconds = timed(lambda: Client().post(path, flood))

    assert seconds < AT_ONCE
    assert answer.status_code in (200, 400, 404)
    assert len(answer.getvalue()) < 3 * MEGABYTE


def test_a_password_is_hashed_in_bounded_time(alice, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]

    _, short = timed(lambda: Client().post("/account/login/", {"login": "a@example.com", "password": "x" * 10}))
    _, long = timed(
        lambda: Client().post("/account/login/", {"login": "b@example.com", "password": "x" * 2 * MEGABYTE})
    )

    assert long < short + AT_ONCE


@pytest.mark.parametrize("part", range(PARTS))
def test_a_very_long_address_breaks_nothing(part, world, client_of):
    client, found = client_of("ada"), []
    for endpoint in PAGES[part::PARTS]:
        path = path_of(endpoint, world)
        for query in LONG_QUERIES:
            with transaction.atomic():
                answer, seconds = timed(lambda path=path, query=query: client.get(path, query))
                transaction.set_rollback(True)
            if answer.status_code >= 500 or seconds >= AT_ONCE:
                found.append(f"{endpoint.name}: {answer.status_code} after {seconds:.1f} s")

    assert found == []


def test_very_many_fields_are_refused(as_user, alice):
    answer, seconds = timed(lambda: as_user(alice).post("/settings/profile/", {f"f{n}": "1" for n in range(3_000)}))

    assert answer.status_code == 400
    assert seconds < AT_ONCE
