"""Roles: named rights and how far they reach."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models.deletion import ProtectedError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.actions.standing import Refused, keeping_an_administrator, unique_name
from rapport.accounts.models import Role, User
from rapport.accounts.standard_roles import ADMINISTRATOR
from rapport.core.acting import acting


class RoleIsFixed(Refused):
    def __init__(self) -> None:
        super().__init__(_("The administrator's role always has every right and cannot be changed."))


class RoleInUse(Refused):
    def __init__(self) -> None:
        super().__init__(_("People or invitations still have this role. Give them another one first."))


def save_role(
    role: Role | None,
    *,
    name: str,
    scope: str,
    rights: Sequence[str],
    by: User,
    request: HttpRequest | None = None,
) -> Role:
    if role is not None and role.name == ADMINISTRATOR:
        raise RoleIsFixed
    with acting(by, request, reason="role"), keeping_an_administrator(), unique_name():
        if role is None:
            return Role.objects.create(name=name, scope=scope, rights=sorted(rights))
        role.name, role.scope, role.rights = name, scope, sorted(rights)
        role.save(update_fields=["name", "scope", "rights"])
        return role


def remove_role(role: Role, *, by: User, request: HttpRequest | None = None) -> None:
    if role.name == ADMINISTRATOR:
        raise RoleIsFixed
    try:
        with acting(by, request, reason="role"):
            role.delete()
    except ProtectedError as error:
        raise RoleInUse from error
