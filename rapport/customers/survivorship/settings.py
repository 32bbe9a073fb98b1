"""Changing which value is shown: the order of the sources, the rule of each field, what that would do, and saving it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest
from psycopg import sql

from rapport.core.acting import acting
from rapport.customers.golden import CUSTOM_PREFIX, UNITS
from rapport.customers.models import Derivation, DerivationState, FieldPriority, FieldRule, Rule, Source
from rapport.customers.provenance import UNIT_LABELS
from rapport.customers.survivorship.deriving import compare_relation
from rapport.customers.survivorship.rederiving import MANY_PROFILES, announce_applied, queue_derivation
from rapport.customers.survivorship.rules import PRIORITY, Rules, hold_off_deriving, rules_in_force
from rapport.records.custom_fields.queries import custom_fields_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

SAMPLE = 20_000
_FIRST = -1  # the priority, for one field, of the source that goes before all others there
_WIDEST_STEP, _NEWCOMERS = 10, 100  # sources that come in later stand at the end
LONGEST_LABEL = 100


class RulesRefused(ValueError):
    """What was sent does not fit the sources and fields that are there (any more)."""


@dataclass(frozen=True)
class SourcePlace:
    """One source in the order; `shares` says that it stands beside the one above it, and the newer of them wins."""

    id: int
    name: str
    label: str
    shares: bool = False


@dataclass(frozen=True)
class UnitRule:
    """The rule of one unit; `first` is the source that goes before all others there, 0 for none."""

    name: str
    label: str
    rule: str = PRIORITY
    first: int = 0


@dataclass(frozen=True)
class RulesDraft:
    sources: tuple[SourcePlace, ...]
    units: tuple[UnitRule, ...]

    @property
    def priorities(self) -> dict[int, int]:
        found: dict[int, int] = {}
        place, step = 0, max(1, min(_WIDEST_STEP, (_NEWCOMERS - 1) // max(1, len(self.sources))))
        for number, source in enumerate(self.sources):
            place += 0 if number == 0 or source.shares else step
            found[source.id] = place
        return found

    def moved(self, source_id: int, *, up: bool) -> RulesDraft:
        """With one source a place higher or lower; at the end of the order nothing changes."""
        order = list(self.sources)
        here = next((at for at, source in enumerate(order) if source.id == source_id), None)
        there = None if here is None else here + (-1 if up else 1)
        if here is None or there is None or not 0 <= there < len(order):
            return self
        order[here], order[there] = order[there], order[here]
        order[0] = replace(order[0], shares=False)
        return replace(self, sources=tuple(order))


@dataclass(frozen=True)
class Effect:
    """What the draft would do. `looked_at` of `total` customers with several profiles were compared."""

    total: int
    looked_at: int
    changed: int
    by_unit: tuple[tuple[str, int], ...]

    @property
    def is_sample(self) -> bool:
        return self.looked_at < self.total


def current_draft() -> RulesDraft:
    rules = rules_in_force()
    places: list[SourcePlace] = []
    before: int | None = None
    for source in Source.objects.order_by("priority", "label", "pk"):
        places.append(SourcePlace(source.pk, source.name, source.label, shares=source.priority == before))
        before = source.priority
    units = [
        UnitRule(name, label, rules.rule_of(name), _first_of(rules.own_priorities.get(name, {})))
        for name, label in _unit_labels().items()
    ]
    return RulesDraft(tuple(places), tuple(units))


def read_draft(
    *,
    order: list[str],
    labels: Mapping[str, str],
    shares: set[str],
    rules: Mapping[str, str],
    firsts: Mapping[str, str],
) -> RulesDraft:
    """The draft that a form sent. Raises RulesRefused where it does not name every source once, or an unknown rule."""
    known = {str(source.id): source for source in current_draft().sources}
    if sorted(order) != sorted(known):
        raise RulesRefused("sources")
    sources = [
        replace(known[key], label=labels.get(key, "").strip()[:LONGEST_LABEL] or known[key].label, shares=key in shares)
        for key in order
    ]
    sources[:1] = [replace(source, shares=False) for source in sources[:1]]
    units = [
        UnitRule(name, label, _checked(rules.get(name, PRIORITY), Rule.values), int(_checked(firsts.get(name, "0"), ["0", *known])))
        for name, label in _unit_labels().items()
    ]  # fmt: skip
    return RulesDraft(tuple(sources), tuple(units))


def effect_of(draft: RulesDraft) -> Effect:
    """How many customers would show something else; many customers are judged by a part of them."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select count(*) from ({}) several").format(MANY_PROFILES))
        total = cursor.fetchone()[0]
        every = max(1, -(-total // SAMPLE))
        some = sql.SQL("select customer_id from ({}) several where customer_id % {} = 0").format(
            MANY_PROFILES, sql.Literal(every)
        )
        looked_at, changed, by_unit = compare_relation(cursor, some, _rules_of(draft))
    labels = _unit_labels()
    return Effect(total, looked_at, changed, tuple((labels[unit], count) for unit, count in by_unit.items()))


def save_rules(draft: RulesDraft, *, by: User, request: HttpRequest | None = None) -> Derivation | None:
    """Keep the draft, and have all customers derived again that it can concern; None where no rule changed."""
    before = rules_in_force()
    wanted = _rules_of(draft)
    with acting(by, request, reason="customers.rules_changed"):
        for source in draft.sources:
            Source.objects.filter(pk=source.id).exclude(label=source.label).update(label=source.label)
        if (_ranks(before.priorities), before.rules, before.own_priorities) == (
            _ranks(wanted.priorities), wanted.rules, wanted.own_priorities
        ):  # fmt: skip
            return None
        with connection.cursor() as cursor:
            _write(cursor, wanted)
        _cancel_running()
        derivation = Derivation.objects.create(actor_label=by.actor_label)
        queue_derivation(derivation)
    return derivation


def cancel_derivation(*, by: User, request: HttpRequest | None = None) -> bool:
    """Stop after the chunk that is under way; what is derived already stays, the rest follows its next change."""
    with acting(by, request):
        return _cancel_running()


def _cancel_running() -> bool:
    """Waits for the chunk that is under way, which has counted its customers when this goes on."""
    running = list(Derivation.objects.select_for_update().filter(state=DerivationState.RUNNING))
    for run in running:
        run.state = DerivationState.CANCELLED
        run.save(update_fields=["state"])
        announce_applied(run)
    return bool(running)


def latest_derivation() -> Derivation | None:
    return Derivation.objects.order_by("-pk").first()


def derive_all_again(*, by: User, request: HttpRequest | None = None) -> Derivation:
    """One more pass by the rules as they are, after one that was cancelled or failed."""
    with acting(by, request):
        _cancel_running()
        derivation = Derivation.objects.create(actor_label=by.actor_label)
        queue_derivation(derivation)
    return derivation


def _write(cursor: CursorWrapper, wanted: Rules) -> None:
    hold_off_deriving(cursor)
    for source_id, priority in wanted.priorities.items():
        Source.objects.filter(pk=source_id).exclude(priority=priority).update(priority=priority)
    FieldRule.objects.exclude(field__in=wanted.rules).delete()
    for field, rule in wanted.rules.items():
        FieldRule.objects.update_or_create(field=field, defaults={"rule": rule})
    kept = {(field, source) for field, own in wanted.own_priorities.items() for source in own}
    for row in FieldPriority.objects.all():
        if (row.field, row.source_id) not in kept:
            row.delete()
    for field, source in kept:
        FieldPriority.objects.update_or_create(
            field=field, source_id=source, defaults={"priority": wanted.own_priorities[field][source]}
        )


def _rules_of(draft: RulesDraft) -> Rules:
    """The draft as rules. What the page cannot show, an order of several sources for one field, stays where it begins alike."""
    before = rules_in_force()
    rules = {unit.name: unit.rule for unit in draft.units if unit.rule != PRIORITY}
    own: dict[str, Mapping[int, int]] = {}
    for unit in draft.units:
        stands = before.own_priorities.get(unit.name, {})
        if unit.first:
            own[unit.name] = stands if _first_of(stands) == unit.first else {unit.first: _FIRST}
    return Rules(draft.priorities, before.staff_id, rules, own)


def _ranks(priorities: Mapping[int, int]) -> dict[int, int]:
    """The priorities as places, so that the same order in other numbers is the same."""
    places = {priority: place for place, priority in enumerate(sorted(set(priorities.values())))}
    return {source: places[priority] for source, priority in priorities.items()}


def _first_of(own: Mapping[int, int]) -> int:
    return min(own, key=lambda source: (own[source], source), default=0)


def _checked(value: str, allowed: list[str]) -> str:
    if value not in allowed:
        raise RulesRefused(value)
    return value


def _unit_labels() -> dict[str, str]:
    custom = {f"{CUSTOM_PREFIX}{each.name}": each.label for each in custom_fields_of("customer")}
    return {**{unit.name: str(UNIT_LABELS[unit.name]) for unit in UNITS}, **custom}
