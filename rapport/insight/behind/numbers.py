"""Who stands behind a number of a page: the number as it is written in an address, in words, and as keys from the warehouse.

A number is written as what it counts and what it was asked with, `what=group,group=lost,as_of=2026-06-30,period=year`. Its
keys are found by the marts that counted it, so that both sides say the same.
"""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID
from zlib import compress, decompress

from django.utils.translation import gettext as _

from rapport.commerce.queries import find_product
from rapport.customers.touchpoints import touchpoint_kinds
from rapport.insight.behind.links import (
    ACTIVE,
    BEGAN,
    BOTH,
    BOUGHT,
    COHORT,
    CUSTOMER,
    ENDED,
    GROUP,
    MOVED,
    ORDER,
    PRODUCT,
    STEP,
    TAKEN,
    TENTH,
    TIMES,
    WAY,
)
from rapport.insight.customer_base.audit import sales_of
from rapport.insight.customer_base.moves import changed_groups
from rapport.insight.customer_base.periods import CUSTOMERS, MONTHS, PRODUCTS, BaseQuestion, period_days, period_number
from rapport.insight.customer_base.words import bracket_label, of_whom, period_label
from rapport.insight.journeys.computing import JourneyQuestion, chosen_moments
from rapport.insight.marts import journeys as journey_marts
from rapport.insight.marts.cohorts import first_purchases
from rapport.insight.marts.distribution import PARTS, member_parts
from rapport.insight.marts.facts import SALE
from rapport.insight.marts.period_members import BACK, KEPT, LOST, NEW, REVERSED, period_members
from rapport.insight.marts.product_pairs import MOST_PRODUCTS
from rapport.insight.queries import current_snapshot, segment_rules
from rapport.insight.reports import Report, reports
from rapport.insight.rfm.segments import NOT_YET, Segment
from rapport.insight.together.computing import items_up_to
from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute
from rapport.records.behaviors import read_blanks
from rapport.records.registry import UnknownField
from rapport.ui.formats import day as shown_day
from rapport.ui.formats import number

if TYPE_CHECKING:
    from ibis import ir

    from rapport.insight.reports import Reports

VERSION = 1
FEW = 5_000  # beyond so many, keys are kept as bits where that is shorter
_LENSES = {CUSTOMER: CUSTOMERS, PRODUCT: PRODUCTS}
_TOLD_BY_PURCHASES = tuple((CUSTOMER, name) for name in ("value", "first_purchase_on", "last_purchase_on"))
_TOLD_BY_GROUPS = ((CUSTOMER, "segment"), (CUSTOMER, "segment_before"))
_TOLD_BY_PRODUCTS = ((PRODUCT, "name"),)


@dataclass(frozen=True)
class Number:
    """A number that a page shows. `find` gives a table with the column `key`; who does not see what it `tells` may not ask."""

    words: str
    mart: str
    find: Callable[[Reports], ir.Table]
    tells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Keys:
    """The keys behind a number: few as they are, many as bits of which the first is that of `first`."""

    count: int
    few: list[int] | None
    first: int = 0
    bits: bytes = b""


def read_number(text: str, *, of: str) -> Number:
    """The number that is written so. Raises ValueError where there is none."""
    said = _Said(text)
    what = said.take("what")
    if what not in _NUMBERS or of not in _NUMBERS[what][0]:
        raise ValueError(text)
    found = _NUMBERS[what][1](of, said)
    said.end()
    return found if of == CUSTOMER else replace(found, tells=tuple(each for each in found.tells if each[0] != CUSTOMER))


def keys_behind(asked: Number, text: str, *, of: str) -> Keys:
    """Kept beside the snapshot. Raises UnknownField where the numbers have to be made first."""
    snapshot = current_snapshot()
    if snapshot is None:
        raise UnknownField(_("There are no numbers yet."))
    try:
        with reports(snapshot, rules=segment_rules()) as answers:
            kept = answers.answer("behind", (VERSION, of, text), lambda: _found(asked, answers))
    except (SnapshotMissing, UnableToCompute) as failure:
        raise UnknownField(str(failure)) from failure
    if "few" in kept:
        return Keys(kept["count"], kept["few"])
    return Keys(kept["count"], None, kept["first"], decompress(b64decode(kept["bits"])))


def _found(asked: Number, answers: Reports) -> Report:
    table, keys = asked.find(answers), array("q")
    for batch in answers.warehouse.batches(table.filter(table.key.notnull()).distinct(), rows=50_000):
        keys.extend(batch.column(0).to_pylist())
    return {"mart": asked.mart, "count": len(keys), **_packed(keys)}


