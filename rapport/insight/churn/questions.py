"""What can be asked to be learned of leaving, which of it is due again, and what was learned last. No engine is needed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.insight import queries
from rapport.insight.models import LearnedModel, ScoreRun
from rapport.insight.warehouse.asking import LEARNING_TASK

KIND = "churn"
OLDEST = timedelta(days=1)
KEPT = 30


@dataclass(frozen=True)
class ChurnQuestion:
    """Learn from the field `label`, whose value `left` means that somebody left; without a field, from purchases."""

    label: str = ""
    left: str = ""
    afterwards: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return f"{KIND}:{self.label}" if self.label else KIND

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        return cls(str(said.get("label", "")), str(said.get("left", "")), tuple(said.get("afterwards", ())))

    def said(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def newest_learned(label: str) -> LearnedModel | None:
    return LearnedModel.objects.filter(kind=ChurnQuestion(label).kind).order_by("-id").first()


def labels_learned() -> list[str]:
    """The fields that were learned from, the newest first; purchases are ''."""
    kinds = LearnedModel.objects.filter(kind__startswith=KIND).order_by("-id").values_list("kind", flat=True)[:200]
    return list(dict.fromkeys(kind.partition(":")[2] for kind in kinds))


def questions_due(*, now: datetime) -> list[ChurnQuestion]:
    """What is to be learned again: a day after it was learned last, once there is anything to learn from."""
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return []
    found = [newest_learned(label) for label in labels_learned()]
    due = [
        ChurnQuestion.read(each.report.get("question", {}))
        for each in found
        if each is not None and now - each.learned_at >= OLDEST
    ]
    if snapshot.counts.get("orders") and newest_learned("") is None:
        due.append(ChurnQuestion())
    return due


def scored_label() -> str:
    """The field whose model gives customers their risk: one that was learned from; '' is purchases.

    Who does not see that field does not see the risk (Field.tells).
    """
    for label in sorted(set(labels_learned()) - {""}):
        newest = newest_learned(label)
        if newest is not None and not newest.is_refused:
            return label
    return ""


def newest_risks() -> ScoreRun | None:
    """The run that gave customers the risk that they have, with its model."""
    return ScoreRun.objects.filter(model__kind__startswith=KIND).select_related("model").order_by("-id").first()


def label_of_risks() -> str:
    """The field that their risk was learned from; '' is purchases, or that nobody has one."""
    run = newest_risks()
    return str(run.model.report.get("question", {}).get("label", "")) if run is not None else ""


def is_being_learned() -> bool:
    return bool(ProcrastinateJob.objects.filter(task_name=LEARNING_TASK, status__in=("todo", "doing")).exists())
