"""Learning who leaves from the current snapshot, and keeping what came of it: figures of everybody together, nothing of anybody."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from rapport.core.clock import business_day
from rapport.insight import queries
from rapport.insight.actions import BACKGROUND
from rapport.insight.churn.learning import LabelAsked, learn_from_label, learn_from_purchases
from rapport.insight.churn.questions import KEPT, KIND, ChurnQuestion, scored_label
from rapport.insight.churn.scores import risks_come_from, write_risks
from rapport.insight.learned import keep_model
from rapport.insight.models import LearnedModel, ScoreRun
from rapport.insight.reports import reports
from rapport.insight.scores import churn, lapse
from rapport.insight.scores.churn import UnableToLearn


def learn_and_keep(question: ChurnQuestion, *, now: datetime) -> LearnedModel | None:
    """Learn as of the snapshot's day; None while there is no snapshot. A refusal is kept like any other answer."""
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return None
    as_of = business_day(snapshot.started_at, zone=ZoneInfo(snapshot.time_zone))
    with reports(snapshot, rules=queries.segment_rules(), engine=BACKGROUND) as answers:
        try:
            with answers.noted(KIND, (as_of, question.label)):
                if question.label:
                    asked = LabelAsked(question.label, question.left, afterwards=question.afterwards)
                    learning = learn_from_label(answers, as_of=as_of, asked=asked)
                else:
                    learning = learn_from_purchases(answers, as_of=as_of)
            report, foretold = learning.report, learning.foretold
        except UnableToLearn as refusal:
            report, foretold = {"refused": refusal.words, "figures": refusal.figures}, None
    version = churn.VERSION if question.label else lapse.VERSION
    made = keep_model(
        kind=question.kind, version=version, as_of=as_of, snapshot_folder=snapshot.folder,
        currency=snapshot.currency, is_refused="refused" in report, report=report | {"question": question.said()},
        learned_at=now,
    )  # fmt: skip
    if question.label == scored_label():
        write_risks(foretold, learned=made, now=now)
    elif risks_come_from(question):
        write_risks(None, learned=made, now=now)
    old = list(LearnedModel.objects.filter(kind=question.kind).order_by("-id").values_list("id", flat=True)[KEPT:])
    ScoreRun.objects.filter(model_id__in=old).delete()
    LearnedModel.objects.filter(id__in=old).delete()
    return made
