"""What a merge or a split will make of customers: tried out and looked at, then given up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.customers.consents.panel import shown_states
from rapport.customers.golden import CUSTOM_PREFIX, EVERY_FIELD, GOLDEN_FIELDS
from rapport.customers.presenting import as_read
from rapport.customers.provenance import LABELS
from rapport.customers.queries import name_of, profiles_of
from rapport.identity.actions import Outcome, merge_customers, split_customer, tried_out, undo_merge
from rapport.records.custom_fields.declaring import as_text, has_value
from rapport.records.layouts.sight import hidden_names, visible_custom_fields

if TYPE_CHECKING:
    from rapport.accounts.models import User

_THINGS: dict[str, str | Promise] = {
    "customers_profile": _("Sources"),
    "customers_touchpoint": _("Entries of the timeline"),
    "customers_interaction": _("Calls, notes and visits"),
    "customers_contactpoint": _("Further addresses and numbers"),
    "customers_consent": _("Consents"),
    "customers_relationship": _("Relationships"),
}
_NOT_COUNTED = ("customers_customer", "customers_identifier")


@dataclass(frozen=True)
class FieldPreview:
    """One attribute: what each side says, and what will be shown, from which source."""

    label: Any
    sides: tuple[str, ...]
    result: str
    source: str = ""

    @property
    def differs(self) -> bool:
        return len({said for said in self.sides if said}) > 1


@dataclass(frozen=True)
class Side:
    """A customer as it is before or will be after."""

    customer: Any
    title: str
    sources: tuple[str, ...]
    values: dict[str, str]
    from_source: dict[str, str]
    consents: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True)
class MergePreview:
    sides: list[Side]
    result: Side
    fields: list[FieldPreview]
    counts: list[tuple[str | Promise, int]] = field(default_factory=list)


@dataclass(frozen=True)
class SplitPreview:
    sides: list[Side]


def preview_merge(
    keep: Any, others: Sequence[Any], *, user: User, now: datetime, fields: Sequence[str] = GOLDEN_FIELDS
) -> MergePreview:
    """What would be if these became one. Raises UnableToMerge."""
    sides = [_side(customer, user=user, now=now) for customer in (keep, *others)]
    own = {f"{CUSTOM_PREFIX}{each.name}": each.label for each in visible_custom_fields(user, "customer")}
    labels = {name: LABELS[name] for name in fields if name in LABELS} | own

    def look(outcome: Outcome) -> tuple[Side, list[tuple[str | Promise, int]]]:
        survivor = type(keep).objects.get(pk=outcome.customer_id)
        return _side(survivor, user=user, now=now), _moved(outcome)

    result, counts = tried_out(lambda: merge_customers(keep.pk, [c.pk for c in others], by=user, now=now), look)
    shown = [
        FieldPreview(
            label,
            tuple(side.values.get(name, "") for side in sides),
            result.values.get(name, ""),
            result.from_source.get(name, ""),
        )
        for name, label in labels.items()
        if any(side.values.get(name) for side in (*sides, result))
    ]
    return MergePreview(sides, result, shown, counts)


def preview_split(customer: Any, profiles: Sequence[int], *, user: User, now: datetime) -> SplitPreview:
    """The customers that would be there after these profiles were taken out. Raises UnableToSplit."""
    return _apart(
        customer, lambda: split_customer(customer.pk, [], profile_ids=profiles, by=user, now=now), user=user, now=now
    )


def preview_undo(customer: Any, link: Any, *, user: User, now: datetime) -> SplitPreview:
    """The customers that would be there after this merge was taken back. Raises UnableToSplit."""
    return _apart(customer, lambda: undo_merge(link, by=user, now=now), user=user, now=now)


def _apart(customer: Any, deed: Callable[[], Outcome], *, user: User, now: datetime) -> SplitPreview:
    def look(outcome: Outcome) -> list[Side]:
        ids = [outcome.customer_id, *outcome.apart_ids]
        found = type(customer).objects.in_bulk(ids)
        return [_side(found[pk], user=user, now=now) for pk in dict.fromkeys(ids) if pk in found]

    return SplitPreview(tried_out(deed, look))


def _side(customer: Any, *, user: User, now: datetime) -> Side:
    """What `user` sees of a customer."""
    hidden = hidden_names(user, "customer")
    profiles = {profile.pk: profile for profile in profiles_of(customer)}
    everything = customer.provenance.get(EVERY_FIELD)
    values, sources = {}, {}
    for name in GOLDEN_FIELDS:
        value = getattr(customer, name)
        if value in (None, "") or name in hidden:
            continue
        values[name] = as_read(name, value)
        winner = profiles.get(customer.provenance.get(name, everything))
        sources[name] = winner.source.label if winner is not None else ""
    for each in visible_custom_fields(user, "customer"):
        if has_value(customer.custom.get(each.name)):
            name = f"{CUSTOM_PREFIX}{each.name}"
            values[name] = as_text(each, customer.custom[each.name])
            winner = profiles.get(customer.provenance.get(name, everything))
            sources[name] = winner.source.label if winner is not None else ""
    consents = tuple((s.purpose, s.channel, s.state.is_given) for s in shown_states(customer.pk, now=now))
    labels = tuple(dict.fromkeys(profile.source.label for profile in profiles.values()))
    return Side(customer, name_of(customer, hidden=hidden), labels, values, sources, consents)


def _moved(outcome: Outcome) -> list[tuple[str | Promise, int]]:
    moved = [(label, outcome.counts[table]) for table, label in _THINGS.items() if outcome.counts.get(table)]
    others = sum(
        count
        for table, count in outcome.counts.items()
        if table not in _THINGS and table not in _NOT_COUNTED and not table.startswith("identity_")
    )
    return [*moved, (_("Orders, tasks and other records"), others)] if others else moved
