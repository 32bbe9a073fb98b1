"""Keeping what was foretold of revenue: once a day, each with all that it was made of."""

from __future__ import annotations

from datetime import date, datetime

from rapport.insight.forecast.computing import NAME, VERSION, revenue_forecast
from rapport.insight.learned import keep_model
from rapport.insight.models import LearnedModel
from rapport.insight.reports import Reports

KEPT = 400


def keep_forecast(answers: Reports, *, as_of: date, now: datetime) -> LearnedModel:
    """The forecast as of a day: the one that is kept of it in this currency, else one that is made now and kept."""
    newest = LearnedModel.objects.filter(kind=NAME).order_by("-id").first()
    of_this = (VERSION, as_of, answers.snapshot.currency, False)
    if newest is not None and (newest.version, newest.as_of, newest.currency, newest.is_refused) == of_this:
        return newest
    report = revenue_forecast(answers, as_of=as_of)
    if newest is not None and newest.is_refused and newest.report.get("refused") == report.get("refused"):
        return newest
    made = keep_model(
        kind=NAME, version=VERSION, as_of=as_of, snapshot_folder=answers.snapshot.folder,
        currency=answers.snapshot.currency, is_refused="refused" in report, report=report, learned_at=now,
    )  # fmt: skip
    old = LearnedModel.objects.filter(kind=NAME).order_by("-id").values_list("id", flat=True)[KEPT:]
    LearnedModel.objects.filter(id__in=list(old)).delete()
    return made
