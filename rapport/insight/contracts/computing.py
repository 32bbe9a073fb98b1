"""How long customers keep a contract that they may end at each renewal: from counts of those left, or from fields of customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_noop

from rapport.customers.consents.restrictions import restricted_ids
from rapport.insight.churn import fields as churn_fields
from rapport.insight.scores import sbg
from rapport.insight.scores.churn import UnableToLearn
from rapport.insight.scores.histories import Numbers, UnableToFit
from rapport.insight.scores.sbg import Renewals
from rapport.records.custom_fields.queries import custom_fields_of

if TYPE_CHECKING:
    from rapport.insight.reports import Report, Reports

NAME, VERSION = "retention", 3
FORETOLD = 12
LEAST_CONTRACTS = 100
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class ContractsAsked:
    """Survivors of one cohort, at first and after each renewal; or the fields that say when contracts began and ended.

    `every` is the time from one renewal to the next: month, quarter or year.
    """

    survivors: tuple[float, ...] = ()
    began: str = ""
    ended: str = ""
    every: str = "month"


def retention(answers: Reports, *, as_of: date, asked: ContractsAsked) -> Report:
    """Observed retention and survival, sBG's, and how it did on renewals it had not seen; `refused` where data cannot carry it."""
    head = {"report": NAME, "model": sbg.NAME, "version": VERSION, "as_of": as_of.isoformat()}
    try:
        if asked.survivors:
            renewals, told = Renewals.of_survivors(asked.survivors), {"learned_from": "survivors"}
        elif asked.began and asked.ended:
            renewals, told = _of_fields(answers, as_of, asked)
        else:
            raise UnableToFit(
                gettext_noop(
                    "Rapport keeps no contracts of its own. Say how many customers there were at first and after each renewal with"
                    " --survivors, or which fields of customers say when a contract began and ended with --began and --ended."
                )
            )
        return head | told | _learned(renewals)
    except UnableToFit as refusal:
        return head | refusal.said


def kept_retention(answers: Reports, *, as_of: date, asked: ContractsAsked) -> Report:
    """The same, computed once for each snapshot and question."""
    question = (VERSION, as_of, asked.survivors, asked.began, asked.ended, asked.every)
    return answers.answer(NAME, question, lambda: retention(answers, as_of=as_of, asked=asked))


def renewals_of(
    began: list[date | None], ended: list[date | None], *, as_of: date, months: int
) -> tuple[Renewals, int]:
    """Contracts by how many renewals they met as of a day, and how many contracts have met none yet.

    Who ends within the k-th period ends at its renewal, and is counted there once the day of that renewal has come, as those
    are who began with her and stay; an end after `as_of` is not known yet.
    """
    left: dict[int, int] = {}
    stayed: dict[int, int] = {}
    unmet = 0
    for start, end in zip(began, ended, strict=True):
        if start is None or start > as_of:
            continue
        met = _whole_months(start, as_of) // months
        ends_at = _renewal_of_end(start, end, months) if end is not None and start <= end <= as_of else None
        if ends_at is not None and ends_at <= met:
            left[ends_at] = left.get(ends_at, 0) + 1
        elif met:
            stayed[met] = stayed.get(met, 0) + 1
        else:
            unmet += 1
    most = max([0, *left, *stayed])
    counts = [[found.get(number, 0) for number in range(1, most + 1)] for found in (left, stayed)]
    return Renewals.of(counts[0] or [0], counts[1] or [0]), unmet


def observed(renewals: Renewals) -> tuple[Numbers, Numbers]:
    """Of each renewal: how many met it, and which share of them renewed (Kaplan and Meier 1958)."""
    met = np.cumsum((renewals.left + renewals.stayed)[::-1])[::-1]
    return met, 1 - renewals.left / np.maximum(met, 1)


