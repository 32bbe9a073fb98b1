"""What the figures of leaving are called, in words a sales person understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.ui.formats import number, percent

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
    "free_text": gettext_lazy("Nearly every customer has a value of her own."),
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


def reason_in_words(reason: Mapping[str, Any]) -> str:
    """One reason as a sentence: what the customer has, which way it points, and what became of others who have it."""
    shown, label = reason["shown"] or _("not known"), FEATURES.get(reason["field"], reason["label"])
    raises = reason["adds"] > 0
    if reason.get("rate") is None:
        words = _("%(field)s: %(value)s – raises the risk") if raises else _("%(field)s: %(value)s – lowers the risk")
        return words % {"field": label, "value": shown}
    words = _("%(field)s: %(value)s – of %(count)s such customers %(rate)s left, of all %(everybody)s")
    return words % {
        "field": label,
        "value": shown,
        "count": number(reason["customers"]),
        "rate": percent(reason["rate"]),
        "everybody": percent(reason["everybody"]),
    }
