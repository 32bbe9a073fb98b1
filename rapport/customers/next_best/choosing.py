"""Which of the actions that rules propose is the best for a customer, which come after it, and why others do not count.

The most urgent class comes first. Within one: what is at stake (micros × likelihood, a single unit of money where nobody
knows), times how often the rule's proposals are taken: (taken + 2) ÷ (answers + 4) of its newest thousand answers, the mean of
a Beta(2, 2) prior after them, so that a rule nobody has answered yet counts as one in two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from rapport.accounts.queries import business
from rapport.core.money import MICROS
from rapport.customers.consents.restrictions import restricted_among
from rapport.customers.models import ActionAnswer, AnswerKind
from rapport.customers.next_best.allowed import Said, said_of_marketing, why_not_allowed
from rapport.customers.next_best.rules import Found, Permission, Rule, Urgency
from rapport.ui.formats import day

PRIOR_TAKEN, PRIOR_REFUSED = 2, 2
COUNTED = 1_000
_RATES = """
select wanted.rule, count(*) filter (where newest.answer = 'taken'), count(newest.answer)
  from unnest(%s::text[]) wanted (rule)
  left join lateral (select answer from customers_actionanswer a where a.rule = wanted.rule
                      order by a.answered_at desc limit %s) newest on true
 group by wanted.rule
"""


@dataclass(frozen=True)
class Candidate:
    """A rule that applies to a customer. `stake_micros` = micros × likelihood in the business's currency; `why_not` says in
    words why it is not proposed all the same."""

    rule: Rule
    found: Found
    rate: float
    stake_micros: int
    why_not: str = ""

    @property
    def title(self) -> str:
        return self.found.title or str(self.rule.title)

    @property
    def score(self) -> float:
        """Units of money at stake, times the rate."""
        return max(self.stake_micros, MICROS * self.found.likelihood) / MICROS * self.rate

    @property
    def order(self) -> tuple[int, float, str]:
        return (self.rule.urgency, -self.score, self.rule.name)


@dataclass(frozen=True)
class NextActions:
    """For one customer: what is proposed, the best first; what is held back; and the rules that do not apply."""

    proposed: list[Candidate]
    held_back: list[Candidate]
    others: list[Rule]

    @property
    def best(self) -> Candidate | None:
        return self.proposed[0] if self.proposed else None

    @property
    def second(self) -> Candidate | None:
        return self.proposed[1] if len(self.proposed) > 1 else None


def next_actions_of(ids: Sequence[int], rules: Sequence[Rule], *, now: datetime) -> dict[int, NextActions]:
    """By these rules, for these customers, whom the caller let through the gate: a few statements for all of them."""
    ids = list(ids)
    found = {rule.name: rule.find(ids, now) for rule in rules}
    concerned = sorted({customer for each in found.values() for customer in each})
    asks = any(rule.permission is not Permission.NONE_NEEDED and found[rule.name] for rule in rules)
    said = said_of_marketing(concerned, now=now) if asks else {}
    restricted = restricted_among(ids) if concerned else set()
    answered = _answers(concerned, now=now)
    rates = taken_rates([rule.name for rule in rules if found[rule.name]])
    here = business()
    currency = here.currency if here is not None else ""
    return {
        customer: _judged(
            {rule: found[rule.name][customer] for rule in rules if customer in found[rule.name]},
            said=said.get(customer, {}), answered=answered.get(customer, {}), rates=rates, rules=rules, now=now,
            is_restricted=customer in restricted, currency=currency,
        )
        for customer in ids
    }  # fmt: skip


def taken_rates(names: Sequence[str]) -> dict[str, float]:
    """How often what a rule proposes is taken, by rule, smoothed as the module says."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_RATES, [list(names), COUNTED])
        return {rule: smoothed(taken, answers) for rule, taken, answers in cursor.fetchall()}


def smoothed(taken: int, answers: int) -> float:
    return (taken + PRIOR_TAKEN) / (answers + PRIOR_TAKEN + PRIOR_REFUSED)


Answers = Mapping[str, ActionAnswer]


def _answers(ids: Sequence[int], *, now: datetime) -> dict[int, dict[str, ActionAnswer]]:
    """The newest answer to each rule for these customers, as far as any rule is still quiet after it."""
    if not ids:
        return {}
    newest: dict[int, dict[str, ActionAnswer]] = {}
    recent = ActionAnswer.objects.filter(customer_id__in=ids, answered_at__gt=now - timedelta(days=366))
    for answer in recent.order_by("answered_at", "pk"):
        newest.setdefault(answer.customer_id, {})[answer.rule] = answer
    return newest


def _judged(
    found: Mapping[Rule, Found], *, said: Said, answered: Answers, rates: Mapping[str, float], rules: Sequence[Rule],
    now: datetime, is_restricted: bool, currency: str,
) -> NextActions:  # fmt: skip
    complains = any(
        rule.urgency is Urgency.COMPLAINT and not _is_taken(answered.get(rule.name), rule, now=now) for rule in found
    )
    judged = [
        Candidate(
            rule, each, rates[rule.name], _stake(each, currency),
            _why_not(rule, said, answered, now=now, is_restricted=is_restricted, complains=complains),
        )
        for rule, each in found.items()
    ]  # fmt: skip
    judged.sort(key=lambda candidate: candidate.order)
    return NextActions(
        [each for each in judged if not each.why_not],
        [each for each in judged if each.why_not],
        [rule for rule in rules if rule not in found],
    )


def _stake(found: Found, currency: str) -> int:
    """Nothing where the money is in another currency: it cannot be compared."""
    if found.micros is None or found.micros < 0 or found.currency != currency:
        return 0
    return round(found.micros * found.likelihood)


def _why_not(rule: Rule, said: Said, answered: Answers, *, now: datetime, is_restricted: bool, complains: bool) -> str:
    if is_restricted:
        return _("Processing is restricted: nothing is done with what we know.")
    if complains and rule.urgency is Urgency.OFFER:
        return _("Something went wrong that nobody has spoken about yet: no offer before that.")
    answer = answered.get(rule.name)
    if answer is not None and _is_quiet(answer, rule, now=now):
        words = {"day": day(answer.answered_at), "until": day(answer.answered_at + timedelta(days=rule.quiet_days))}
        if answer.answer == AnswerKind.TAKEN:
            return _("Taken on %(day)s; it is quiet until %(until)s.") % words
        refused = _("Not now, somebody said on %(day)s; it is quiet until %(until)s.") % words
        return f"{refused} “{answer.note}”" if answer.note else refused
    return why_not_allowed(rule, said)


def _is_taken(answer: ActionAnswer | None, rule: Rule, *, now: datetime) -> bool:
    return answer is not None and answer.answer == AnswerKind.TAKEN and _is_quiet(answer, rule, now=now)


def _is_quiet(answer: ActionAnswer, rule: Rule, *, now: datetime) -> bool:
    return answer.answered_at > now - timedelta(days=rule.quiet_days)
