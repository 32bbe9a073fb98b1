"""The groups of a list by one of its fields: how many records each has and what they add up to, counted honestly.

A group is the list with one more filter, so that it holds what the list shows when it is asked for that alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.accounts.access import reach_of
from rapport.accounts.queries import business, staff_list
from rapport.core.money import from_micros
from rapport.core.remembering import remembered
from rapport.records.filters.conditions import Filter, Operator, operators_of
from rapport.records.filters.values import People
from rapport.records.lists.querying import ListRequest
from rapport.records.lists.sql import SEARCH_LOOKS_AT, ListQuery, run
from rapport.records.registry import Field, FieldKind
from rapport.ui.formats import money, number

LOOKS_AT = 100_000
MOST_GROUPS = 40
NOTHING = "-"  # how the group of those without a value is called in an address
Totals = Mapping[str, Any]  # by currency; "" where the numbers have none


@dataclass(frozen=True)
class Group:
    """The records of one value. `key` is the value as an address says it, `label` as a person reads it.

    `is_known` says that the value can be chosen; others are only found.
    """

    key: str
    label: str | Promise
    condition: Filter
    count: int = 0
    totals: Totals | None = None
    is_known: bool = True
    is_data: bool = False

    @property
    def value(self) -> str:
        """What a record is given that is to stand here."""
        return "" if self.key == NOTHING else self.key

    @property
    def id(self) -> str:
        """Its name in ids of the page."""
        return hashlib.blake2b(self.key.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Tally:
    """How many records have which value, and what they add up to; `is_capped` where not all of them were looked at."""

    counts: Mapping[Any, int]
    totals: Mapping[Any, Totals]
    labels: Mapping[Any, str]
    is_capped: bool

    @property
    def looked_at(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Groups:
    """Every group in the order of the field, and how many records are in those that are left out."""

    by: Field
    total: Field | None
    groups: tuple[Group, ...]
    is_capped: bool
    left_out: int = 0

    @property
    def whole(self) -> Group | None:
        """All of them as one; nothing where there are not several, or some are not here."""
        if len(self.groups) < 2 or self.left_out:
            return None
        totals: dict[str, Any] = {}
        for currency, value in (each for group in self.groups for each in (group.totals or {}).items()):
            totals[currency] = totals.get(currency, 0) + value
        count = sum(each.count for each in self.groups)
        return replace(self.groups[0], key="*", label=_("Together"), count=count, totals=totals, is_data=False)

    def count_in_words(self, group: Group) -> str:
        shown = number(group.count)
        return _("at least %(count)s") % {"count": shown} if self.is_capped else shown

    def total_in_words(self, group: Group) -> str:
        """What the group adds up to, each currency by itself; nothing where nothing is added up."""
        if self.total is None or group.totals is None:
            return ""
        shown = " · ".join(_said(self.total, value, currency) for currency, value in sorted(group.totals.items()))
        return _("at least %(count)s") % {"count": shown} if self.is_capped and shown else shown


def groups_of(asked: ListRequest, *, most: int = MOST_GROUPS) -> Groups:
    """The groups of what is asked, by the field of its way; one statement. With `asked.filters` of its own."""
    by = asked.way.by
    assert by is not None
    tally = _tally(replace(asked, after=None), by, asked.way.total)
    found = [*_groups(by, tally, asked)]
    shown = found if len(found) <= most else _most_of(found, most)
    left_out = sum(each.count for each in found) - sum(each.count for each in shown)
    return Groups(by, asked.way.total, tuple(shown), tally.is_capped, left_out)


def within(asked: ListRequest, group: Group) -> ListRequest:
    """The list that has this group's records alone; its filter stands first, as an index is looked for by it."""
    return replace(asked, filters=(group.condition, *asked.filters))


def _tally(asked: ListRequest, by: Field, total: Field | None) -> Tally:
    query, currency = ListQuery(asked), _currency_of(asked, total)
    plain = sql.SQL(by.sql)
    values = sql.SQL("{} as label, {} as currency, {} as total").format(
        plain, sql.SQL(currency.sql if currency else "null"), sql.SQL(total.sql if total else "null::numeric")
    )
    most = SEARCH_LOOKS_AT if asked.words else LOOKS_AT
    joins = [by.join, *(each.join for each in (currency, total) if each is not None)]
    inner = query.select(
        values, conditions=query.conditions(), tail=(sql.SQL(" limit {}").format(most + 1), []), joins=joins
    )
    key = sql.SQL("lower(label)" if by.kind is FieldKind.TEXT else "label")
    label = sql.SQL("min(label)" if by.kind is FieldKind.TEXT else "null")
    statement = sql.SQL(
        "select {key}, currency, {label}, count(*), sum(total) from ({inner}) looked_at group by 1, 2"
    ).format(key=key, label=label, inner=inner[0])
    counts: dict[Any, int] = {}
    totals: dict[Any, dict[str, Any]] = {}
    labels: dict[Any, str] = {}
    for value, code, said, count, added in run(statement, inner[1]):
        value = None if value == "" else value
        counts[value] = counts.get(value, 0) + count
        labels[value] = said or labels.get(value, "")
        if added is not None:
            of_value = totals.setdefault(value, {})
            of_value[code or ""] = of_value.get(code or "", 0) + added
    return Tally(counts, totals, labels, sum(counts.values()) > most)


