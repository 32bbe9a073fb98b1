"""The page of the next best action: can I trust this? For whom it is, and what it says of few answers and of many."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import ActionAnswer, Profile
from rapport.customers.next_best.standing import write_standing
from rapport.customers.tests.world import make_customer, touch
from rapport.insight.acceptance.page import acceptance_page
from rapport.records.custom_fields.actions import save_layout
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db", "business")
HERE = "/worth/next-actions/"


def answer(by: Any, shares: dict[str, float], size: int) -> None:
    customer = make_customer("Ana", owner=by)
    profile, draw = Profile.objects.get(customer=customer), np.random.default_rng(3)
    with acting(SYSTEM):
        ActionAnswer.objects.bulk_create([
            ActionAnswer(
                customer=customer, profile=profile, rule=rule, answered_by=by,
                answered_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
                answer="taken" if draw.random() < shares[rule] else "refused",
            )
            for number, rule in enumerate(list(shares)[place] for place in draw.integers(0, len(shares), size))
        ])  # fmt: skip


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_few_answers_cannot_tell_and_every_rule_is_listed_with_its_own(ada: Any, as_user: Any) -> None:
    assert "Too few answers to tell: 0, of at least 50" in text_of(as_user(ada).get(HERE))
    touch(make_customer("Bea", owner=ada, external_id="b"), "case", days_ago=1)
    write_standing(now=NOW)
    answer(ada, {"open_case": 0.75}, 8)

    shown = text_of(as_user(ada).get(HERE))

    assert "Too few answers to tell: 8, of at least 50" in shown
    taken = ActionAnswer.objects.filter(answer="taken").count()
    line = rf"Call about the open case before offering anything Service 1 8 {taken} {8 - taken} {round(taken / 8 * 100)}\W%"
    assert re.search(line, shown), shown
    assert re.search(r"Congratulate on the birthday Offer – 0 0 0 – – – 50\W%", shown)
    assert "Against what anybody would say" not in shown


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"open_case": 0.9, "birthday": 0.2}, "It learns: rule by rule"),
        ({"open_case": 0.9, "birthday": 0.9}, "but the rules cannot be told apart beyond chance"),
        ({"open_case": 0.5, "birthday": 0.5}, "It has not been shown that it learns"),
    ],
)
def test_whether_it_learns_is_said_of_many(ada: Any, as_user: Any, shares: dict[str, float], says: str) -> None:
    answer(ada, shares, 400)

    shown = text_of(as_user(ada).get(HERE))

    assert says in shown
    assert "Against what anybody would say" in shown
    assert "Learned rule by rule used 0." in shown


def test_it_is_for_who_may_see_reports_and_of_rules_whose_reasons_she_may_read(
    ada: Any, alice: Any, as_user: Any
) -> None:
    answer(ada, {"birthday": 0.9}, 60)
    with acting(SYSTEM):
        alice.role.rights = [right for right in alice.role.rights if right != "insight.view"]
        alice.role.save(update_fields=["rights"])
    assert as_user(alice).get(HERE).status_code == 403
    assert acceptance_page(ada).tiles[0]["value"] == "60"

    save_layout(
        ada.role,
        "customer",
        hidden=("born_on",),
        ordering=(),
        columns=None,
        hidden_panels=(),
        panel_ordering=(),
        by=ada,
    )

    assert acceptance_page(ada).tiles == []
    assert "birthday" not in text_of(as_user(ada).get(HERE))


def test_it_takes_few_statements_whatever_was_answered(ada: Any) -> None:
    answer(ada, {"open_case": 0.9, "birthday": 0.2}, 100)

    with CaptureQueriesContext(connection) as asked:
        acceptance_page(ada)

    assert len(asked) <= 5
