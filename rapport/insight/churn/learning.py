"""From the warehouse to who leaves: reading what is known, having it learned, and saying how far that can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop

from rapport.customers.consents.restrictions import restricted_ids
from rapport.insight.churn import fields as churn_fields
from rapport.insight.churn.words import feature_labels
from rapport.insight.marts import purchase_rhythm as rhythm
from rapport.insight.reports import Reports, rows
from rapport.insight.scores import churn, evaluation, lapse, reasons
from rapport.insight.scores.churn import UnableToLearn
from rapport.insight.scores.columns import Kind, Numbers, Table

Report = dict[str, Any]
SEEDS = tuple(range(10))
MOST_NAMED = 10


@dataclass(frozen=True)
class Scored:
    """Somebody's chance of leaving, and the reasons."""

    customer_id: int
    chance: float
    reasons: list[Report]


@dataclass(frozen=True)
class Foretold:
    """The chance of everybody in `table`; `order` are the rows of those who may leave, the likeliest first."""

    table: Table
    chances: Numbers
    learned: churn.Learned
    rates: reasons.Rates
    order: np.ndarray

    def scored(self, start: int, stop: int) -> list[Scored]:
        """Those from one place of the order to another."""
        rows = self.order[start:stop]
        part = self.table.of(rows)
        why = reasons.reasons(part, self.learned.model.shares(part), self.rates)
        return [
            Scored(
                int(part.customers[row]),
                _round(self.chances[rows[row]]),
                [_reason(each, self.rates) for each in why[row]],
            )
            for row in range(len(part))
        ]


@dataclass(frozen=True)
class Learning:
    """A report on what was learned, who is most likely to leave, and the chances of everybody."""

    report: Report
    scored: list[Scored]
    foretold: Foretold


@dataclass(frozen=True)
class LabelAsked:
    """Which field says who left, which of its values means so, and what is known of other fields."""

    field: str
    means_left: str = ""
    afterwards: tuple[str, ...] = ()
    beforehand: tuple[str, ...] = ()
    seeds: tuple[int, ...] = SEEDS


def learn_from_label(answers: Reports, *, as_of: date, asked: LabelAsked) -> Learning:
    """Who left is said by a field; learned from everything else that is known of a customer."""
    known = churn_fields.read(answers.warehouse, asked=asked.field, means_left=asked.means_left, as_of=as_of)
    is_free = ~np.isin(known.table.customers, np.array(restricted_ids(), dtype=np.int64))
    table, outcomes = known.table.of(np.flatnonzero(is_free)), known.outcomes[is_free]
    said = ~np.isnan(outcomes)
    asked_of, left = table.of(np.flatnonzero(said)), outcomes[said]
    churn.refuse_unfit(left, len(table.columns))
    usable, left_out = churn.usable(
        asked_of, left, afterwards=churn_fields.names(known, asked.afterwards), label=known.label.label,
        beforehand=churn_fields.names(known, asked.beforehand),
    )  # fmt: skip
    churn.refuse_unfit(left, len(usable.columns))
    plain = churn.cross_validated(usable, left, fit=churn.fit_logistic, name=churn.PLAIN, seeds=asked.seeds)
    trees = churn.cross_validated(usable, left, fit=churn.fit_trees, name=churn.TREES, seeds=asked.seeds[:2])
    alone = churn.best_alone(usable, left)
    name = churn.chosen(plain, trees, left)
    best = plain if name == churn.PLAIN else trees
    learned = churn.learn(usable, left, name=name, checked=best)
    whole = _only(table, usable)
    foretold = learned.chances(whole)
    foretold[said] = best.chances  # of those who were learned from, the chance by a model that has not seen them
    everybody = _foretold(whole, foretold, learned, reasons.Rates(usable, left), among=~(outcomes == 1))
    report = _about(answers, as_of, "label") | {
        "version": churn.VERSION,
        "label": {"field": known.label.name, "label": known.label.label, "means_left": known.means_left},
        "customers": len(left),
        "leavers": int(left.sum()),
        "rate": _round(left.mean()),
        "not_said": int((~said).sum()),
        "validation": {
            "method": f"stratified {churn.FOLDS}-fold, pooled, mean over seeds",
            "folds": churn.FOLDS,
            "seeds": list(asked.seeds),
        },
        "auc": _round(best.mean("auc")),
        "ece": _round(best.mean("ece")),
        "models": [_model(each, left, chosen=each.name == name) for each in (plain, trees)],
        "baselines": [_alone(alone), _alike(left)],
        "chosen": name,
        "calibration": _calibration(left, best.chances),
        "features": _features(usable, learned.model.shares(usable)),
        "left_out": [asdict(each) for each in (*known.left_out, *left_out)],
    }
    return Learning(report, everybody.scored(0, MOST_NAMED), everybody)


