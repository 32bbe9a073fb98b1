"""The people and organizations around a customer, as far as one may see both ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.customers.models import Customer, Relationship
from rapport.customers.queries import name_of
from rapport.records.layouts.sight import hidden_names
from rapport.ui.formats import day

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_SHOWN = 200
# how a tie reads from the customer it begins at, and from the other one
WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "works_at": (gettext_lazy("works at"), gettext_lazy("employs")),
    "household": (gettext_lazy("lives with"), gettext_lazy("lives with")),
    "owns": (gettext_lazy("owns"), gettext_lazy("belongs to")),
    "referred": (gettext_lazy("referred"), gettext_lazy("was referred by")),
    "parent": (gettext_lazy("is the parent of"), gettext_lazy("is a child of")),
}
SYMMETRIC = frozenset({"household"})
BACKWARD = ".back"


@dataclass(frozen=True)
class Tie:
    """A relationship as it reads from one of its two customers."""

    relationship: Relationship
    other: Customer
    words: str
    is_ended: bool
    other_name: str

    @property
    def role(self) -> str:
        return self.relationship.role

    @property
    def when(self) -> str:
        """Since when, and until when."""
        since, until = self.relationship.since, self.relationship.until
        if since and until:
            return _("%(since)s to %(until)s") % {"since": day(since), "until": day(until)}
        if until:
            return _("until %(day)s") % {"day": day(until)}
        return _("since %(day)s") % {"day": day(since)} if since else ""


def direction_choices() -> list[tuple[str, str | Promise]]:
    """Every kind in both directions, as it is chosen on the page of one of the two."""
    choices = []
    for kind, (forward, backward) in WORDS.items():
        choices.append((kind, forward))
        if kind not in SYMMETRIC:
            choices.append((kind + BACKWARD, backward))
    return choices


def ties_of(user: User, customer: Customer, *, today: date, at_most: int = MOST_SHOWN) -> list[Tie]:
    """What ties the customer to others that `user` may see: what holds now comes first, then the latest."""
    found = (
        Relationship.objects.visible_to(user)
        .filter(Q(from_customer=customer) | Q(to_customer=customer))
        .select_related("from_customer", "to_customer")
        .order_by(F("until").desc(nulls_first=True), "kind", "-pk")[:at_most]
    )
    hidden = hidden_names(user, "customer")
    ties = [tie_from(relationship, customer, today=today, hidden=hidden) for relationship in found]
    return _once_each(sorted(ties, key=lambda tie: tie.is_ended))


def _once_each(ties: Sequence[Tie]) -> list[Tie]:
    """What several sources of one customer say alike is told once."""
    told: dict[tuple[Any, ...], Tie] = {}
    for tie in ties:
        told.setdefault((tie.relationship.kind, tie.words, tie.other.pk, tie.role, tie.when), tie)
    with_role = {(tie.words, tie.other.pk) for tie in told.values() if tie.role}
    return [tie for tie in told.values() if tie.role or tie.when or (tie.words, tie.other.pk) not in with_role]


def tie_from(relationship: Relationship, customer: Customer, *, today: date, hidden: Collection[str]) -> Tie:
    """How the relationship reads from `customer`, for somebody who does not see the `hidden` fields."""
    is_forward = relationship.from_customer_id == customer.pk
    forward, backward = WORDS.get(relationship.kind, (relationship.kind, relationship.kind))
    other = relationship.to_customer if is_forward else relationship.from_customer
    ended = relationship.until is not None and relationship.until < today
    return Tie(relationship, other, str(forward if is_forward else backward), ended, name_of(other, hidden=hidden))
