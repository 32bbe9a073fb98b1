"""Managers from before there were exports have the right to them, unless somebody decided on their rights."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from rapport.accounts.models import Role, Scope
from rapport.core.acting import SYSTEM, Actor, acting

pytestmark = pytest.mark.usefixtures("db")
MIGRATION = import_module("rapport.records.migrations.0008_export_right")
BEFORE = ["customers.view", "records.import"]


def manager(*, by: Actor = SYSTEM, scope: str = Scope.ALL) -> Role:
    """The role as it was made before, changed last by somebody."""
    with acting(SYSTEM):
        Role.objects.filter(name="Manager").delete()
        role = Role.objects.create(name="Manager", scope=scope, rights=["customers.view"])
    with acting(by):
        role.rights = BEFORE
        role.save(update_fields=["rights"])
    return role


def rights_after(role: Role) -> list[str]:
    MIGRATION.give_right(apps, None)
    role.refresh_from_db()
    return role.rights


def test_managers_as_they_were_made_get_the_right() -> None:
    assert rights_after(manager()) == sorted([*BEFORE, "records.export"])


def test_managers_whose_rights_somebody_chose_keep_them(ada: Any) -> None:
    assert rights_after(manager(by=ada)) == BEFORE


def test_managers_of_a_team_alone_keep_their_rights() -> None:
    assert rights_after(manager(scope=Scope.TEAM)) == BEFORE


def test_managers_who_have_it_are_left_alone() -> None:
    role = manager()

    assert rights_after(role) == rights_after(role)
