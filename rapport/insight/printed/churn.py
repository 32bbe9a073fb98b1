"""The printed report of who leaves: how far it can be trusted, and who is most likely to."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from rapport.customers.queries import public_ids
from rapport.insight.churn.learning import LabelAsked, Learning, learn_from_label, learn_from_purchases
from rapport.insight.churn.words import MODELS, WHY_LEFT_OUT, reason_in_words
from rapport.insight.scores.churn import UnableToLearn

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Report = dict[str, Any]


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> Report:
    try:
        learning = _learn(answers, as_of, arguments)
    except UnableToLearn as refusal:
        return {"report": "churn", "as_of": as_of.isoformat(), "refused": str(refusal)}
    days, currency = learning.report.get("horizon_days"), answers.snapshot.currency
    known = public_ids([each.customer_id for each in learning.scored])
    named = [
        {
            "customer": str(known[each.customer_id]),
            "chance": each.chance,
            "reasons": [reason_in_words(reason, days=days, currency=currency) for reason in each.reasons],
        }
        for each in learning.scored
        if each.customer_id in known
    ]
    return learning.report | {"most_likely_to_leave": named}


def _learn(answers: Reports, as_of: date, arguments: Namespace) -> Learning:
    if arguments.label:
        asked = LabelAsked(
            arguments.label, arguments.left or "", tuple(arguments.known_after or ()), tuple(arguments.known_before or ()),
            tuple(range(arguments.seeds)),
        )  # fmt: skip
        return learn_from_label(answers, as_of=as_of, asked=asked)
    return learn_from_purchases(answers, as_of=as_of, horizon_days=arguments.within)


def as_text(report: Report) -> str:
    if "refused" in report:
        return f"Who leaves cannot be said as of {report['as_of']}. {report['refused']}"
    lines = [_head(report), "", f"{'':44}{'AUC':>8}{'Brier':>8}{'ECE':>8}{'lift 10 %':>11}"]
    for row in (*report["models"], *report["baselines"]):
        mark = "*" if row["chosen"] else " "
        name = f"{mark} {MODELS[row['name']]}" + (f" ({row['field']})" if "field" in row else "")
        lines.append(f"{name:44}{row['auc']:>8.4f}{row['brier']:>8.4f}{row['ece']:>8.4f}{row['lift_10']:>11.2f}")
    lines += ["", "Foretold and come, from the least to the most likely:"]
    lines += [
        f"{group['customers']:>9,}  {group['foretold']:>7.1%}  {group['came']:>7.1%}" for group in report["calibration"]
    ]
    lines += ["", "Learned from, heaviest first: " + ", ".join(each["label"] for each in report["features"])]
    lines += [f"Left out: {each['label']}. {WHY_LEFT_OUT[each['why']]}" for each in report["left_out"]]
    lines += ["", "Most likely to leave:"]
    for each in report["most_likely_to_leave"]:
        lines.append(f"{each['chance']:>7.1%}  {each['customer']}")
        lines += [f"         {reason}" for reason in each["reasons"]]
    return "\n".join(lines)


def _head(report: Report) -> str:
    if report["learned_from"] == "label":
        label = report["label"]
        return (
            f"{report['leavers']:,} of {report['customers']:,} customers left ({label['label']}: {label['means_left']}),"
            f" as of {report['as_of']}; {report['validation']['method']}"
        )
    return (
        f"Of {report['customers']:,} customers who bought in the {report['lookback_days']} days up to {report['orders_until']},"
        f" {report['expected_leavers']:,.0f} are expected to buy nothing in the next {report['horizon_days']} days"
    )
