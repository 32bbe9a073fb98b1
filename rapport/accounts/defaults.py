"""The roles a business starts with; they can be changed, and more can be made."""

from __future__ import annotations

from rapport.accounts.models import Role, Scope
from rapport.accounts.rights import all_rights
from rapport.accounts.standard_roles import ADMINISTRATOR, MANAGER, READER, SALES, SERVICE

_EVERYDAY = (
    "customers.view",
    "customers.edit",
    "commerce.view",
    "commerce.edit",
    "insight.traits",
    "work.view",
    "work.edit",
    "identity.merge",
    "accounts.share",
)
_ROLES = {
    MANAGER: (
        Scope.ALL,
        (
            *_EVERYDAY,
            "records.import",
            "records.export",
            "records.share",
            "segments.make",
            "privacy.export",
            "privacy.restrict",
            "insight.view",
        ),
    ),
    SALES: (Scope.TEAM, (*_EVERYDAY, "insight.view")),
    SERVICE: (Scope.ALL, _EVERYDAY),
    READER: (Scope.TEAM, ("customers.view", "commerce.view", "insight.traits", "work.view")),
}


def write_defaults() -> None:
    everything = sorted(right.name for right in all_rights())
    administrator, made = Role.objects.get_or_create(
        name=ADMINISTRATOR, defaults={"scope": Scope.ALL, "rights": everything}
    )
    if not made and administrator.rights != everything:
        administrator.rights = everything
        administrator.save(update_fields=["rights"])
    for name, (scope, rights) in _ROLES.items():
        Role.objects.get_or_create(name=name, defaults={"scope": scope, "rights": sorted(rights)})
