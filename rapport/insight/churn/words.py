"""What the figures of leaving are called, in words a sales person understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.ui.formats import money_short, number, percent

Words = str | Promise

FEATURES: Mapping[str, Words] = {
    "recency_days": gettext_lazy("Days since the last purchase"),
    "idle_last": gettext_lazy("Bought nothing in the last period"),
    "purchases": gettext_lazy("Purchases so far"),
    "purchases_last": gettext_lazy("Purchases in the last period"),
    "purchases_before": gettext_lazy("Purchases in the period before"),
    "tenure_days": gettext_lazy("Days since the first purchase"),
    "usual_gap_days": gettext_lazy("Days between purchases"),
    "overdue": gettext_lazy("Overdue: time since the last purchase, in usual gaps"),
    "average_purchase": gettext_lazy("Average purchase"),
    "spent_last": gettext_lazy("Spent in the last period"),
    "reversals": gettext_lazy("Returns per purchase"),
    "contacts_in": gettext_lazy("Contacts from the customer in the last period"),
    "contacts_out": gettext_lazy("Contacts to the customer in the last period"),
    "kind": gettext_lazy("Person or organization"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
    "region": gettext_lazy("Region"),
    "has_email": gettext_lazy("Has an e-mail address"),
    "has_phone": gettext_lazy("Has a phone number"),
}
MODELS: Mapping[str, Words] = {
    "logistic": gettext_lazy("Logistic regression"),
    "trees": gettext_lazy("Boosted trees"),
    "one_column": gettext_lazy("The best field alone"),
    "recency_alone": gettext_lazy("Days since the last purchase alone"),
    "same_as_last_period": gettext_lazy("Same as last period"),
    "everybody_alike": gettext_lazy("Everybody alike"),
}
WHY_LEFT_OUT: Mapping[str, Words] = {
    "afterwards": gettext_lazy("It is declared to be known only afterwards."),
    "called_after": gettext_lazy("It is called after the field that says who left, so it was probably written then."),
    "telltale": gettext_lazy("It all but tells the answer by itself, so it was probably written when somebody had left."),
    "same": gettext_lazy("It says the same of everybody, or nothing."),
    "free_text": gettext_lazy("It has too many different values to learn what each of them means."),
    "link": gettext_lazy("A link is not learned from."),
    "label": gettext_lazy("It is the answer."),
    "orders": gettext_lazy("What was bought is left out: it is not known when somebody left, and who has left buys nothing."),
}  # fmt: skip
FIGURES: Mapping[str, Words] = {
    "auc": gettext_lazy("Ranking (AUC)"),
    "pr_auc": gettext_lazy("Precision (PR-AUC)"),
    "brier": gettext_lazy("Squared error (Brier)"),
    "ece": gettext_lazy("Calibration error (ECE)"),
    "lift_5": gettext_lazy("Lift of the top 5 %"),
    "lift_10": gettext_lazy("Lift of the top 10 %"),
    "lift_20": gettext_lazy("Lift of the top 20 %"),
}
MODEL_SAYS: Mapping[str, Words] = {
    "logistic": gettext_lazy("The plain model was chosen: the boosted trees are not clearly better."),
    "trees": gettext_lazy("The boosted trees were chosen: they foretold what came clearly better."),
    "recency_alone": gettext_lazy("Days since the last purchase alone are used: no model is clearly better."),
}


def feature_labels() -> dict[str, str]:
    return {name: str(label) for name, label in FEATURES.items()}


def reason_in_words(reason: Mapping[str, Any], *, days: int | None = None, currency: str = "") -> str:
    """One reason as a sentence: what is so of the customer, and what became of others of whom it is."""
    return " – ".join(reason_parts(reason, days=days, currency=currency))


def reason_parts(reason: Mapping[str, Any], *, days: int | None = None, currency: str = "") -> tuple[str, str]:
    """What is so of the customer, and what became of others of whom it is, or else which way it points.

    `days` is how long a period is where purchases were learned from, `currency` that of their amounts.
    """
    said, raises = _what_is_so(reason, days, currency), reason["adds"] > 0
    if reason.get("rate") is None:
        return said, _("raises the risk") if raises else _("lowers the risk")
    return said, _("of %(count)s such customers %(rate)s left, of all %(everybody)s") % {
        "count": number(reason["customers"]),
        "rate": percent(reason["rate"]),
        "everybody": percent(reason["everybody"]),
    }


def _what_is_so(reason: Mapping[str, Any], days: int | None, currency: str) -> str:
    """“Last bought 120 days ago”; of a field of the business's own its name and its value."""
    name, value = reason["field"], reason.get("value")
    if name in _YES_OR_NO and value in ("yes", "no"):
        return str(_YES_OR_NO[name][value == "yes"]) % {"period": _last(days)}
    if name in _SENTENCES and isinstance(value, (int, float)):
        return _sentence(name, float(value), days, currency)
    if name in _BOUGHT_ONCE and value is None:
        return str(_BOUGHT_ONCE[name])
    shown = reason["shown"] or _("not known")
    return _("%(field)s: %(value)s") % {"field": FEATURES.get(name, reason["label"]), "value": shown}


