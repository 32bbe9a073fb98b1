"""What customers of the demo company teach it, and what it says things cost and are worth."""

from __future__ import annotations

from datetime import timedelta

from rapport.demo.ledger import Customer, Ledger, dice_for

_MICROS = 1_000_000
UNIT_VALUES = {
    "service_minute": 650_000, "minutes_call": 5 * _MICROS, "minutes_visit": 45 * _MICROS, "minutes_meeting": 40 * _MICROS,
    "minutes_case": 12 * _MICROS, "minutes_email": 4 * _MICROS, "cost_campaign_email": 10_000,
    "cost_campaign_direct_mail": 900_000, "cost_campaign_other": 100_000, "cost_delivery": 4_950_000,
    "value_survey": 2 * _MICROS, "value_review": 5 * _MICROS, "value_idea": 25 * _MICROS, "value_beta_test": 60 * _MICROS,
    "referral_share": 20 * _MICROS, "referral_next": 50 * _MICROS,
}  # fmt: skip
_ANSWERS = (
    "Rated delivery {score} of 10", "Would recommend us: {score} of 10", "Rated the shop {score} of 10",
    "Rated the advice {score} of 10",
)  # fmt: skip
_REVIEWS = ("{stars} stars: “{words}”",)
_WORDS = (
    "Fresh every time", "The grinder is quieter than I thought", "Good coffee, slow parcel", "Tastes like in the store",
    "Clear guide, first cup was fine", "Box was dented, beans were not",
)  # fmt: skip
_IDEAS = (
    "Beans in a tin that can be filled again", "A subscription that can pause in summer", "Smaller bags to try three kinds",
    "Roasting day on the label", "Pick-up points by the station", "A class for beginners on Sundays",
)  # fmt: skip
_TESTS = (
    "Tried the new decaf at home and wrote down the grind",
    "Tested the app for two weeks",
    "Tasted three roasts blind",
)
_SURVEY, _REVIEW, _IDEA, _TEST = 0.05, 0.03, 0.012, 0.004


def learn(ledger: Ledger) -> None:
    """Some orders are followed by an answer, a review, an idea or a test; by dice of their own, so nothing else changes."""
    for customer in ledger.customers:
        _learn_from(ledger, customer)


def _learn_from(ledger: Ledger, customer: Customer) -> None:
    dice = dice_for(ledger.seed, "lessons", customer.place)
    for order in customer.orders:
        if order.profile is None or order.kind != "sale":
            continue
        at = (order.delivered_at or order.placed_at) + timedelta(hours=dice.uniform(20, 90))
        score = dice.choice((6, 7, 8, 8, 9, 9, 9, 10, 10))
        for share, kind, words in (
            (_SURVEY, "survey", dice.choice(_ANSWERS).format(score=score)),
            (_REVIEW, "review", dice.choice(_REVIEWS).format(stars=max(2, score // 2), words=dice.choice(_WORDS))),
            (_IDEA, "idea", dice.choice(_IDEAS)),
            (_TEST, "beta_test", dice.choice(_TESTS)),
        ):
            if dice.random() < share:
                ledger.touch(order.profile, at, kind, "web", words)
