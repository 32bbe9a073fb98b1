"""The page that somebody begins with: her role's first, or the one she chose."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.accounts.models import Role, User
from rapport.core.acting import SYSTEM, acting

pytestmark = pytest.mark.django_db
PROFILE = {"name": "Alice", "time_zone": "", "theme": "", "has_keyboard_keys": "on"}


def test_the_day_begins_with_today_for_whoever_has_tasks(alice: Any, as_user: Any) -> None:
    assert as_user(alice).get("/")["Location"] == "/today/"


def test_somebody_begins_where_she_chose_as_long_as_she_may(alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    assert client.post("/settings/profile/", PROFILE | {"start_page": "orders"}).status_code == 302
    assert client.get("/")["Location"] == "/orders/"
    with acting(SYSTEM):
        role = Role.objects.get(pk=User.objects.get(pk=alice.pk).role_id)
        role.rights = ["customers.view"]
        role.save()

    assert client.get("/")["Location"] == "/customers/"


def test_a_page_that_is_not_offered_is_not_begun_with(alice: Any, as_user: Any) -> None:
    for page in ("staff", "account_logout", "nothing"):
        assert as_user(alice).post("/settings/profile/", PROFILE | {"start_page": page}).status_code == 422


def test_without_any_right_there_is_still_a_page(alice: Any, as_user: Any) -> None:
    with acting(SYSTEM):
        Role.objects.filter(pk=alice.role_id).update(rights=[])

    assert as_user(alice).get("/", follow=True).status_code == 200