def _currency_of(asked: ListRequest, total: Field | None) -> Field | None:
    """The field with the currency of each amount, where amounts have different ones."""
    if total is None or total.kind is not FieldKind.MONEY or total.own is not None:
        return None
    return asked.fields.get("currency")


def _groups(by: Field, tally: Tally, asked: ListRequest) -> Iterator[Group]:
    """Those that can be chosen in their order, then what else was found, then those without a value."""
    operators = {each.name: each for each in operators_of(by)}
    known = list(_KNOWN[by.kind](by, tally, asked, operators["is"]))
    yield from (_counted(each, value, tally) for value, each in known)
    values = {value for value, _group in known}
    others = [value for value in tally.counts if value is not None and value not in values]
    for value in sorted(others, key=lambda each: (-tally.counts[each], str(each)))[: 2 * MOST_GROUPS]:
        group = _found(by, value, tally, operators["is"])
        if group is not None:
            yield _counted(group, value, tally)
    if "empty" in operators:
        without = Filter(by, operators["empty"], "", None)
        yield _counted(Group(NOTHING, _("Without a value"), without), None, tally)


def _counted(group: Group, value: Any, tally: Tally) -> Group:
    return replace(group, count=tally.counts.get(value, 0), totals=tally.totals.get(value, {}))


def _choices(by: Field, tally: Tally, asked: ListRequest, operator: Operator) -> Iterator[tuple[Any, Group]]:
    archived = {each.value for each in by.own.choices if each.archived} if by.own is not None else set()
    for value, label in by.choices() if by.choices is not None else ():
        if value not in archived or value in tally.counts:
            condition = Filter(by, operator, value, [value])
            known = value not in archived
            yield value, Group(value, label, condition, is_known=known, is_data=by.own is not None)


def _yes_and_no(by: Field, tally: Tally, asked: ListRequest, operator: Operator) -> Iterator[tuple[Any, Group]]:
    for value, text, label in ((True, "yes", _("yes")), (False, "no", _("no"))):
        yield value, Group(text, label, Filter(by, operator, text, value))


def _people(by: Field, tally: Tally, asked: ListRequest, operator: Operator) -> Iterator[tuple[Any, Group]]:
    """Oneself first, then by name whoever has some of these records, then who works here within reach and has none."""
    reach = reach_of(asked.user)
    staff = sorted(_staff(), key=lambda each: (each.pk != asked.user.pk, each.pk not in tally.counts, each.name))
    for person in staff:
        is_known = person.is_active and (reach.everything or person.pk in reach.owner_ids)
        if is_known or person.pk in tally.counts:
            text = str(person.public_id)
            condition = Filter(by, operator, text, People([person.pk], person.name))
            yield person.pk, Group(text, person.name, condition, is_known=is_known, is_data=True)


def _texts(by: Field, tally: Tally, asked: ListRequest, operator: Operator) -> Iterator[tuple[Any, Group]]:
    """Nothing is known of what a text may say."""
    return iter(())


def _found(by: Field, value: Any, tally: Tally, operator: Operator) -> Group | None:
    """The group of a value that was found and cannot be chosen."""
    if by.kind is FieldKind.TEXT:
        label = tally.labels.get(value) or str(value)
        shown = by.format(label) if by.format is not None else label
        return Group(str(value), shown, Filter(by, operator, label, label), is_known=False, is_data=True)
    if by.kind is FieldKind.CHOICE:
        return Group(str(value), str(value), Filter(by, operator, value, [value]), is_known=False, is_data=True)
    return None


def _most_of(found: Sequence[Group], most: int) -> list[Group]:
    """Those with the most records, in their order; whoever has none goes first."""
    kept = {each.key for each in sorted(found, key=lambda each: -each.count)[:most]}
    return [each for each in found if each.key in kept]


def _staff() -> list[Any]:
    return remembered("records.staff", staff_list)


def _said(total: Field, value: Any, currency: str) -> str:
    if total.kind is FieldKind.NUMBER:
        exponent = value.normalize().as_tuple().exponent if hasattr(value, "normalize") else 0
        return number(value, digits=min(6, max(0, -exponent)) if isinstance(exponent, int) else 0)
    found = business()
    code = currency or (found.currency if found is not None else "")
    return money(int(value), code, whole=True) if code else number(from_micros(int(value)))


_KNOWN = {
    FieldKind.CHOICE: _choices,
    FieldKind.BOOLEAN: _yes_and_no,
    FieldKind.PERSON: _people,
    FieldKind.TEXT: _texts,
}
