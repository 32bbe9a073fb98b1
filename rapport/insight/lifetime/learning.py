"""Lifetime value of the customers of a snapshot: learned up to a day, checked against what came afterwards."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from rapport.insight.lifetime.cohorts import Known, mixed_cohorts
from rapport.insight.lifetime.due_check import due_check
from rapport.insight.lifetime.words import OWN
from rapport.insight.marts import purchase_days as marts
from rapport.insight.reports import Report, rows
from rapport.insight.scores import gamma_gamma, lifetime
from rapport.insight.scores.gamma_gamma import GammaGamma, Spending
from rapport.insight.scores.histories import Histories, Numbers, UnableToFit
from rapport.insight.scores.lifetime import SAME_RATE, Outcomes
from rapport.insight.scores.mixed_cohorts import ByCohort
from rapport.insight.scores.ranges import SHARE, coverage
from rapport.insight.scores.repeat_buying import Fitted

if TYPE_CHECKING:
    from ibis import ir

    from rapport.insight.reports import Reports

NAME = "clv"
HORIZON_WEEKS = 52
LEAST_WEEKS, MOST_WEEKS = 4, 52
LEAST_SPAN_WEEKS = 12
CORRELATED = 0.3
SPAN_OF_ONE_FIT = 3 * 365
_WEEK, _MICROS = 7.0, 1_000_000
_MADE_OF = "purchase_days v{}, models v{}"


@dataclass(frozen=True)
class Check:
    """Which days are learned from and held against which: up to `known_until`, the `weeks` after it."""

    known_until: date
    weeks: int

    @property
    def until(self) -> date:
        return self.known_until + timedelta(weeks=self.weeks)


def lifetime_value(answers: Reports, *, as_of: date, holdout_weeks: int | None = None) -> Report:
    """The models, their hold-out and what they foretell as of the end of a business day; `refused` where data cannot carry it.

    What comes after the day is held against the models where it is long enough, else the last weeks up to it are, and the
    models are then fitted again with these. No parameter of a fit as of a day comes from later days.
    """
    asked = (lifetime.VERSION, marts.VERSION, as_of, holdout_weeks)
    return answers.answer(NAME, asked, lambda: _computed(answers, as_of, holdout_weeks))


def _computed(answers: Reports, as_of: date, holdout_weeks: int | None) -> Report:
    head = {
        "report": NAME,
        "mart": _MADE_OF.format(marts.VERSION, lifetime.VERSION),
        "snapshot": answers.snapshot.folder,
        "as_of": as_of.isoformat(),
        "time_zone": answers.snapshot.time_zone,
        "currency": answers.snapshot.currency,
        "time_unit": "weeks",
    }
    try:
        return head | _learned(answers, as_of, holdout_weeks)
    except UnableToFit as refusal:
        return head | refusal.said


def _learned(answers: Reports, as_of: date, holdout_weeks: int | None) -> Report:
    customers = kept_customers(answers, as_of)
    covered = rows(marts.acquired(customers))[0]
    known = histories_of(customers)
    models, refused = lifetime.fit_all(known)
    check = planned(answers, as_of, covered["first_on"], holdout_weeks)
    earlier = models
    if check.known_until != as_of:
        earlier, more = lifetime.fit_all(histories_of(kept_customers(answers, check.known_until)))
        refused |= more
    outcomes = _outcomes(answers, check)
    held_out = _held_out(outcomes, check, earlier)
    spending = _spending(customers)
    chosen = held_out["chosen"]
    model = next((each for each in models if each.model.name == chosen), models[0])
    alive_by = _alive_by(chosen, held_out["ranked"], models)
    mixed = mixed_cohorts(
        _known(known, as_of, models),
        _known(outcomes.histories.unique(), check.known_until, earlier),
        outcomes, chosen=model.model.name, alive_by=alive_by.model.name,
    )  # fmt: skip
    return {
        "customers": covered["customers"],
        "repeaters": covered["repeaters"],
        "unique_rows": len(known),
        "acquired": {"first_on": covered["first_on"].isoformat(), "newest_on": covered["newest_on"].isoformat()},
        "warnings": _warnings(covered, spending, model, is_pooled=mixed.told["taken"] != OWN),
        "model": model.model.name,
        "parameters": model.model.parameters,
        "log_likelihood": model.log_likelihood,
        "reason": held_out["reason"],
        "chance_alive_by": {"model": alive_by.model.name, "parameters": alive_by.model.parameters},
        "models": [_told(each, held_out["models"].get(each.model.name)) for each in models],
        "not_fitted": refused,
        "spending": spending,
        "cohorts": mixed.told,
        "holdout": held_out["told"] | _value_check(answers, check, mixed.then) | _covered(mixed.then, outcomes),
        "baseline": {"name": SAME_RATE} | held_out["baseline"],
        "by_frequency": held_out["by_frequency"],
        "due": due_check(
            kept_customers(answers, check.known_until), answers.warehouse.orders(), after=check.known_until,
            until=check.until, model=mixed.then, alive_by=mixed.alive_then,
        ),
        "forecast": _forecast(customers, mixed.now, mixed.alive_by, spending),
    }  # fmt: skip


def _known(histories: Histories, until: date, models: list[Fitted]) -> Known:
    return Known(histories, until, {each.model.name: each for each in models})


def planned(answers: Reports, as_of: date, first_on: date, holdout_weeks: int | None) -> Check:
    """What to hold the models against: what came after the day where the orders go on, else the weeks before it."""
    newest = answers.newest_order_on() or as_of
    follow = (newest - as_of).days // 7
    if follow >= (holdout_weeks or LEAST_WEEKS):
        return Check(as_of, holdout_weeks or min(follow, MOST_WEEKS))
    span = (as_of - first_on).days // 7
    if span < LEAST_SPAN_WEEKS:
        raise UnableToFit(
            gettext_noop(
                "Customers have bought for %(span)s weeks; to learn from the first and check it against the last takes"
                " %(least)s."
            ),
            span=span,
            least=LEAST_SPAN_WEEKS,
        )
    weeks = holdout_weeks or min(max(span // 3, LEAST_WEEKS), MOST_WEEKS)
    if weeks >= span:
        raise UnableToFit(
            gettext_noop("Customers have bought for %(span)s weeks; the last %(weeks)s cannot all be held out."),
            span=span, weeks=weeks,
        )  # fmt: skip
    return Check(as_of - timedelta(weeks=weeks), weeks)


def kept_customers(answers: Reports, as_of: date) -> ir.Table:
    """The mart `purchase_days`, once per warehouse."""
    warehouse = answers.warehouse
    return warehouse.keep(f"purchase_days_{as_of:%Y%m%d}", lambda: marts.purchase_days(warehouse.orders(), as_of=as_of))


def histories_of(customers: ir.Table) -> Histories:
    """The customers as the models take them, in weeks."""
    found = columns(marts.histories(customers))
    return in_weeks(found).unique()


def columns(table: ir.Table) -> dict[str, Numbers]:
    """A mart of numbers, one array per column."""
    found = table.to_pyarrow()
    return {name: found[name].to_numpy().astype(float) for name in found.column_names}


def in_weeks(found: dict[str, Numbers]) -> Histories:
    """The rows of the mart `histories`, one by one, as the models take them."""
    return Histories.of(found["repeats"], found["last_days"] / _WEEK, found["age_days"] / _WEEK, found["customers"])


def _outcomes(answers: Reports, check: Check) -> Outcomes:
    customers = kept_customers(answers, check.known_until)
    further = marts.further_purchases(answers.warehouse.orders(), after=check.known_until, until=check.until)
    found = columns(marts.outcomes(customers, further).order_by(*marts.HISTORY, "further"))
    return Outcomes(in_weeks(found), found["further"], float(check.weeks))


def _held_out(outcomes: Outcomes, check: Check, models: list[Fitted]) -> dict[str, Any]:
    """How every model and the forecast without one did in the weeks that were held out."""
    if not outcomes.further.sum():
        raise UnableToFit(
            gettext_noop(
                "Nobody bought again in the %(weeks)s weeks after %(day)s, so no forecast can be checked. Ask as of an earlier"
                " day."
            ),
            weeks=check.weeks,
            day=check.known_until,
        )
    forecasts = {each.model.name: each.model.further_purchases(outcomes.histories, outcomes.weeks) for each in models}
    every = forecasts | {SAME_RATE: lifetime.same_rate(outcomes)}
    checked = {name: lifetime.figures(forecast, outcomes) for name, forecast in every.items()}
    ranked = sorted(forecasts, key=lambda name: checked[name].rmse)
    told = {name: _figures(found) for name, found in checked.items()}
    parameters = {each.model.name: each.model.parameters for each in models}
    return {
        "chosen": ranked[0],
        "ranked": ranked,
        "reason": _reason(ranked, told),
        "models": {name: told[name] | {"parameters": parameters[name]} for name in forecasts},
        "baseline": told[SAME_RATE],
        "by_frequency": lifetime.by_class(outcomes, every),
        "told": {
            "known_until": check.known_until.isoformat(),
            "until": check.until.isoformat(),
            "weeks": check.weeks,
            "customers": int(outcomes.histories.customers),
            "actual_purchases": int(checked[SAME_RATE].actual),
        },
    }


def _figures(found: lifetime.Figures) -> dict[str, float | None]:
    values = asdict(found)
    return {
        "expected_purchases": values["expected"],
        "error": values["expected"] / values["actual"] - 1,
        "mae": values["mae"],
        "rmse": values["rmse"],
        "correlation": values["correlation"],
    }


def _reason(ranked: list[str], told: dict[str, dict[str, float | None]]) -> str:
    errors = {name: f"{found['rmse']:.4f}" for name, found in told.items()}
    first = _(
        "%(model)s was nearest to what customers did: root mean squared error %(error)s, against %(others)s."
    ) % {
        "model": ranked[0],
        "error": errors[ranked[0]],
        "others": ", ".join(f"{name} {errors[name]}" for name in (*ranked[1:], SAME_RATE)),
    }  # fmt: skip
    if (told[ranked[0]]["rmse"] or 0) < (told[SAME_RATE]["rmse"] or 0):
        return first
    return f"{first} {_('No model beat going on as before.')}"


def _alive_by(chosen: str, ranked: list[str], models: list[Fitted]) -> Fitted:
    """The best model that also says who left after the first purchase."""
    names = [name for name in [chosen, *ranked] if lifetime.knows_who_left(name)]
    by_name = {each.model.name: each for each in models}
    return next((by_name[name] for name in names if name in by_name), models[0])


def _spending(customers: ir.Table) -> dict[str, Any]:
    found = columns(marts.spending(customers).order_by("repeats", "repeat_micros"))
    try:
        spending = Spending.of(
            found["repeats"], found["repeat_micros"] / _MICROS / found["repeats"], found["customers"]
        )
        learned = gamma_gamma.fit(spending)
    except UnableToFit as refusal:
        return {"model": gamma_gamma.NAME} | refusal.said
    return {
        "model": gamma_gamma.NAME,
        "parameters": learned.model.parameters,
        "standard_errors": _finite(learned.standard_errors),
        "log_likelihood": learned.log_likelihood,
        "customers": int(learned.customers),
        "mean": learned.model.mean,
        "correlation": gamma_gamma.spend_correlation(spending),
    }


def _told(found: Fitted, held_out: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "model": found.model.name,
        "parameters": found.model.parameters,
        "standard_errors": _finite(found.standard_errors),
        "log_likelihood": found.log_likelihood,
        "at_limit": list(found.at_limit),
        "holdout": held_out,
    }


def _finite(errors: Any) -> dict[str, float | None]:
    return {name: float(value) if np.isfinite(value) else None for name, value in errors.items()}


def value_of_purchases(spending: dict[str, Any], known: Histories, paid: Numbers, purchases: Numbers) -> float:
    """What `purchases` per customer of each history come to; `paid` is what all its customers together paid for repeats."""
    model = GammaGamma(**spending["parameters"])
    means = model.p * (model.v * known.weights + paid) / (model.p * known.repeats + model.q - 1)
    return float(purchases @ means)


def _value_check(answers: Reports, check: Check, model: ByCohort) -> dict[str, Any]:
    """What the held-out purchases were to bring, and what they brought."""
    customers = kept_customers(answers, check.known_until)
    further = marts.further_purchases(answers.warehouse.orders(), after=check.known_until, until=check.until)
    came = rows(
        marts.outcomes(customers, further).aggregate(micros=marts.outcomes(customers, further).further_micros.sum())
    )
    return {
        "actual_value": int(came[0]["micros"] or 0) / _MICROS,
        "expected_value": _total_value(customers, model, _spending(customers), check.weeks),
    }


def _covered(model: ByCohort, outcomes: Outcomes) -> dict[str, Any]:
    """How many customers bought as often as the range of their purchases says."""
    found = coverage(model, outcomes)
    return {"range": {"share": SHARE, "within": found.within, "expected": found.expected}}


def _total_value(customers: ir.Table, model: ByCohort, spending: dict[str, Any], weeks: int) -> float | None:
    if "refused" in spending:
        return None
    found = columns(marts.histories(customers).order_by(*marts.HISTORY))
    known = in_weeks(found)
    return value_of_purchases(
        spending, known, found["paid_micros"] / _MICROS, model.further_purchases(known, float(weeks))
    )


def _forecast(customers: ir.Table, model: ByCohort, alive_by: ByCohort, spending: dict[str, Any]) -> dict[str, Any]:
    known = histories_of(customers)
    return {
        "weeks": HORIZON_WEEKS,
        "purchases": float(known.weights @ model.further_purchases(known, float(HORIZON_WEEKS))),
        "value": _total_value(customers, model, spending, HORIZON_WEEKS),
        "alive": float(known.weights @ alive_by.chance_alive(known)),
    }


def _warnings(covered: dict[str, Any], spending: dict[str, Any], model: Fitted, *, is_pooled: bool) -> list[str]:
    found = []
    correlation = spending.get("correlation")
    if correlation is not None and abs(correlation) > CORRELATED:
        found.append(
            (
                _(
                    "How much customers spend hangs together with how often they buy (correlation %(value)s), which"
                    " Gamma-Gamma takes to be untrue: values of frequent customers are too low."
                )
                if correlation > 0
                else _(
                    "How much customers spend hangs together with how often they buy (correlation %(value)s), which"
                    " Gamma-Gamma takes to be untrue: values of frequent customers are too high."
                )
            )
            % {"value": f"{correlation:.2f}"}
        )
    if is_pooled and (covered["newest_on"] - covered["first_on"]).days > SPAN_OF_ONE_FIT:
        found.append(
            _(
                "One fit covers customers won from %(first)s to %(newest)s; those of different years may buy differently."
            )
            % {"first": covered["first_on"].isoformat(), "newest": covered["newest_on"].isoformat()}
        )
    if model.at_limit:
        found.append(
            _("The data do not settle %(names)s of %(model)s: all customers are alike in it.")
            % {"names": ", ".join(model.at_limit), "model": model.model.name}
        )
    if covered["unpaid"]:
        found.append(
            ngettext(
                "%(count)s customer came back for nothing or sent everything back, whose spending is not learned from.",
                "%(count)s customers came back for nothing or sent everything back; their spending is not learned from.",
                covered["unpaid"],
            )
            % {"count": f"{covered['unpaid']:,}"}
        )
    return found
