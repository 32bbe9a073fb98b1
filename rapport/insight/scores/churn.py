"""Who leaves, learned from a field that says who left: cross-validated, calibrated, explained."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_noop

from rapport.insight.scores import evaluation
from rapport.insight.scores.columns import Column, Kind, Numbers, Table
from rapport.insight.scores.leaving_models import (
    Calibrated,
    Fit,
    Model,
    fit_logistic,
    fit_one_column,
    fit_trees,
    learner,
    one_thread,
)

VERSION = 1
FOLDS = 5
LEAST_CUSTOMERS, LEAST_OF_EACH = 100, 25
MOST_LEVELS = 100  # the states of a large country, or most of all countries; a million customers still fit into memory
MOST_SAME = 0.999
TELLTALE_AUC = 0.95
PLAIN, TREES, ALONE = "logistic", "trees", "one_column"
MODELS: Mapping[str, Fit] = {PLAIN: fit_logistic, TREES: fit_trees}


class UnableToLearn(ValueError):
    """The data cannot carry an estimate; `words` with `figures` in them say why, to be translated where they are shown."""

    def __init__(self, words: str, **figures: object) -> None:
        super().__init__(words % figures)
        self.words = words
        self.figures = {name: str(figure) for name, figure in figures.items()}


@dataclass(frozen=True)
class LeftOut:
    """A column that is not learned from, and why: `why` is one of the words that `insight.churn_words` has."""

    name: str
    label: str
    why: str
    figure: float | None = None


@dataclass(frozen=True)
class Checked:
    """How a model did on customers it was not fitted on: its figures for each seed, and the chances of the first seed."""

    name: str
    figures: dict[str, list[float]]
    chances: Numbers
    odds: Numbers

    def mean(self, figure: str) -> float:
        return float(np.mean(self.figures[figure]))


@dataclass(frozen=True)
class Learned:
    """A model fitted on everybody whose outcome is known, with the two numbers that calibrate it."""

    name: str
    model: Model
    calibrated: Calibrated

    def chances(self, table: Table) -> Numbers:
        return self.calibrated.chances(self.model.odds(table))


def usable(
    table: Table, outcomes: Numbers, *, afterwards: Sequence[str] = (), beforehand: Sequence[str] = (), label: str = ""
) -> tuple[Table, list[LeftOut]]:
    """The columns that may be learned from, and those left out.

    Out goes what is declared to be known only `afterwards`; and, unless declared to be known `beforehand`, what is called
    after the `label`, what alone all but tells the answer, and what is filled in for those alone who left (or stayed):
    such columns are written when somebody has left. Out goes also what cannot help: one value, or too many
    different ones.
    """
    kept, left = [], []
    for column in table.columns:
        found = _unfit(column, outcomes, column.name in afterwards, column.name in beforehand, label)
        if found is None:
            kept.append(column)
        else:
            left.append(found)
    return Table(table.customers, tuple(kept)), left


@one_thread
def cross_validated(
    table: Table, outcomes: Numbers, *, fit: Fit, name: str, seeds: Sequence[int] = (0,), folds: int = FOLDS
) -> Checked:
    """Stratified folds, once for each seed; every customer's chance comes from models that have not seen her.

    The chances of a fold are calibrated on the odds of the other folds. Figures are of all folds pooled.
    """
    figures: dict[str, list[float]] = {each: [] for each in FIGURES}
    first: tuple[Numbers, Numbers] | None = None
    parted = learner("model_selection", "StratifiedKFold")
    for seed in seeds:
        odds = np.zeros(len(table))
        parts = list(parted(folds, shuffle=True, random_state=seed).split(odds, outcomes))
        for known, asked in parts:
            odds[asked] = fit(table.of(known), outcomes[known]).odds(table.of(asked))
        foretold = np.zeros(len(table))
        for known, asked in parts:
            foretold[asked] = Calibrated.learned(odds[known], outcomes[known]).chances(odds[asked])
        for figure, value in measured(outcomes, foretold).items():
            figures[figure].append(value)
        first = first or (foretold, odds)
    assert first is not None
    return Checked(name, figures, *first)


FIGURES = ("auc", "pr_auc", "brier", "log_loss", "ece", "lift_5", "lift_10", "lift_20")


def measured(outcomes: Numbers, foretold: Numbers) -> dict[str, float]:
    found = {
        "auc": evaluation.auc(outcomes, foretold),
        "pr_auc": evaluation.average_precision(outcomes, foretold),
        "brier": evaluation.brier(outcomes, foretold),
        "log_loss": evaluation.log_loss(outcomes, foretold),
        "ece": evaluation.calibration_error(outcomes, foretold),
    }
    return found | {f"lift_{share:.0%}"[:-1]: evaluation.lift(outcomes, foretold, share) for share in evaluation.LIFTS}


def refuse_unfit(outcomes: Numbers, columns: int) -> None:
    """Say in words where there is too little to learn from."""
    leavers = int(outcomes.sum())
    if len(outcomes) < LEAST_CUSTOMERS:
        raise UnableToLearn(
            gettext_noop("Of %(customers)s customers it is known whether they left; at least %(least)s are needed."),
            customers=f"{len(outcomes):,}", least=LEAST_CUSTOMERS,
        )  # fmt: skip
    if min(leavers, len(outcomes) - leavers) < LEAST_OF_EACH:
        raise UnableToLearn(
            gettext_noop("%(left)s left and %(stayed)s stayed; at least %(least)s of each are needed."),
            left=f"{leavers:,}", stayed=f"{len(outcomes) - leavers:,}", least=LEAST_OF_EACH,
        )  # fmt: skip
    if not columns:
        raise UnableToLearn(gettext_noop("There is no field to learn from that was known before."))


def best_alone(table: Table, outcomes: Numbers) -> Checked:
    """The column that ranks best by itself: what any model has to beat."""
    tried = [
        cross_validated(table, outcomes, fit=fit_one_column(column.name), name=column.name) for column in table.columns
    ]
    return max(tried, key=lambda each: (each.mean("auc"), each.name))


def chosen(plain: Checked, trees: Checked, outcomes: Numbers) -> str:
    """The plain model, unless the trees are clearly better; nothing where neither says more than the share of all."""
    name, best = (PLAIN, plain)
    if clearly_better(trees.chances, plain.chances, outcomes):
        name, best = (TREES, trees)
    if not clearly_better(best.chances, np.full(len(outcomes), outcomes.mean()), outcomes):
        raise UnableToLearn(SAYS_NOTHING)
    return name


SAYS_NOTHING = gettext_noop(
    "What is known does not tell who leaves from who stays any better than the share of all who leave."
)


def clearly_better(foretold: Numbers, than: Numbers, outcomes: Numbers) -> bool:
    """Whether chances are less surprised by what came, by more than chance makes of it: two deviations of the mean gain."""
    gain = evaluation.surprises(outcomes, than) - evaluation.surprises(outcomes, foretold)
    return float(gain.mean()) > 2 * float(gain.std()) / float(np.sqrt(len(gain)))


@one_thread
def learn(table: Table, outcomes: Numbers, *, name: str, checked: Checked) -> Learned:
    """The model of that name on everybody, calibrated by the odds of the hold-out."""
    return Learned(name, MODELS[name](table, outcomes), Calibrated.learned(checked.odds, outcomes))


def _unfit(column: Column, outcomes: Numbers, is_after: bool, is_before: bool, label: str) -> LeftOut | None:
    missing = column.is_missing
    if is_after:
        return LeftOut(column.name, column.label, "afterwards")
    if missing.all() or _is_all_same(column):
        return LeftOut(column.name, column.label, "same")
    if not is_before:
        if label and _is_called_after(column.label, label):
            return LeftOut(column.name, column.label, "called_after")
        telling = _tells_alone(column, outcomes)
        if telling >= TELLTALE_AUC:
            return LeftOut(column.name, column.label, "telltale", telling)
    if column.kind is Kind.CATEGORY and column.distinct > MOST_LEVELS:
        return LeftOut(column.name, column.label, "free_text", float(column.distinct))
    return None


def _is_all_same(column: Column) -> bool:
    _found, counts = np.unique(column.values, return_counts=True)
    return bool(counts.max() >= MOST_SAME * len(column.values))


def _is_called_after(name: str, label: str) -> bool:
    """Whether a column's name has a word of the label's in it ("Churn reason" beside "Churn")."""
    return bool(_words(name) & _words(label))


def _words(text: str) -> set[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)  # ChurnReason
    plain = "".join(sign if sign.isalnum() else " " for sign in apart.casefold())
    return {word for word in plain.split() if len(word) >= 4 and word not in _EVERYDAY}


_EVERYDAY = {
    "customer", "customers", "company", "client", "clients", "account", "user", "status", "value", "label", "flag",
    "with", "this", "that", "date", "month", "months", "year", "type", "name", "number", "field", "from", "about", "have",
    "their", "they", "will",
}  # fmt: skip


def _tells_alone(column: Column, outcomes: Numbers) -> float:
    """How well the column by itself ranks who left, also by being filled in or not; 0.5 is not at all."""
    known = ~column.is_missing
    found = [_either_way(outcomes, known.astype(float))]
    if column.kind is Kind.CATEGORY:
        found.append(_either_way(outcomes, _share_among_others(column, outcomes)))
    elif 0 < outcomes[known].sum() < known.sum():
        found.append(_either_way(outcomes[known], column.values[known]))
    return max(found)


def _share_among_others(column: Column, outcomes: Numbers) -> Numbers:
    """Of each customer's level, the share that left, counted in the half of the customers that she is not in."""
    level = column.places
    half, found = np.arange(len(outcomes)) % 2 == 0, np.zeros(len(outcomes))
    for mine in (half, ~half):
        left = np.bincount(level[~mine], weights=outcomes[~mine], minlength=level.max() + 1)
        size = np.bincount(level[~mine], minlength=level.max() + 1)
        found[mine] = ((left + outcomes.mean()) / (size + 1))[level[mine]]
    return found


def _either_way(outcomes: Numbers, scores: Numbers) -> float:
    found = evaluation.auc(outcomes, scores)
    return max(found, 1 - found)
