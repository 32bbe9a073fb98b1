"""The printed report of a campaign's arms: sizes, rates, and what each arm did more than the one that got nothing."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from rapport.customers.consents.restrictions import restricted_ids
from rapport.insight.churn.fields import find_field, number_of, values_of
from rapport.insight.scores import arms
from rapport.insight.scores.arms import UnableToCompare
from rapport.insight.scores.churn import UnableToLearn
from rapport.insight.scores.evaluation import Numbers
from rapport.records.custom_fields.declaring import CustomDefinition
from rapport.records.custom_fields.queries import custom_fields_of
from rapport.records.registry import FieldKind

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Report = dict[str, Any]


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> Report:
    try:
        return _compute(answers, as_of, arguments)
    except (UnableToLearn, UnableToCompare) as refusal:
        return {"report": "arms", "as_of": as_of.isoformat(), "refused": str(refusal)}


def _compute(answers: Reports, as_of: date, arguments: Namespace) -> Report:
    if not arguments.arm or not arguments.control or not arguments.outcome:
        raise UnableToCompare(
            "Name the field of the arm, the arm that got nothing, and outcomes: --arm --control --outcome."
        )
    fields = custom_fields_of("customer")
    arm = find_field(fields, arguments.arm)
    outcomes = [find_field(fields, each) for each in arguments.outcome]
    said = values_of(answers.warehouse, (arm, *outcomes))
    left_out = set(restricted_ids())
    customers = sorted(customer for customer in said[arm.name] if customer not in left_out)
    of_arm = np.array([arm.label_of(said[arm.name][customer][0]) for customer in customers], dtype=object)
    found = arms.compare(
        of_arm,
        {each.label: _outcome(each, said[each.name], customers) for each in outcomes},
        control=arguments.control,
    )
    return {
        "report": "arms",
        "version": arms.VERSION,
        "as_of": as_of.isoformat(),
        "snapshot": answers.snapshot.folder,
        "values_of": answers.snapshot.started_at.isoformat(),
        "field": arm.label,
        "control": arguments.control,
        "interval": 0.95,
        "arms": [
            {
                "arm": each.name,
                "customers": each.customers,
                "outcomes": {
                    name: asdict(effect) | {"detectable": effect.is_detectable} for name, effect in each.effects.items()
                },
            }
            for each in found
        ],
    }


def _outcome(field: CustomDefinition, said: dict[int, list[str]], customers: list[int]) -> Numbers:
    """What came, as numbers; who has nothing in the field had nothing."""
    if field.kind is FieldKind.BOOLEAN:
        return np.array([float(said.get(customer, ["false"])[0] == "true") for customer in customers])
    values = [number_of(field, said[customer][0]) if customer in said else 0.0 for customer in customers]
    if any(value is None for value in values):
        raise UnableToCompare(f"“{field.label}” holds texts; an outcome is a number, or yes and no.")
    return np.array(values, dtype=float)


def as_text(report: Report) -> str:
    if "refused" in report:
        return f"The arms cannot be compared as of {report['as_of']}. {report['refused']}"
    lines = [f"Arms of {report['field']}, against {report['control']}, with bounds of 95 %"]
    for arm in report["arms"]:
        lines += ["", f"{arm['arm']}: {arm['customers']:,} customers"]
        for name, effect in arm["outcomes"].items():
            line = f"  {name:24}{effect['mean']:>12.5f}"
            if effect["difference"] is not None:
                low, high = effect["difference_low"], effect["difference_high"]
                line += f"{effect['difference']:>+12.5f}  ({low:+.5f} … {high:+.5f})"
                line += "" if effect["detectable"] else "  no effect that can be told from chance"
            lines.append(line)
    return "\n".join(lines)