def without(keys: Keys, left_out: Iterable[int]) -> Keys:
    """The same without these."""
    if keys.few is not None:
        unwanted = set(left_out)
        few = [key for key in keys.few if key not in unwanted] if unwanted else keys.few
        return Keys(len(few), few)
    bits, count = bytearray(keys.bits), keys.count
    for key in left_out:
        place, bit = divmod(key - keys.first, 8)
        if 0 <= place < len(bits) and bits[place] >> bit & 1:
            bits[place] ^= 1 << bit
            count -= 1
    return Keys(count, None, keys.first, bytes(bits))


def _packed(keys: array[int]) -> Report:
    first, last = (min(keys), max(keys)) if keys else (0, 0)
    if len(keys) <= FEW or last - first > 64 * len(keys):
        return {"few": sorted(keys)}
    bits = bytearray((last - first) // 8 + 1)
    for key in keys:
        bits[(key - first) >> 3] |= 1 << ((key - first) & 7)
    return {"first": first, "bits": b64encode(compress(bytes(bits))).decode()}


class _Said:
    """What a number was asked with; each part is taken once. Raises ValueError."""

    def __init__(self, text: str) -> None:
        filled = read_blanks(text)
        if any(len(values) > 1 or "\x00" in values[0] for values in filled.values()):
            raise ValueError(text)
        self._parts = {name: values[0] for name, values in filled.items()}

    def take(self, name: str, among: Iterable[str] | None = None) -> str:
        found = self._parts.pop(name, "")
        if among is not None and found not in among:
            raise ValueError(found)
        return found

    def whole(self, name: str, *, least: int, most: int) -> int:
        found = self.take(name)
        if not (found.isascii() and found.isdigit() and len(found) < 10 and least <= int(found) <= most):
            raise ValueError(found)
        return int(found)

    def day(self, name: str) -> date:
        found = date.fromisoformat(self.take(name))
        if not 1970 <= found.year <= 2200:
            raise ValueError(found)
        return found

    def end(self) -> None:
        if self._parts:
            raise ValueError(", ".join(self._parts))


def _period(of: str, said: _Said) -> BaseQuestion:
    return BaseQuestion(as_of=said.day("as_of"), period=said.take("period", MONTHS), of=_LENSES[of])


def _members(answers: Reports, question: BaseQuestion) -> ir.Table:
    """The mart `period_members` of those who are known."""
    sales = sales_of(answers, question.of)
    found = answers.warehouse.keep(
        f"members_{question.of}_{question.period}_{question.as_of:%Y%m%d}",
        lambda: period_members(sales, before=question.before, first=question.first, last=question.as_of),
    )
    return found.filter(found.member_id.notnull())


def _keys(members: ir.Table) -> ir.Table:
    return members.select(key=members.member_id)


def _days(first: date, last: date) -> dict[str, str]:
    return {"first": shown_day(first), "last": shown_day(last)}


def _bought(of: str, said: _Said) -> Number:
    question = _period(of, said)

    def find(answers: Reports) -> ir.Table:
        members = _members(answers, question)
        return _keys(members.filter(members.purchases > 0))

    words = of_whom(question.of, _("bought from %(first)s to %(last)s"), _("sold from %(first)s to %(last)s"))
    return Number(words % _days(question.first, question.as_of), "period_members", find, _TOLD_BY_PURCHASES)


def _tenth(of: str, said: _Said) -> Number:
    question, tenth = _period(of, said), said.whole("tenth", least=1, most=10)

    def find(answers: Reports) -> ir.Table:
        members = _members(answers, question)
        parts = member_parts(members.filter(members.purchases > 0), "value_micros")
        step = PARTS // 10
        return _keys(parts.filter(parts.part > (tenth - 1) * step, parts.part <= tenth * step))

    words = of_whom(
        question.of,
        _("tenth %(tenth)s by value of those who bought from %(first)s to %(last)s"),
        _("tenth %(tenth)s by value of those sold from %(first)s to %(last)s"),
    )
    said_in = {"tenth": number(tenth), **_days(question.first, question.as_of)}
    return Number(words % said_in, "distribution", find, _TOLD_BY_PURCHASES)


def _times(of: str, said: _Said) -> Number:
    question, low = _period(of, said), said.whole("from", least=1, most=1_000_000)
    text = said.take("to")
    high = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
    if text and high is None:
        raise ValueError(text)

    def find(answers: Reports) -> ir.Table:
        members = _members(answers, question)
        found = members.filter(members.purchases >= low)
        return _keys(found if high is None else found.filter(found.purchases <= high))

    words = _("purchases from %(first)s to %(last)s: %(times)s")
    said_in = {"times": bracket_label(low, high), **_days(question.first, question.as_of)}
    return Number(words % said_in, "distribution", find, _TOLD_BY_PURCHASES)


def _group(of: str, said: _Said) -> Number:
    question, group = _period(of, said), said.take("group", (KEPT, NEW, BACK, LOST, REVERSED))

    def find(answers: Reports) -> ir.Table:
        members = _members(answers, question)
        return _keys(members.filter(members.group == group))

    words = {
        KEPT: of_whom(
            question.of,
            _("kept: bought from %(before)s to %(until)s, and again from %(first)s to %(last)s"),
            _("kept: sold from %(before)s to %(until)s, and again from %(first)s to %(last)s"),
        ),
        NEW: of_whom(
            question.of,
            _("new: bought for the first time from %(first)s to %(last)s"),
            _("new: sold for the first time from %(first)s to %(last)s"),
        ),
        BACK: of_whom(
            question.of,
            _("back: bought before %(before)s, not until %(until)s, and again from %(first)s to %(last)s"),
            _("back: sold before %(before)s, not until %(until)s, and again from %(first)s to %(last)s"),
        ),
        LOST: of_whom(
            question.of,
            _("lost: bought from %(before)s to %(until)s, and not from %(first)s to %(last)s"),
            _("no longer sold: sold from %(before)s to %(until)s, and not from %(first)s to %(last)s"),
        ),
        REVERSED: _("only took back, from %(before)s to %(last)s"),
    }[group]
    days = _days(question.first, question.as_of) | {
        "before": shown_day(question.before), "until": shown_day(question.last_before),
    }  # fmt: skip
    return Number(words % days, "period_members", find, _TOLD_BY_PURCHASES)


def _cohort_of(said: _Said, as_of: date) -> tuple[date, date, str]:
    """The days of a cohort up to the day that is looked from, and what it is called."""
    grain, begins = said.take("grain", MONTHS), said.day("cohort")
    first, last = period_days(period_number(begins, grain), grain)
    return first, min(last, as_of), period_label(first, grain)


def _cohort(of: str, said: _Said) -> Number:
    as_of = said.day("as_of")
    first, last, label = _cohort_of(said, as_of)

    def find(answers: Reports) -> ir.Table:
        return _keys(_first_bought(sales_of(answers, _LENSES[of]), as_of, first, last))

    words = of_whom(_LENSES[of], _("first bought in %(cohort)s"), _("first sold in %(cohort)s"))
    return Number(words % {"cohort": label}, "cohorts", find, _TOLD_BY_PURCHASES)


def _first_bought(sales: ir.Table, as_of: date, first: date, last: date) -> ir.Table:
    found = first_purchases(sales, as_of=as_of)
    return found.filter(found.first_on >= first, found.first_on <= last)


def _active(of: str, said: _Said) -> Number:
    as_of, at = said.day("as_of"), said.day("at")
    grain = said.take("grain", MONTHS)
    begins, ends = period_days(period_number(at, grain), grain)
    ends, text = min(ends, as_of), said.take("cohort")
    cohort = period_days(period_number(date.fromisoformat(text), grain), grain) if text else None

    def find(answers: Reports) -> ir.Table:
        sales = sales_of(answers, _LENSES[of])
        bought = sales.filter(
            sales.kind == SALE, sales.member_id.notnull(), sales.placed_on >= begins, sales.placed_on <= ends
        )
        if cohort is not None:
            bought = bought.semi_join(_first_bought(sales, as_of, cohort[0], min(cohort[1], as_of)), "member_id")
        return _keys(bought)

    said_in = {"period": period_label(begins, grain), "cohort": period_label(cohort[0], grain) if cohort else ""}
    words = (
        of_whom(
            _LENSES[of],
            _("first bought in %(cohort)s, and bought in %(period)s"),
            _("first sold in %(cohort)s, and sold in %(period)s"),
        )
        if cohort
        else of_whom(_LENSES[of], _("bought in %(period)s"), _("sold in %(period)s"))
    )
    return Number(words % said_in, "cohorts", find, _TOLD_BY_PURCHASES)


def _moved(of: str, said: _Said) -> Number:
    as_of, since = said.day("as_of"), said.day("since")
    before, now = said.take("from", (*Segment.values, NOT_YET)), said.take("to", Segment.values)

    def find(answers: Reports) -> ir.Table:
        changed = changed_groups(answers, as_of=as_of, since=since)
        found = changed.filter(changed.segment == now, changed.segment_before == before)
        return found.select(key=found.customer_id)

    labels = {str(value): str(label) for value, label in Segment.choices} | {NOT_YET: _("Had not bought")}
    words = _("group on %(since)s: %(before)s; on %(as_of)s: %(now)s") % {
        "since": shown_day(since), "before": labels[before], "as_of": shown_day(as_of), "now": labels[now],
    }  # fmt: skip
    return Number(words, "settled", find, _TOLD_BY_GROUPS)


def _journeys(said: _Said) -> JourneyQuestion:
    return JourneyQuestion(
        as_of=said.day("as_of"), segment=said.take("segment", ("", *Segment.values)), channel=said.take("channel"),
        outcome=said.take("outcome"), gap_days=said.whole("gap", least=1, most=3_650),
    )  # fmt: skip


def _step(of: str, said: _Said) -> Number:
    question, activity, how = _journeys(said), said.take("step"), said.take("how", (TAKEN, BEGAN, ENDED))

    def find(answers: Reports) -> ir.Table:
        moments = chosen_moments(answers, question)
        if how == ENDED:
            ended = journey_marts.journeys(moments)
            found = ended.filter(ended.last_activity == activity)
        else:
            found = moments.filter(moments.activity == activity)
            found = found.filter(found.begins_journey) if how == BEGAN else found
        return found.select(key=found.customer_id)

    words = {
        TAKEN: _("a journey with the step “%(step)s”, as of %(day)s"),
        BEGAN: _("a journey that began with “%(step)s”, as of %(day)s"),
        ENDED: _("a journey that ended with “%(step)s”, as of %(day)s"),
    }[how]
    return Number(words % {"step": _activity(activity), "day": shown_day(question.as_of)}, "journeys", find)


def _way(of: str, said: _Said) -> Number:
    question, before, after = _journeys(said), said.take("from"), said.take("to")

    def find(answers: Reports) -> ir.Table:
        moments = chosen_moments(answers, question)
        found = moments.filter(
            moments.is_step, ~moments.begins_journey, moments.before == before, moments.activity == after
        )
        return found.select(key=found.customer_id)

    words = _("a journey with “%(before)s → %(after)s”, as of %(day)s") % {
        "before": _activity(before), "after": _activity(after), "day": shown_day(question.as_of),
    }  # fmt: skip
    return Number(words, "journeys", find)


def _activity(name: str) -> str:
    kind = touchpoint_kinds().get(name)
    return str(kind.label) if kind else name.replace("_", " ").capitalize()


def _both(of: str, said: _Said) -> Number:
    as_of = said.day("as_of")
    products = [find_product(UUID(said.take(name))) for name in ("product", "with")]
    one, other = products
    if one is None or other is None:
        raise ValueError(said)

    def find(answers: Reports) -> ir.Table:
        items = items_up_to(answers, as_of=as_of)
        sizes = items.group_by("order_id").aggregate(size=items.count())
        bought = items.filter(items.product_id == one.pk)
        bought = bought.semi_join(items.filter(items.product_id == other.pk), "order_id")
        bought = bought.semi_join(sizes.filter(sizes.size <= MOST_PRODUCTS), "order_id")
        return bought.select(key=bought.order_id if of == ORDER else bought.customer_id)

    words = _("a purchase with both %(one)s and %(other)s, up to %(day)s") % {
        "one": one.name or one.code, "other": other.name or other.code, "day": shown_day(as_of),
    }  # fmt: skip
    return Number(words, "product_pairs", find, _TOLD_BY_PRODUCTS)


_LENSED, _OF_CUSTOMERS = frozenset({CUSTOMER, PRODUCT}), frozenset({CUSTOMER})
_NUMBERS: Mapping[str, tuple[frozenset[str], Callable[[str, _Said], Number]]] = {
    BOUGHT: (_LENSED, _bought),
    TENTH: (_LENSED, _tenth),
    TIMES: (_LENSED, _times),
    GROUP: (_LENSED, _group),
    COHORT: (_LENSED, _cohort),
    ACTIVE: (_LENSED, _active),
    MOVED: (_OF_CUSTOMERS, _moved),
    STEP: (_OF_CUSTOMERS, _step),
    WAY: (_OF_CUSTOMERS, _way),
    BOTH: (frozenset({CUSTOMER, ORDER}), _both),
}
