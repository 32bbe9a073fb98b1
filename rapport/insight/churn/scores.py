"""Writing back who may leave: the chance of every customer who was looked at, and why, swapped in whenever it is learned anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pyarrow as pa

from rapport.audit import actions as audit
from rapport.core.acting import SYSTEM, acting
from rapport.insight.churn.learning import Foretold
from rapport.insight.churn.questions import ChurnQuestion, label_of_risks, newest_risks
from rapport.insight.models import CustomerRisk, LearnedModel, ScoreRun
from rapport.insight.spare_tables import replace_rows
from rapport.records.custom_fields.actions import change_mark
from rapport.segments.asking import ask_to_rebuild_reading

WITH_REASONS = 20_000
_TABLE, _COLUMNS, _ROWS = "insight_leaving", ("customer_id", "leaving_percent", "reasons"), 20_000


def write_risks(foretold: Foretold | None, *, learned: LearnedModel, now: datetime) -> ScoreRun | None:
    """Swap the risks of everybody in; nobody has one where the data cannot carry it (`foretold` None)."""
    if foretold is None and not CustomerRisk.objects.exists():
        return None
    with acting(SYSTEM, reason="insight.churn"):
        before = label_of_risks()
        written = replace_rows(_TABLE, _COLUMNS, _parts(foretold) if foretold else [], called="risks")
        audit.record_bulk("risks of leaving computed", {"customers": written})
        run = ScoreRun.objects.create(
            model=learned, as_of=learned.as_of, snapshot_folder=learned.snapshot_folder, customers=written,
            finished_at=now,
        )  # fmt: skip
        if label_of_risks() != before:  # who sees the column is another question now
            change_mark()
    ask_to_rebuild_reading(_TABLE)
    return run


def risks_come_from(question: ChurnQuestion) -> bool:
    """Whether the risks that customers have were given by a model of this question."""
    newest = newest_risks()
    return newest is not None and newest.model.kind == question.kind


def _parts(foretold: Foretold) -> Iterator[pa.Table]:
    """The likeliest to leave come first, and alone have reasons."""
    for start in range(0, len(foretold.order), _ROWS):
        rows = foretold.order[start : start + _ROWS]
        if start < WITH_REASONS:
            told = [json.dumps(each.reasons) for each in foretold.scored(start, start + _ROWS)]
        else:
            told = ["[]"] * len(rows)
        yield pa.table(
            {
                "customer_id": foretold.table.customers[rows],
                "leaving_percent": np.round(foretold.chances[rows] * 100, 1),
                "reasons": told,
            }
        )
