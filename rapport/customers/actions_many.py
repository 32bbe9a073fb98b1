"""Writes to many customers at once, set-based."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from rapport.accounts.access import Grip, gripping
from rapport.audit import actions as audit
from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.customers.events import OwnersAssigned
from rapport.customers.models import Customer

if TYPE_CHECKING:
    from rapport.accounts.models import User

_ASSIGN = """
update customers_customer c set owner_id = w.owner_id, updated_at = %s, version = c.version + 1
  from unnest(%s::bigint[], %s::bigint[]) as w (id, owner_id) where c.id = w.id
"""


def assign_owners(
    owner_of: Mapping[int, int | None], *, by: User, now: datetime, only_where: Mapping[int, int | None] | None = None
) -> dict[int, int | None]:
    """Give each customer that `by` may see its owner (a user id, or nobody). Returns who owned each of them before.

    With `only_where` those alone whose owner is still the one given there.
    """
    with acting(by, reason=OwnersAssigned.name), audit.rows_together(len(owner_of)):
        before = _hold(list(owner_of), by=by)
        if only_where is not None:
            before = {pk: owner for pk, owner in before.items() if owner == only_where[pk]}
        changed = {pk: owner_of[pk] for pk, owner in before.items() if owner_of[pk] != owner}
        if changed:
            with connection.cursor() as cursor:
                cursor.execute(_ASSIGN, [now, list(changed), list(changed.values())])
            publish(_assigned(changed))
        return before


def _assigned(owner_of: Mapping[int, int | None]) -> OwnersAssigned:
    owners = tuple(owner_of.values())
    if len(set(owners)) == 1:
        return OwnersAssigned(tuple(owner_of), owners[0])
    return OwnersAssigned(tuple(owner_of), None, owners)


def _hold(ids: Sequence[int], *, by: User) -> dict[int, int | None]:
    """The owner of each customer that is there and visible, locked, the smallest id first."""
    with gripping(by, Grip.HOLD):
        seen = Customer.objects.present().visible_to(by).filter(pk__in=ids).order_by("pk")
    return dict(seen.select_for_update(of=("self",)).values_list("pk", "owner_id"))