def _sentence(name: str, value: float, days: int | None, currency: str) -> str:
    """Of nothing there is a sentence of its own, where nothing can be."""
    some, none = _SENTENCES[name]
    said = {
        "value": _figure(name, value, currency),
        "times": ngettext("%(num)s time", "%(num)s times", round(value)) % {"num": number(round(value))},
        "days": ngettext("%(num)s day", "%(num)s days", round(value)) % {"num": number(round(value))},
        "period": _last(days),
    }
    return str(none if none is not None and value == 0 else some) % said


def _figure(name: str, value: float, currency: str) -> str:
    if name in _AMOUNTS:
        return money_short(round(value * 1_000_000), currency) if currency else number(value, digits=0)
    return percent(value) if name == "reversals" else number(value, digits=1)


def _last(days: int | None) -> str:
    if days is None:
        return _("in the last period")
    return ngettext("in the last %(num)s day", "in the last %(num)s days", days) % {"num": number(days)}


_AMOUNTS = ("average_purchase", "spent_last")
_YES_OR_NO: Mapping[str, tuple[Words, Words]] = {
    "idle_last": (gettext_lazy("Bought %(period)s"), gettext_lazy("Bought nothing %(period)s")),
    "has_email": (gettext_lazy("No e-mail address is known"), gettext_lazy("An e-mail address is known")),
    "has_phone": (gettext_lazy("No phone number is known"), gettext_lazy("A phone number is known")),
}
_BOUGHT_ONCE: Mapping[str, Words] = {
    "usual_gap_days": gettext_lazy("Has bought only once"),
    "overdue": gettext_lazy("Has bought only once, so that nobody knows when the next purchase is due"),
}
_SENTENCES: Mapping[str, tuple[Words, Words | None]] = {
    "recency_days": (gettext_lazy("Last bought %(days)s ago"), gettext_lazy("Bought today")),
    "purchases": (gettext_lazy("Has bought %(times)s so far"), None),
    "purchases_last": (gettext_lazy("Bought %(times)s %(period)s"), gettext_lazy("Bought nothing %(period)s")),
    "purchases_before": (
        gettext_lazy("Bought %(times)s in the period before that"),
        gettext_lazy("Bought nothing in the period before that"),
    ),
    "tenure_days": (gettext_lazy("First bought %(days)s ago"), None),
    "usual_gap_days": (gettext_lazy("Usually buys every %(days)s"), None),
    "overdue": (gettext_lazy("Has waited %(value)s times as long as usual between purchases"), None),
    "average_purchase": (gettext_lazy("Spends %(value)s a purchase on average"), None),
    "spent_last": (gettext_lazy("Spent %(value)s %(period)s"), gettext_lazy("Spent nothing %(period)s")),
    "reversals": (gettext_lazy("Takes back %(value)s of what is bought"), gettext_lazy("Has never taken anything back")),
    "contacts_in": (gettext_lazy("Was in touch with us %(times)s %(period)s"), gettext_lazy("Was not in touch with us %(period)s")),
    "contacts_out": (gettext_lazy("We were in touch %(times)s %(period)s"), gettext_lazy("We were not in touch %(period)s")),
}  # fmt: skip