def learn_from_purchases(answers: Reports, *, as_of: date, horizon_days: int | None = None) -> Learning:
    """No contract says who left: whoever buys nothing within a horizon has."""
    source = _Purchases(answers, as_of)
    plan = source.plan(horizon_days)
    origins = [source.origin(day, plan.horizon_days) for day in plan.origins]
    origins, same = lapse.without_constant(origins)
    checked = lapse.back_tested(origins, checked=plan.checked)
    name = lapse.chosen(checked)
    means = lapse.mean_figures(checked)
    learned = lapse.learn(origins, name=name)
    now = _only(source.table(source.last_on, plan.horizon_days), origins[0].table)
    newest = origins[0]
    foretold = learned.chances(now)
    everybody = _foretold(now, foretold, learned, reasons.Rates(newest.table, newest.left))
    pooled_left = np.concatenate([each.origin.left for each in checked])
    pooled = np.concatenate([each.foretold[name] for each in checked])
    labels = feature_labels()
    report = _about(answers, as_of, "purchases") | {
        "version": lapse.VERSION,
        "mart": f"purchase_rhythm v{rhythm.VERSION}",
        "orders_until": source.last_on.isoformat(),
        "horizon_days": plan.horizon_days,
        "lookback_days": 2 * plan.horizon_days,
        "gap_days": 0,
        "customers": len(now),
        "validation": {
            "method": "rolling origins: learned from days whose period was over before the day that is foretold",
            "origins": [_origin(each) for each in checked],
        },
        "auc": _round(means[name]["auc"]),
        "ece": _round(means[name]["ece"]),
        "auc_interval": _interval(lapse.interval_of_auc(checked, name)),
        "models": [{"name": each, "chosen": each == name, **_rounded(means[each])} for each in (churn.PLAIN, churn.TREES)],
        "baselines": [
            {"name": each, "chosen": each == name, **_rounded(means[each])}
            for each in (lapse.RECENCY, lapse.LAST_PERIOD, lapse.EVERYBODY)
        ],
        "chosen": name,
        "rate": _round(pooled_left.mean()),
        "calibration": _calibration(pooled_left, pooled),
        "features": _features(newest.table, learned.model.shares(newest.table)),
        "left_out": [asdict(churn.LeftOut(each, labels[each], "same")) for each in same],
        "expected_leavers": _round(foretold.sum(), 1),
    }  # fmt: skip
    return Learning(report, everybody.scored(0, MOST_NAMED), everybody)


class _Purchases:
    """What the marts say of customers who buy, up to a day that lies ahead of none of the orders looked at."""

    def __init__(self, answers: Reports, as_of: date) -> None:
        self._warehouse = answers.warehouse
        self._orders = self._warehouse.keep("all_orders", self._warehouse.orders)
        (span,) = rows(rhythm.purchase_span(self._orders, as_of=as_of))
        if span["first_on"] is None:
            raise UnableToLearn(
                gettext_noop(
                    "There are no purchases of known customers to learn from. Where a field of customers says who left, learn"
                    " from that: choose the field on the page, or name it with --label on the command line."
                )
            )
        self.first_on: date = span["first_on"]
        self.last_on: date = min(as_of, span["last_on"])
        self._as_of = as_of
        self._restricted = np.array(restricted_ids(), dtype=np.int64)

    def plan(self, horizon_days: int | None) -> lapse.Plan:
        gap = lapse.usual_gap(self.table(self.last_on, (self.last_on - self.first_on).days + 1))
        plan = lapse.planned(
            first_on=self.first_on, last_on=self.last_on, horizon_days=horizon_days, usual_gap_days=gap
        )
        if (self._as_of - self.last_on).days > plan.horizon_days:
            raise UnableToLearn(
                gettext_noop(
                    "The purchases end on %(end)s, long before %(day)s: by then everybody would have left. It can be looked from a"
                    " day on which there are some: --as-of %(end)s on the command line."
                ),
                end=self.last_on, day=self._as_of,
            )  # fmt: skip
        return plan

    def origin(self, day: date, horizon_days: int) -> lapse.Origin:
        table, until = self.table(day, horizon_days), day + timedelta(days=horizon_days)
        table = table.of(lapse.drawn(table.customers))
        bought = rhythm.bought_between(self._orders, after=day, until=until).to_pyarrow()
        again = np.isin(table.customers, bought["customer_id"].to_numpy())
        return lapse.Origin(day, until, table, (~again).astype(float))

    def table(self, day: date, horizon_days: int) -> Table:
        found = rhythm.purchase_rhythm(self._orders, as_of=day, period_days=horizon_days)
        columns = found.to_pyarrow()
        customers = columns["customer_id"].to_numpy()
        order = np.argsort(customers, kind="stable")
        order = order[~np.isin(customers[order], self._restricted)]
        values: dict[str, Any] = {name: columns[name].to_numpy().astype(float)[order] for name in columns.column_names}
        values["customer_id"] = customers[order]
        values |= self._contacts(values["customer_id"], after=day - timedelta(days=horizon_days), until=day)
        return lapse.table_of(values, labels=feature_labels())

    def _contacts(self, customers: np.ndarray, *, after: date, until: date) -> dict[str, Numbers]:
        """How often each of `customers`, whose ids are in order, was in touch; nothing of others."""
        mart = rhythm.contacts_between(
            self._warehouse.table("touchpoints"), self._warehouse.table("profile_customers"), after=after, until=until
        )
        told = mart.to_pyarrow()
        who = told["customer_id"].to_numpy()
        is_wanted = np.isin(who, customers)
        places = np.searchsorted(customers, who[is_wanted])
        found = {name: np.zeros(len(customers)) for name in ("contacts_in", "contacts_out")}
        for name, counts in found.items():
            counts[places] = told[name].to_numpy()[is_wanted]
        return found


