"""A right that touches every record is nothing for a role that reaches only some of them."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.accounts.models import Role, Scope
from rapport.core.acting import SYSTEM, acting


@pytest.mark.parametrize("scope", ["own", "team"])
def test_a_role_that_reaches_some_records_cannot_be_given_a_right_to_all(ada: Any, as_user: Any, scope: str) -> None:
    sent = {"name": "Loader", "scope": scope, "rights": ["customers.view", "records.import"]}

    answer = as_user(ada).post("/settings/roles/new/", sent)

    assert answer.status_code == 422
    assert "this role reaches only some" in answer.content.decode()
    assert not Role.objects.filter(name="Loader").exists()
    assert as_user(ada).post("/settings/roles/new/", {**sent, "scope": "all"}).status_code == 302


def test_such_a_right_counts_for_nothing_where_a_role_has_it_all_the_same(alice: Any) -> None:
    with acting(SYSTEM):
        role = Role.objects.create(name="Loader", scope=Scope.TEAM, rights=["customers.view", "records.import"])
    alice.role = role

    assert alice.has_right("customers.view")
    assert not alice.has_right("records.import")
    role.scope = Scope.ALL
    assert alice.has_right("records.import")