def _of_fields(answers: Reports, as_of: date, asked: ContractsAsked) -> tuple[Renewals, Report]:
    fields = custom_fields_of("customer")
    try:
        began, ended = (churn_fields.find_field(fields, each) for each in (asked.began, asked.ended))
    except UnableToLearn as refusal:
        raise UnableToFit(refusal.words, **refusal.figures) from refusal
    said = churn_fields.values_of(answers.warehouse, (began, ended))
    held = set(restricted_ids())
    customers = sorted(set(said[began.name]) - held)
    starts = [_day(said[began.name].get(each)) for each in customers]
    ends = [_day(said[ended.name].get(each)) for each in customers]
    renewals, unmet = renewals_of(starts, ends, as_of=as_of, months=_MONTHS[asked.every])
    known = int(renewals.left.sum() + renewals.stayed.sum())
    if known < LEAST_CONTRACTS:
        raise UnableToFit(
            gettext_noop("%(known)s contracts have met a renewal; to learn from them takes %(least)s."),
            known=known, least=LEAST_CONTRACTS,
        )  # fmt: skip
    return renewals, {
        "learned_from": "fields",
        "began_field": began.label,
        "ended_field": ended.label,
        "every": asked.every,
        "met_no_renewal": unmet,
    }


def _learned(renewals: Renewals) -> Report:
    found = sbg.fit(renewals)
    met, kept = observed(renewals)
    numbers = np.arange(1, len(met) + 1 + FORETOLD)
    survival = found.model.survival(numbers)
    came = np.cumprod(kept)
    return {
        "contracts": int(renewals.left.sum() + renewals.stayed.sum()),
        "ended": int(renewals.left.sum()),
        "parameters": found.model.parameters,
        "standard_errors": {
            name: float(value) if np.isfinite(value) else None for name, value in found.standard_errors.items()
        },
        "log_likelihood": found.log_likelihood,
        "check": _check(renewals),
        "renewals": [
            {
                "renewal": int(number),
                "met": int(met[place]) if place < len(met) else None,
                "retention": float(kept[place]) if place < len(met) else None,
                "survival": float(came[place]) if place < len(met) else None,
                "expected_retention": float(found.model.retention(number)),
                "expected_survival": float(survival[place]),
            }
            for place, number in enumerate(numbers)
        ],
    }


def _check(renewals: Renewals) -> Report | None:
    """The later renewals as sBG of the earlier ones foretells them, beside everybody being alike; None where there are too few."""
    known = -(-len(renewals.left) * 3 // 5)
    if known < 2 or known >= len(renewals.left):
        return None
    stayed = renewals.stayed[:known].copy()
    stayed[-1] += renewals.left[known:].sum() + renewals.stayed[known:].sum()
    earlier = Renewals.of(renewals.left[:known], stayed)
    try:
        model = sbg.fit(earlier).model
    except UnableToFit:
        return None
    met, kept = observed(renewals)
    of_earlier, _kept = observed(earlier)
    alike = 1 - earlier.left.sum() / of_earlier.sum()
    numbers, weights = np.arange(known + 1, len(met) + 1), met[known:]
    off = np.abs(kept[known:] - model.retention(numbers))
    return {
        "known_renewals": int(known),
        "foretold_renewals": len(numbers),
        "retention_off": float(off @ weights / weights.sum()),
        "alike_off": float(np.abs(kept[known:] - alike) @ weights / weights.sum()),
        "later": [
            {
                "renewal": int(number),
                "met": int(met[number - 1]),
                "retention": float(kept[number - 1]),
                "expected": float(model.retention(number)),
                "alike": float(alike),
            }
            for number in numbers.tolist()
        ],
    }


def _day(values: list[str] | None) -> date | None:
    try:
        return date.fromisoformat(values[0][:10]) if values else None
    except ValueError:
        return None


def _renewal_of_end(start: date, end: date, months: int) -> int:
    """At which renewal somebody leaves whose contract ended on a day: a month that has begun counts as a whole one."""
    begun = _calendar_months(start, end) + (end.day > start.day)
    return max(1, -(-begun // months))


def _whole_months(start: date, end: date) -> int:
    """Months that are over. Where a month has no day like the first, it is over on its last: the 31st, a leap day."""
    is_last_day = (end + timedelta(days=1)).day == 1
    return _calendar_months(start, end) - (end.day < start.day and not is_last_day)


def _calendar_months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month
