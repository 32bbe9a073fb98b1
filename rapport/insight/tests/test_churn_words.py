"""Reasons why somebody may leave, as sentences that a sales person understands."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.insight.churn.words import FEATURES, reason_in_words


def said(field: str, value: object, *, adds: float = 0.4, shown: str = "", **figures: Any) -> str:
    reason = {"field": field, "label": field, "value": value, "shown": shown, "adds": adds, "rate": None, **figures}
    return reason_in_words(reason, days=90, currency="GBP")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("recency_days", 120.0, "Last bought 120 days ago"),
        ("recency_days", 1.0, "Last bought 1 day ago"),
        ("recency_days", 0.0, "Bought today"),
        ("idle_last", "yes", "Bought nothing in the last 90 days"),
        ("idle_last", "no", "Bought in the last 90 days"),
        ("purchases", 1.0, "Has bought 1 time so far"),
        ("purchases_last", 0.0, "Bought nothing in the last 90 days"),
        ("purchases_before", 3.0, "Bought 3 times in the period before that"),
        ("tenure_days", 400.0, "First bought 400 days ago"),
        ("usual_gap_days", 30.4, "Usually buys every 30 days"),
        ("overdue", 2.54, "Has waited 2.5 times as long as usual between purchases"),
        ("average_purchase", 45.2, "Spends £45 a purchase on average"),
        ("spent_last", 0.0, "Spent nothing in the last 90 days"),
        ("reversals", 0.25, "Takes back 25\u00a0% of what is bought"),
        ("reversals", 0.0, "Has never taken anything back"),
        ("contacts_in", 2.0, "Was in touch with us 2 times in the last 90 days"),
        ("contacts_out", 0.0, "We were not in touch in the last 90 days"),
        ("has_email", "no", "No e-mail address is known"),
        ("has_phone", "yes", "A phone number is known"),
    ],
)
def test_what_is_so_of_the_customer_is_a_sentence(field: str, value: object, words: str) -> None:
    assert said(field, value) == f"{words} – raises the risk"


def test_what_became_of_others_is_said_where_it_is_known() -> None:
    figures = {"rate": 0.4, "customers": 1_250, "everybody": 0.1}

    assert said("recency_days", 120.0, **figures) == (
        "Last bought 120 days ago – of 1,250 such customers 40\u00a0% left, of all 10\u00a0%"
    )
    assert said("c_plan", "Basic", shown="Basic", adds=-0.4) == "c_plan: Basic – lowers the risk"
    assert said("usual_gap_days", None) == "Has bought only once – raises the risk"
    assert said("contacts_in", None) == "Contacts from the customer in the last period: not known – raises the risk"
    assert said("country", "PT", shown="PT").startswith("Country: PT")


def test_without_a_period_and_a_currency_figures_stand_alone() -> None:
    reason = {"field": "spent_last", "label": "", "value": 45.0, "shown": "45", "adds": 1, "rate": None}

    assert reason_in_words(reason) == "Spent 45 in the last period – raises the risk"


def test_every_figure_of_purchases_has_a_sentence() -> None:
    plain = ("kind", "country", "region", "language")

    for field in set(FEATURES) - set(plain):
        value = "yes" if field.startswith(("idle", "has_")) else 7.0
        assert str(FEATURES[field]) not in said(field, value), field
