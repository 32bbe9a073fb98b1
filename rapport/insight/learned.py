"""Keeping what was learned: the model with its report, and the news of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from rapport.core.acting import SYSTEM, acting
from rapport.core.events import publish
from rapport.insight.events import ModelLearned
from rapport.insight.models import LearnedModel


def keep_model(*, kind: str, as_of: date, is_refused: bool, **more: Any) -> LearnedModel:
    """Keep a model of this kind, or why there is none, and announce it; `more` are the other columns."""
    with acting(SYSTEM, reason=ModelLearned.name):
        made = LearnedModel.objects.create(kind=kind, as_of=as_of, is_refused=is_refused, **more)
        publish(ModelLearned(made.pk, kind, as_of.isoformat(), is_refused))
    return made
