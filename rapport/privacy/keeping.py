"""How long things are kept: the rules, what they would take away, and taking it away in batches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest

from rapport.audit import actions as audit
from rapport.core.acting import SYSTEM, acting
from rapport.core.retention import Retained, retained
from rapport.privacy.models import RetentionRule, RetentionRun

if TYPE_CHECKING:
    from rapport.accounts.models import User

NIGHTLY = "41 2 * * *"
_HOUR, _MINUTE = 2, 41
LONGEST_DAYS = 36_500
MOST_BATCHES = 2_000


class UnknownRule(LookupError):
    """Nothing of this name is kept for a time."""


@dataclass(frozen=True)
class Rule:
    """Something that is kept, for how long, and what the last run did about it."""

    item: Retained
    days: int | None
    last: RetentionRun | None

    @property
    def is_own(self) -> bool:
        return self.days != self.item.days


def rules() -> list[Rule]:
    said = dict(RetentionRule.objects.values_list("name", "days"))
    last = {run.name: run for run in RetentionRun.objects.order_by("name", "-at").distinct("name")}
    return [Rule(item, said.get(item.name, item.days), last.get(item.name)) for item in retained()]


def find_rule(name: str) -> Rule:
    rule = next((rule for rule in rules() if rule.item.name == name), None)
    if rule is None:
        raise UnknownRule(name)
    return rule


def next_run(*, now: datetime) -> datetime:
    at = now.replace(hour=_HOUR, minute=_MINUTE, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def would_go(rule: Rule, days: int | None, *, now: datetime) -> int:
    """How much would go at the next run if it were kept for so many days."""
    return rule.item.count(_before(days, now=now)) if days is not None else 0


def save_rule(rule: Rule, days: int | None, *, by: User, request: HttpRequest | None = None) -> None:
    with acting(by, request):
        RetentionRule.objects.update_or_create(name=rule.item.name, defaults={"days": days})


def apply_rules(*, now: datetime) -> dict[str, int]:
    """Take away what is too old, batch by batch; what is not finished tonight goes on tomorrow."""
    return {rule.item.name: _apply(rule, now=now) for rule in rules() if rule.days is not None}


def _apply(rule: Rule, *, now: datetime) -> int:
    assert rule.days is not None
    before, removed, is_complete = _before(rule.days, now=now), 0, False
    for _batch in range(MOST_BATCHES):
        with acting(SYSTEM, reason=f"retention {rule.item.name}"):
            count = rule.item.remove(before)
            if count:
                audit.record_bulk("retention", {rule.item.name: count})
        removed += count
        if not count:
            is_complete = True
            break
    RetentionRun.objects.create(name=rule.item.name, at=now, before=before, removed=removed, is_complete=is_complete)
    return removed


def _before(days: int | None, *, now: datetime) -> datetime:
    return now - timedelta(days=min(days if days is not None else LONGEST_DAYS, LONGEST_DAYS))
