"""What takes longer than a page may: the worker makes it, once however many ask, and the page comes by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.insight.marts.segments import Rules
from rapport.insight.models import Snapshot
from rapport.insight.reports import Engine, NotYetMade, Reports, reports
from rapport.insight.warehouse.asking import ANSWERING_TASK, ask_to_answer
from rapport.insight.warehouse.engine import UnableToCompute

AT_ONCE = 200_000  # of so many rows a page works its answer out itself; of millions that takes seconds
MOST_WAITING = 20
_DAYS = ("as_of", "since")
_WAITS, _FAILED = ("todo", "doing"), "failed"


class NothingYet(LookupError):
    """Nothing had happened by the day that is looked from; `oldest` is the first day of which something is known."""

    def __init__(self, oldest: date) -> None:
        super().__init__(oldest)
        self.oldest = oldest


class NotAnswered(UnableToCompute):
    """The worker tried, in vain."""

    def __init__(self) -> None:
        super().__init__(RuntimeError("the log of the worker says why."))


class Question(Protocol):
    """A dataclass whose other fields are texts, numbers and days."""

    @property
    def as_of(self) -> date: ...


Q = TypeVar("Q", bound=Question)
A = TypeVar("A")


@dataclass(frozen=True)
class LongAnswer(Generic[Q, A]):
    """What a page shows, `make`, and of which `tables` of the snapshot; `since` is where the oldest day of it stands.

    Everything that `make` asks is kept beside the snapshot, so that the page finds what the worker made.
    """

    name: str
    question: Callable[..., Q]
    make: Callable[[Reports, Q], A]
    is_empty: Callable[[A], bool]
    tables: tuple[str, ...]
    since: tuple[str, str]

    def is_long(self, snapshot: Snapshot) -> bool:
        return sum(snapshot.counts.get(table, 0) for table in self.tables) > AT_ONCE


def answer_page(of: LongAnswer[Q, A], question: Q, *, snapshot: Snapshot, rules: Rules) -> A:
    """What was kept, or what is worked out quickly. Otherwise the worker is asked, and this raises NotYetMade.

    Raises NothingYet for a day before anything happened, and NotAnswered where the worker tried in vain.
    """
    with reports(snapshot, rules=rules, only_kept=of.is_long(snapshot)) as answers:
        try:
            found = of.make(answers, question)
        except NotYetMade:
            _stop_before_anything(of, question, answers)
            _ask(of.name, question, snapshot)
            raise
        if of.is_empty(found):
            _stop_before_anything(of, question, answers)
        return found


def make_answer(
    of: LongAnswer[Any, Any], said: dict[str, Any], *, snapshot: Snapshot, rules: Rules, engine: Engine
) -> None:
    """Raises NotYetMade where the answer could not be kept: whoever waits for it would wait for ever."""
    question = of.question(
        **{name: date.fromisoformat(value) if name in _DAYS else value for name, value in said.items()}
    )
    with reports(snapshot, rules=rules, engine=engine) as answers:
        of.make(answers, question)
    with reports(snapshot, rules=rules, only_kept=True) as answers:
        of.make(answers, question)


def _stop_before_anything(of: LongAnswer[Any, Any], question: Question, answers: Reports) -> None:
    oldest = answers.oldest_on(*of.since)
    if oldest is not None and question.as_of < oldest:
        raise NothingYet(oldest)


def _ask(name: str, question: Question, snapshot: Snapshot) -> None:
    """Once for each question of a snapshot; where many wait already, whoever asks again later comes in."""
    said = {field: value.isoformat() if isinstance(value, date) else value for field, value in asdict(question).items()}  # type: ignore[call-overload]
    digest = hashlib.sha256(json.dumps([name, snapshot.pk, said]).encode()).hexdigest()[:24]
    once_for = f"{ANSWERING_TASK}:{digest}"
    jobs = ProcrastinateJob.objects.filter(task_name=ANSWERING_TASK)
    states = set(jobs.filter(queueing_lock=once_for).values_list("status", flat=True))
    if states.intersection(_WAITS):
        return
    if _FAILED in states:
        raise NotAnswered
    if jobs.filter(status="todo")[:MOST_WAITING].count() < MOST_WAITING:
        ask_to_answer(name, said, snapshot_id=snapshot.pk, once_for=once_for)
