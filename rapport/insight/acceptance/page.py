"""The page "Can I trust this?" of the next best action as values: what was taken and refused, and whether it is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.customers.next_best.answered import answers_in_order, newest_standing
from rapport.customers.next_best.choosing import COUNTED, PRIOR_REFUSED, PRIOR_TAKEN
from rapport.customers.next_best.rules import URGENCY_WORDS, Rule, rules_for
from rapport.customers.next_best.standing import PRESSING
from rapport.insight.scores.acceptance import (
    ALIKE,
    BY_RULE,
    FEWEST,
    NOT_LEARNED,
    Acceptance,
    Learning,
    OfRule,
    Way,
    acceptance,
)
from rapport.insight.scores.evaluation import share_interval
from rapport.ui.formats import number, percent

if TYPE_CHECKING:
    from rapport.accounts.models import User

LEARNING = Learning(PRIOR_TAKEN, PRIOR_REFUSED, COUNTED)
WAYS: Mapping[str, str | Promise] = {
    BY_RULE: gettext_lazy("Learned rule by rule"),
    ALIKE: gettext_lazy("One rate for all rules"),
    NOT_LEARNED: gettext_lazy("Not learned: always one half"),
}
_DIGITS = 4


@dataclass(frozen=True)
class RuleLine:
    """A rule with its answers; `waiting` is for how many customers it stands as the best, None where that is not compared."""

    title: str | Promise
    kind: str | Promise
    waiting: str | None
    answers: str
    taken: str
    refused: str
    share: str
    bounds: str
    low: float
    middle: float
    high: float
    foretold: str
    counts: str


@dataclass(frozen=True)
class WayLine:
    name: str | Promise
    brier: str
    less: str
    bounds: str
    is_used: bool


@dataclass(frozen=True)
class AcceptancePage:
    says: str
    tiles: list[dict[str, str]]
    rules: list[RuleLine]
    ways: list[WayLine]
    since: datetime | None
    compared_at: datetime | None


def acceptance_page(user: User) -> AcceptancePage:
    """Of the rules whose reasons this person may read; answers are counted, of whom they are of is not asked."""
    rules = rules_for(user)
    answered = answers_in_order([rule.name for rule in rules])
    found = acceptance(
        [each.rule for each in answered], np.array([each.is_taken for each in answered], dtype=float), LEARNING
    )
    run = newest_standing()
    return AcceptancePage(
        says=verdict(found),
        tiles=_tiles(found) if found.answers else [],
        rules=_rules(rules, found, run.by_rule if run is not None else None),
        ways=[_way(each) for each in found.ways],
        since=answered[0].at if answered else None,
        compared_at=run.compared_at if run is not None else None,
    )


def verdict(found: Acceptance) -> str:
    """Whether learning from answers helps, in a sentence or two."""
    said = {"count": number(found.answers), "fewest": number(FEWEST)}
    if not found.ways:
        words = _(
            "Too few answers to tell: %(count)s, of at least %(fewest)s. Until then every proposal counts nearly alike, and money"
            " and urgency decide what comes first."
        )
        return words % said
    less = {each.name: each.less for each in found.ways if each.less is not None}
    if less[ALIKE].low > 0:
        words = _(
            "It learns: rule by rule, each of %(count)s answers was foretold from those before it, and better than by one rate for"
            " all rules, beyond chance."
        )
    elif less[NOT_LEARNED].low > 0:
        words = _(
            "It learns how often proposals are taken, from %(count)s answers, but the rules cannot be told apart beyond chance: one"
            " rate for all would foretell them as well."
        )
    else:
        words = _(
            "It has not been shown that it learns: from %(count)s answers, each foretold from those before it, not learning at all"
            " would have been as near. Money and urgency decide what comes first."
        )
    return words % said


def _tiles(found: Acceptance) -> list[dict[str, str]]:
    low, high = share_interval(found.taken, found.answers)
    tiles = [
        {
            "label": _("Answers"),
            "value": number(found.answers),
            "note": _("%(taken)s taken, %(refused)s not now")
            % {"taken": number(found.taken), "refused": number(found.answers - found.taken)},
        },
        {
            "label": _("Taken"),
            "value": percent(found.taken / found.answers),
            "note": _("95 %% sure within %(bounds)s") % {"bounds": _bounds(low, high)},
        },
    ]
    for each in found.ways:
        if each.less is not None:
            tiles.append(
                {
                    "label": _("Nearer than one rate for all") if each.name == ALIKE else _("Nearer than not learning"),
                    "value": _difference(each.less.value),
                    "note": _("mean squared miss; 95 %% sure within %(low)s to %(high)s")
                    % {"low": _difference(each.less.low), "high": _difference(each.less.high)},
                }
            )
    return tiles


def _rules(rules: Sequence[Rule], found: Acceptance, waiting: Mapping[str, int] | None) -> list[RuleLine]:
    """Only what cannot wait is compared for all customers."""
    known = {each.rule: each for each in found.rules}
    stand = {each.name: waiting.get(each.name, 0) for each in rules if waiting is not None and each.urgency in PRESSING}
    return [_rule(each, known.get(each.name), stand.get(each.name)) for each in rules]


def _rule(rule: Rule, known: OfRule | None, waiting: int | None) -> RuleLine:
    answers, taken = (known.answers, known.taken) if known is not None else (0, 0)
    told: dict[str, Any] = {"share": "–", "bounds": "", "low": 0.0, "middle": 0.0, "high": 0.0, "foretold": "–"}
    if known is not None:
        told = {
            "share": percent(known.share), "bounds": _bounds(known.low, known.high), "low": known.low,
            "middle": known.share, "high": known.high, "foretold": percent(known.foretold),
        }  # fmt: skip
    return RuleLine(
        title=rule.title, kind=URGENCY_WORDS[rule.urgency], waiting=None if waiting is None else number(waiting),
        answers=number(answers), taken=number(taken), refused=number(answers - taken),
        counts=percent(LEARNING.chance(taken, answers)), **told,
    )  # fmt: skip


def _way(each: Way) -> WayLine:
    less = each.less
    return WayLine(
        WAYS[each.name],
        number(each.brier, digits=_DIGITS),
        _difference(less.value) if less is not None else "",
        f"{_difference(less.low)} – {_difference(less.high)}" if less is not None else "",
        each.name == BY_RULE,
    )


def _bounds(low: float, high: float) -> str:
    return f"{percent(low)}–{percent(high)}"


def _difference(value: float) -> str:
    return number(value, digits=_DIGITS, signed=True)
