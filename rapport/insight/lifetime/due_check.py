"""Did the next order come when it was said to be due? Held against weeks not seen, beside a customer's own rhythm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rapport.insight.marts import purchase_days as marts
from rapport.insight.scores.histories import Histories, Numbers

if TYPE_CHECKING:
    from datetime import date

    from ibis import ir

    from rapport.insight.scores.repeat_buying import Foretelling

SOON_DAYS = 28
MODEL, OWN_RHYTHM = "model", "own rhythm"
_ALIVE = 0.5
Report = dict[str, Any]


def due_check(
    customers: ir.Table, orders: ir.Table, *, after: date, until: date, model: Foretelling, alive_by: Foretelling
) -> Report:
    """Of customers who came back before and more likely still are customers, by the model and by their own rhythm.

    `by_due` is the share who bought by the day, of those whose day is within the time looked at; a median is right where it is
    one half. `ranking` is the chance that of two customers the one who is due earlier is the one who buys within SOON_DAYS
    (AUC; Hanley and McNeil 1982), None where all do or nobody does. The own rhythm is the mean time between purchase days.
    """
    table = marts.waits(customers, marts.next_purchases(orders, after=after, until=until)).to_pyarrow()
    found = {name: table[name].to_numpy().astype(float) for name in table.column_names}
    known = Histories.of(found["repeats"], found["last_days"] / 7, found["age_days"] / 7, found["customers"])
    asked = (known.repeats > 0) & (alive_by.chance_alive(known) >= _ALIVE)
    waited = np.where(found["wait_days"] < 0, np.inf, found["wait_days"])
    own = known.last * 7 / np.maximum(known.repeats, 1) - (known.age - known.last) * 7
    due = {MODEL: np.ceil(model.usual_wait(known) * 7), OWN_RHYTHM: np.maximum(np.ceil(own), 1)}
    days = (until - after).days
    return {
        "customers": int(known.weights[asked].sum()),
        "days": days,
        "soon_days": SOON_DAYS,
        "by": [
            {"name": name, **_figures(each[asked], waited[asked], known.weights[asked], days)} for name, each in due.items()
        ],
    }  # fmt: skip


def _figures(due: Numbers, waited: Numbers, weights: Numbers, days: int) -> Report:
    within = due <= days
    counted = float(weights[within].sum())
    came = float(weights[within & (waited <= due)].sum())
    return {
        "due": int(counted),
        "by_due": came / counted if counted else None,
        "ranking": _ranking(-due, waited <= SOON_DAYS, weights),
    }


def _ranking(scores: Numbers, came: np.ndarray, weights: Numbers) -> float | None:
    """The weighted AUC; scores that are equal count half."""
    yes, no = weights * came, weights * ~came
    if not yes.sum() or not no.sum():
        return None
    levels, place = np.unique(scores, return_inverse=True)
    of_yes, of_no = (np.bincount(place, weights=each, minlength=len(levels)) for each in (yes, no))
    below = np.cumsum(of_no) - of_no
    return float((of_yes * (below + of_no / 2)).sum() / (yes.sum() * no.sum()))
