"""Within which range lies what one customer will buy and bring, by the model that her scores are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rapport.insight.lifetime.cohorts import models_in_use
from rapport.insight.lifetime.learning import HORIZON_WEEKS
from rapport.insight.scores.gamma_gamma import GammaGamma
from rapport.insight.scores.histories import Histories
from rapport.insight.scores.ranges import SHARE, brought, purchase_chances, purchase_ranges

if TYPE_CHECKING:
    from rapport.insight.models import ScoreRun

_MICROS = 1_000_000


@dataclass(frozen=True)
class ForetoldRange:
    """The middle `share` of customers with the same history: orders, money in micros (None where none is said), and none at all."""

    share: float
    orders: tuple[int, int]
    micros: tuple[int, int] | None
    chance_of_none: float


def range_of(run: ScoreRun, bought: Any) -> ForetoldRange | None:
    """Of what `queries.worth_of` says of a customer, by the model of `run`; None where it does not say what it takes."""
    report = run.model.report
    if run.model.is_refused or bought.repeats is None or bought.first_purchase_on > run.as_of:
        return None
    history = Histories.of(
        [bought.repeats],
        [(bought.last_purchase_on - bought.first_purchase_on).days / 7],
        [(run.as_of - bought.first_purchase_on).days / 7],
    )
    model, _alive = models_in_use(report, until=run.as_of)
    low, high = purchase_ranges(model, history, HORIZON_WEEKS)
    return ForetoldRange(
        share=SHARE,
        orders=(int(low[0]), int(high[0])),
        micros=_micros(report["spending"], model, history, bought),
        chance_of_none=float(purchase_chances(model, history, HORIZON_WEEKS)[0]),
    )


def _micros(spending: dict[str, Any], model: Any, history: Histories, bought: Any) -> tuple[int, int] | None:
    """What her repeats came to follows from the mean that her score was made with."""
    if "refused" in spending or bought.expected_micros is None or not bought.expected_purchases:
        return None
    known = GammaGamma(**spending["parameters"])
    mean = bought.expected_micros / _MICROS / bought.expected_purchases
    paid = mean * (known.p * float(history.repeats[0]) + known.q - 1) / known.p
    found = brought(model, history, HORIZON_WEEKS, spending=known, known=paid)
    low, high = (round(found.quantile(share) * _MICROS) for share in ((1 - SHARE) / 2, (1 + SHARE) / 2))
    return low, high
