"""What somebody can see, and why: the rules of the gate told one by one, from the same reach that the gate compares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts import sharing
from rapport.accounts.access import Grip, Reach, SharedOnly, gripping, reach_of
from rapport.accounts.permissions import SHARE
from rapport.accounts.queries import staff_by_id
from rapport.records.custom_fields.declaring import custom_objects
from rapport.records.custom_fields.queries import every_field
from rapport.records.layouts.sight import hidden_names
from rapport.records.record_kinds import FoundRecord, Holding, RecordKind, record_kinds, records_by_id
from rapport.ui.formats import day

if TYPE_CHECKING:
    from rapport.accounts.models import Role, Share, User

MOST_COUNTED = 10_000
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Rule:
    """One rule of the gate in words, whether it opens or closes, and where it is set."""

    words: str
    opens: bool
    url: str = ""
    set_at: str = ""


@dataclass(frozen=True)
class _Asked:
    """About whom, how far that person reaches, and who wants to know."""

    person: User
    reach: Reach
    reader: User


@dataclass(frozen=True)
class Answer:
    """Whether somebody sees a record: whatever opens it, or everything that keeps it closed."""

    sees: bool
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Overview:
    """What somebody sees of one kind of record: whether at all, how far, how many, and which fields not."""

    kind: RecordKind
    rules: tuple[Rule, ...]
    count: int | None = None
    hidden: tuple[str, ...] = ()
    hidden_url: str = ""


def record_at(user: User, link: str) -> FoundRecord | None:
    """The record whose address was pasted, as far as `user` sees it herself."""
    for text in _UUID.findall(link):
        for kind in record_kinds().values():
            try:
                found = kind.find(user, UUID(text))
            except (Http404, SharedOnly):
                found = None
            if found is not None and user.has_right(kind.right):
                return found
    return None


def answer_about(person: User, kind_name: str, key: int, *, reader: User) -> Answer:
    """Whether `person` sees the record with this key, and by which rules; with links for `reader`."""
    return _answer(_Asked(person, reach_of(person), reader), record_kinds()[kind_name], key)


def overview_of(person: User, kind: RecordKind) -> Overview:
    """How far `person` sees records of a kind; only somebody who is in the database can be counted for."""
    closed = _closed_to(person, kind)
    if closed is not None:
        return Overview(kind, (closed,))
    rules = tuple(_how_far(person, reach_of(person), kind))
    count = len(kind.visible_ids(person)[: MOST_COUNTED + 1]) if person.pk is not None else None
    fields = every_field(kind.name) if kind.name in custom_objects() else {}
    hidden = tuple(str(fields[name].label) for name in sorted(hidden_names(person, kind.name)) if name in fields)
    url = (
        f"{reverse('layout', args=[person.role.public_id])}?object={kind.name}" if kind.name in custom_objects() else ""
    )
    return Overview(kind, rules, count, hidden, url)


def _answer(asked: _Asked, kind: RecordKind, key: int) -> Answer:
    person, reach = asked.person, asked.reach
    closed = _closed_to(person, kind)
    if closed is not None:
        return Answer(False, (closed,))
    if kind.holding is None:
        return Answer(False, (Rule(_("Nothing is known of such records."), False),))
    holding = kind.holding(key)
    gone = holding.gone or ("" if reach.everything else holding.gone_for_some)
    if gone:
        return Answer(False, (Rule(str(gone), False),))
    if holding.behind is not None:
        name, behind = holding.behind
        answer = _answer(asked, record_kinds()[name], behind)
        stands = Rule(_("It is seen where the record is that it is on."), answer.sees)
        return Answer(answer.sees, (stands, *answer.rules))
    opening = tuple(_openings(asked, holding))
    return Answer(bool(opening), opening or tuple(_obstacles(person, reach, holding)))


def _closed_to(person: User, kind: RecordKind) -> Rule | None:
    """Why no record of this kind is seen at all."""
    if not person.is_active:
        return Rule(_("The account is deactivated: it reaches nothing."), False, _member_url(person), person.name)
    if kind.right and not person.has_right(kind.right):
        words = _("The role %(role)s has not the right that such records need.") % {"role": person.role.name}
        return Rule(words, False, _role_url(person.role), person.role.name)
    return None


def _openings(asked: _Asked, holding: Holding) -> Iterator[Rule]:
    """Every rule by which it is seen."""
    person, reach = asked.person, asked.reach
    role = _role_url(person.role)
    if holding.everybodys:
        yield Rule(_("Whoever has the right sees all such records."), True, role, person.role.name)
        return
    if reach.everything:
        words = _("The role %(role)s reaches all records.") % {"role": person.role.name}
        yield Rule(words, True, role, person.role.name)
        return
    owners = staff_by_id([each for each in holding.owners if each is not None and each in reach.owner_ids])
    for owner in owners:
        if owner.pk == person.pk:
            yield Rule(_("It is her or his own, and every role reaches that."), True, role, person.role.name)
            continue
        values = {"owner": owner.name, "team": owner.team.name if owner.team is not None else ""}
        words = _("It belongs to %(owner)s in %(team)s, and the role reaches the team and those below it.") % values
        yield Rule(words, True, _member_url(owner), owner.name)
    for kind, key in holding.shared_as:
        if key in reach.shared_ids(kind):
            yield from (_of_share(asked, share) for share in sharing.shares_reaching(person, kind, key))


def _obstacles(person: User, reach: Reach, holding: Holding) -> Iterator[Rule]:
    """What keeps it closed: whose it is, how far the role reaches, and that it was not shared."""
    owners = staff_by_id([each for each in holding.owners if each is not None])
    for owner in owners:
        yield Rule(_("It belongs to %(owner)s.") % {"owner": owner.name}, False, _member_url(owner), owner.name)
    if not owners:
        yield Rule(_("It belongs to nobody, so only roles that reach everything see it."), False)
    yield _scope_of(person, reach, opens=False)
    yield Rule(_("It is not shared with %(name)s, nor with a team of hers or his.") % {"name": person.name}, False)


def _how_far(person: User, reach: Reach, kind: RecordKind) -> Iterator[Rule]:
    yield Rule(
        _("The role %(role)s has the right that such records need.") % {"role": person.role.name}, True,
        _role_url(person.role), person.role.name,
    )  # fmt: skip
    if kind.holding is None or kind.is_everybodys:
        yield Rule(_("Whoever has the right sees all such records."), True)
        return
    yield _scope_of(person, reach, opens=True)
    shared = reach.shared_ids(kind.name)
    if shared:
        yield Rule(_("Besides, %(count)s of them are shared one by one.") % {"count": len(shared)}, True)


def _scope_of(person: User, reach: Reach, *, opens: bool) -> Rule:
    values = {"role": person.role.name, "scope": person.role.get_scope_display()}
    words = _("The role %(role)s reaches: %(scope)s.") % values
    if person.pk is not None and not reach.everything and len(reach.owner_ids) > 1:
        team = person.team.name if person.team is not None else ""
        words = f"{words} {_('That is %(count)s people in %(team)s and below.') % {'count': len(reach.owner_ids), 'team': team}}"
    return Rule(words, opens, _role_url(person.role), person.role.name)


def _of_share(asked: _Asked, share: Share) -> Rule:
    values = {
        "by": share.shared_by.name,
        "to": _("to be changed") if share.may_edit else _("to be read"),
        "until": day(share.last_moment) if share.last_moment is not None else _("it is taken back"),
        "whom": share.team.name if share.team is not None else "",
    }
    words = _("%(by)s shared it, %(to)s, until %(until)s.") % values
    if share.team is not None:
        words = _("%(by)s shared it with the team %(whom)s, %(to)s, until %(until)s.") % values
    return Rule(words, True, _share_url(asked, share), _("Sharing"))


def _share_url(asked: _Asked, share: Share) -> str:
    """The page where it was shared, for a reader who may come there."""
    key = share.record_id or share.customer_id or 0
    with gripping(asked.reader, Grip.HOLD):
        found = records_by_id(asked.reader, share.record_kind, [key]).get(key)
    if found is None or not asked.reader.has_right(SHARE.name):
        return ""
    return reverse("record_sharing", args=[found.kind, found.public_id])


def _role_url(role: Role) -> str:
    return reverse("role", args=[role.public_id])


def _member_url(person: User) -> str:
    return reverse("staff-member", args=[person.public_id])
