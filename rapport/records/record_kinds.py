"""Kinds of records that tasks, comments and files can be put on: every room lists its own in record_kinds.RECORD_KINDS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve
from django.utils.functional import Promise

from rapport.accounts.access import Grip, gripping, has_shares
from rapport.core.rooms import contributions

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command


@dataclass(frozen=True)
class FoundRecord:
    """A record that the gate let somebody through to. `customer_id` is the customer behind it, if there is one.

    `watchers` are the ids of those who are told of what is said about it by what they are to it, such as its owner.
    """

    kind: str
    id: int
    public_id: UUID
    name: str
    url: str
    customer_id: int | None = None
    watchers: tuple[int, ...] = ()

    def part_url(self, part: str) -> str:
        """Where a part of the record's page stands, such as its comments."""
        return f"{self.url}?tab={part}#activity" if record_kinds()[self.kind].has_tabs else f"{self.url}#{part}"


@dataclass(frozen=True)
class ContactLog:
    """How a contact with whom a record is about is kept: `keep` receives record, kind, words, by, now, and the request, and
    says what was noted of it.
    """

    right: str
    kinds: Sequence[tuple[str, str | Promise]]
    keep: Callable[[FoundRecord, str, str, User, datetime, HttpRequest | None], Command]


@dataclass(frozen=True)
class Holding:
    """What the gate compares of one record: whose it is, as what it can have been shared, and what else decides.

    One that is `everybodys` has no owner. One `behind` which another stands is seen where that one is. One that is `gone`
    nobody finds; one that is `gone_for_some`, only those whose role reaches everything.
    """

    owners: tuple[int | None, ...] = ()
    shared_as: tuple[tuple[str, int], ...] = ()
    everybodys: bool = False
    behind: tuple[str, int] | None = None
    gone: str | Promise = ""
    gone_for_some: str | Promise = ""


@dataclass(frozen=True)
class Maker:
    """How a record is made of its name alone, in the midst of something else: `make` receives user, name, now, and the request."""

    name: str
    label: str | Promise
    right: str
    make: Callable[[User, str, datetime, HttpRequest | None], FoundRecord]


@dataclass(frozen=True)
class RecordKind:
    """One kind of record.

    `find` answers by public id and `by_ids` by key, both only what this person may see; `visible_ids` is the same as a
    query of keys. `hold` locks what is behind a record until the transaction ends, so that no merge moves it meanwhile, and
    returns it as it is by then. `profile_of` names the profile that rows about this record hang on, so that they follow
    it through merge and split. What hangs on a customer herself is found by `customer_id` alone. `search` finds some by a
    name, `log` says how contacts are kept: kinds that have both can be logged to from anywhere. One that `is_shareable` is
    found by its gate where it was shared by itself. `holding` tells of a record, by its key, what the gate compares;
    `share_note` is said before one is shared. `makers` make one of its name alone, for whoever looks one up in vain.
    """

    name: str
    label: str | Promise
    find: Callable[[User, UUID], FoundRecord | None]
    by_ids: Callable[[User, Sequence[int]], Mapping[int, FoundRecord]]
    visible_ids: Callable[[User], QuerySet[Any, Any]]
    profile_of: Callable[[FoundRecord], int | None]
    hold: Callable[[FoundRecord], FoundRecord] = lambda record: record
    right: str = ""
    is_customer: bool = False
    has_tabs: bool = False
    is_shareable: bool = False
    holding: Callable[[int], Holding] | None = None
    is_everybodys: bool = False
    share_note: str | Promise = ""
    search: Callable[[User, str], Sequence[FoundRecord]] | None = None
    log: ContactLog | None = None
    makers: Sequence[Maker] = ()


@cache
def record_kinds() -> dict[str, RecordKind]:
    return {kind.name: kind for kind in contributions("record_kinds", "RECORD_KINDS", RecordKind)}


def find_record(user: User, kind: str, public_id: UUID) -> FoundRecord:
    """The record `user` may see, else the same 404 as for one that does not exist or a kind that there is not."""
    known = record_kinds().get(kind)
    found = known.find(user, public_id) if known is not None and _may_see(user, known) else None
    if found is None:
        raise Http404
    return found


def record_at(user: User, path: str) -> FoundRecord | None:
    """The record whose page has this address, through the gate; None where there is none that `user` may see."""
    try:
        match = resolve(path)
        return find_record(user, match.url_name or "", match.kwargs["public_id"])
    except (Http404, Resolver404, KeyError, ValueError):
        return None


def records_by_id(user: User, kind: str, ids: Iterable[int]) -> Mapping[int, FoundRecord]:
    """Those of the given records that `user` may see."""
    known, wanted = record_kinds().get(kind), sorted(set(ids))
    return known.by_ids(user, wanted) if known is not None and wanted and _may_see(user, known) else {}


def kinds_seen_by(user: User) -> list[str]:
    """The kinds of which `user` may see records at all."""
    return [kind.name for kind in record_kinds().values() if _may_see(user, kind)]


def on_visible_records(user: User, *, without: str = "") -> Q:
    """The condition on rows with record_kind, record_id and customer_id that `user` may see what they are about.

    Asked record by record through its key: a list of everything somebody may see would be as long as the business is large.
    So it compares with a subquery, which the planner never turns into such a list, as it does with EXISTS.
    """
    found = Q(pk__in=[])
    for kind in record_kinds().values():
        if kind.name != without and _may_see(user, kind):
            column = "customer_id" if kind.is_customer else "record_id"
            visible = Subquery(kind.visible_ids(user).filter(pk=OuterRef(column)))
            found |= Q(record_kind=kind.name, **{column: visible})
    return found


def reaches(user: User, grip: Grip, kind: str, **lookup: Any) -> bool:
    """Whether somebody who sees a record may also change it, or give it away: what is only shared with her says less."""
    if not has_shares(user):
        return True
    with gripping(user, grip):
        return record_kinds()[kind].visible_ids(user).filter(**lookup).exists()


def _may_see(user: User, kind: RecordKind) -> bool:
    return user.is_active and (not kind.right or user.has_right(kind.right))
