"""How far somebody reaches: by role, own, team with the teams below it, or all; and by what was shared with her."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

from rapport.accounts.models import Scope, User
from rapport.accounts.rights import Grip
from rapport.core.remembering import remembered

# in one statement, since every page of somebody who does not reach everything asks it
_KNOWN = """
with recursive below as (
    select id from accounts_team where id = %(team)s
    union select t.id from accounts_team t join below b on t.parent_id = b.id
), above as (
    select id, parent_id from accounts_team where id = %(team)s
    union select t.id, t.parent_id from accounts_team t join above a on t.id = a.parent_id
), shared as (
    select record_kind, record_id, customer_id, may_edit, ends_at from accounts_share where person_id = %(person)s
    union all
    select s.record_kind, s.record_id, s.customer_id, s.may_edit, s.ends_at from above a join accounts_share s on s.team_id = a.id
)
select '', u.id, true from accounts_user u join below b on u.team_id = b.id
union all
select record_kind, coalesce(record_id, customer_id), bool_or(may_edit) from shared
 where ends_at is null or ends_at > now()
 group by 1, 2
"""


@dataclass(frozen=True)
class Reach:
    """Whose records somebody can reach: everybody's, or those of the listed owners and, by kind, the `shared` ones."""

    everything: bool
    owner_ids: tuple[int, ...] = ()
    shared: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def shared_ids(self, kind: str) -> list[int]:
        return list(self.shared.get(kind, ()))

    def holds(self, owner_id: int | None) -> bool:
        """Whether a record of this owner is reached by role, and not by having been shared alone."""
        return self.everything or owner_id in self.owner_ids


@dataclass(frozen=True)
class _Known:
    members: frozenset[int] = frozenset()
    shared: tuple[tuple[str, int, bool], ...] = ()


def reach_of(user: User) -> Reach:
    """How far `user` reaches now for what she is about to do; a person who is no longer active reaches nothing.

    What was shared for reading is not reached by who is about to change it, nor anything shared by who gives it away.
    """
    if not user.is_active:
        return Reach(everything=False)
    if user.role.scope == Scope.ALL:
        return Reach(everything=True)
    known = _known(user)
    in_team = user.role.scope == Scope.TEAM and user.team_id is not None
    owners = tuple(sorted(known.members | {user.pk})) if in_team else (user.pk,)
    return Reach(False, owners, _shared(known, user.grip))


def _shared(known: _Known, grip: Grip) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for kind, key, may_edit in known.shared:
        if grip == Grip.READ or (grip == Grip.CHANGE and may_edit):
            found.setdefault(kind, []).append(key)
    return {kind: tuple(sorted(keys)) for kind, keys in found.items()}


def team_of(user: User) -> frozenset[int]:
    """Keys of the user and of everybody in her team and the teams below it."""
    return (_known(user).members if user.team_id is not None else frozenset()) | {user.pk}


def has_shares(user: User) -> bool:
    """Whether anything is shared with `user` that her role does not reach anyway."""
    return user.is_active and user.role.scope != Scope.ALL and bool(_known(user).shared)


@contextmanager
def gripping(user: User, grip: Grip) -> Iterator[None]:
    """Within it, `user` reaches as far as for doing this; never farther than she is at already."""
    before = user.grip
    user.grip = max(before, grip)
    try:
        yield
    finally:
        user.grip = before


def _known(user: User) -> _Known:
    return remembered(("accounts.reach", user.pk, user.team_id), lambda: _find(user))


def _find(user: User) -> _Known:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"team": user.team_id, "person": user.pk})
        rows = cursor.fetchall()
    members = frozenset(key for kind, key, _may_edit in rows if not kind)
    return _Known(members, tuple((kind, key, may_edit) for kind, key, may_edit in rows if kind))