def _about(answers: Reports, as_of: date, learned_from: str) -> Report:
    snapshot = answers.snapshot
    return {
        "report": "churn",
        "learned_from": learned_from,
        "as_of": as_of.isoformat(),
        "snapshot": snapshot.folder,
        "values_of": snapshot.started_at.isoformat(),
        "time_zone": snapshot.time_zone,
        "currency": snapshot.currency,
    }


def _foretold(
    table: Table, chances: Numbers, learned: churn.Learned, rates: reasons.Rates, *, among: np.ndarray | None = None
) -> Foretold:
    asked = np.flatnonzero(among if among is not None else np.ones(len(table), dtype=bool))
    order = asked[np.lexsort((table.customers[asked], -chances[asked]))]
    return Foretold(table, chances, learned, rates, order)


def _reason(reason: reasons.Reason, rates: reasons.Rates) -> Report:
    band = reason.band
    return {
        "field": reason.column.name,
        "label": reason.column.label,
        "value": reason.value,
        "shown": _shown(reason),
        "adds": _round(reason.adds, 3),
        "rate": None if band is None else _round(band.rate),
        "customers": None if band is None else band.customers,
        "everybody": _round(rates.everybody),
    }


def _shown(reason: reasons.Reason) -> str:
    if reason.value is None:
        return ""
    if reason.column.kind is Kind.CATEGORY:
        return str(reason.value)
    band, value = reason.band, _plain(float(reason.value))
    if band is None or band.low is None or band.high is None or band.low == band.high:
        return value
    return f"{value} ({_plain(band.low)}–{_plain(band.high)})"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.3g}"


def _model(checked: churn.Checked, left: Numbers, *, chosen: bool) -> Report:
    sure = evaluation.bootstrapped(evaluation.auc, left, checked.chances)
    figures = {figure: _round(checked.mean(figure)) for figure in churn.FIGURES}
    return {
        "name": checked.name,
        "chosen": chosen,
        **figures,
        "auc_interval": _interval(sure),
        "by_seed": {figure: evaluation.rounded(checked.figures[figure]) for figure in ("auc", "ece")},
    }


def _alone(checked: churn.Checked) -> Report:
    figures = {figure: _round(checked.mean(figure)) for figure in churn.FIGURES}
    return {"name": "one_column", "field": checked.name, "chosen": False, **figures}


def _alike(left: Numbers) -> Report:
    figures = churn.measured(left, np.full(len(left), left.mean()))
    return {"name": lapse.EVERYBODY, "chosen": False, **_rounded(figures)}


def _origin(checked: lapse.OriginChecked) -> Report:
    return {
        "as_of": checked.origin.as_of.isoformat(),
        "until": checked.origin.until.isoformat(),
        "customers": len(checked.origin.left),
        "leavers": int(checked.origin.left.sum()),
        "learned_from": [day.isoformat() for day in checked.learned_from],
        "figures": {name: _rounded(figures) for name, figures in checked.figures.items()},
    }


def _calibration(left: Numbers, foretold: Numbers) -> list[Report]:
    return [
        {name: value if name == "customers" else _round(value) for name, value in asdict(each).items()}
        for each in evaluation.calibration(left, foretold)
    ]


def _features(table: Table, shares: Numbers) -> list[Report]:
    return [
        {
            "field": column.name,
            "label": column.label,
            "kind": column.kind.value,
            "missing": int(column.is_missing.sum()),
            "weight": _round(weight, 4),
        }
        for column, weight in reasons.weights(table, shares)
    ]


def _interval(found: evaluation.Interval) -> list[float]:
    return [_round(found.low), _round(found.high)]


def _only(table: Table, like: Table) -> Table:
    wanted = {column.name: place for place, column in enumerate(like.columns)}
    kept = sorted((column for column in table.columns if column.name in wanted), key=lambda each: wanted[each.name])
    return Table(table.customers, tuple(kept))


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: _round(value) for name, value in figures.items()}


def _round(value: Any, digits: int = 6) -> float:
    found = float(value)
    return round(found, digits) if math.isfinite(found) else 0.0
