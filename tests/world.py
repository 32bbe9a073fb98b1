"""The tiny world of the tests: a business, two teams, Alice who owns, Bob in her team, Charlie in another, Ada who rules."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"

_DRAWN_BY_LOT = re.compile(r"[0-9A-Za-z_-]{20,}")


def without_tokens(answer: Any) -> str:
    """A page without its ids and tokens, in which a short word may stand by chance."""
    return _DRAWN_BY_LOT.sub("", answer.getvalue().decode(errors="replace").replace("<wbr>", ""))


def make_user(name: str, *, role: str, team: Any = None, **fields: Any) -> Any:
    from rapport.accounts.models import Role, User
    from rapport.core.acting import SYSTEM, acting

    with acting(SYSTEM):
        return User.objects.create_user(
            f"{name.lower()}@example.com", PASSWORD, name=name, role=Role.objects.get(name=role), team=team,
            joined_at=NOW, **fields,
        )  # fmt: skip


def found_business() -> Any:
    from rapport.accounts.models import Business
    from rapport.core.acting import SYSTEM, acting

    with acting(SYSTEM):
        return Business.objects.create(id=1, name="Tiny Ltd", time_zone="Europe/London", currency="GBP", set_up_at=NOW)


def make_team(name: str) -> Any:
    from rapport.accounts.models import Team
    from rapport.core.acting import SYSTEM, acting

    with acting(SYSTEM):
        return Team.objects.create(name=name)


@pytest.fixture
def business(db: None) -> Any:
    return found_business()


@pytest.fixture
def north(db: None) -> Any:
    return make_team("North")


@pytest.fixture
def south(db: None) -> Any:
    return make_team("South")


@pytest.fixture
def ada(business: Any) -> Any:
    return make_user("Ada", role="Administrator")


@pytest.fixture
def alice(business: Any, north: Any) -> Any:
    return make_user("Alice", role="Sales", team=north)


@pytest.fixture
def bob(business: Any, north: Any) -> Any:
    return make_user("Bob", role="Sales", team=north)


@pytest.fixture
def charlie(business: Any, south: Any) -> Any:
    return make_user("Charlie", role="Sales", team=south)


@pytest.fixture
def rita(business: Any, north: Any) -> Any:
    """A reader in Alice's team: sees, changes nothing."""
    return make_user("Rita", role="Reader", team=north)


@pytest.fixture
def as_user() -> Any:
    """A test client signed in as the given person: as_user(alice).get("/")."""

    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def program(alice: Any) -> Any:
    """A program that acts for Alice, with all that she can lend."""
    from rapport.accounts.tests.programs import Program

    return Program(alice)
