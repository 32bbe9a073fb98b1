"""The page of contracts: who renews, whether it can be trusted, and what it says where there are none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from rapport.insight.contracts.computing import retention
from rapport.insight.contracts.forms import ContractsForm
from rapport.insight.contracts.page import contracts_page
from rapport.insight.tests.test_churn_report import make_fields
from rapport.insight.tests.test_traits import refresh
from rapport.records.custom_fields.actions import save_layout
from tests.import_files import import_text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
ENDS = (
    ["2026-02-01"] * 30
    + ["2026-03-01"] * 20
    + ["2026-04-01"] * 10
    + ["2026-05-01"] * 6
    + ["2026-06-01"] * 4
    + [""] * 60
)
ASKED = "/worth/contracts/?began=c_began&ended=c_ended&every=month"


def keep_contracts(ends: list[str] = ENDS) -> None:
    make_fields(Began="date", Ended="date")
    lines = [f"{number},2026-01-01,{end}" for number, end in enumerate(ends)]
    import_text("Customer ID,Began,Ended\n" + "\n".join(lines) + "\n", preset="people")


def test_the_page_shows_who_renews_and_how_the_model_did_on_the_last_renewals(
    home: Path, business: Any, as_user: Any, ada: Any
) -> None:
    keep_contracts()
    refresh(NOW)
    client = as_user(ada)

    asking = client.get("/worth/contracts/").text
    page = client.get(ASKED)

    assert "Say what a contract is" in asking
    assert page.status_code == 200
    assert page.text.count('<rect class="column lifetime-came"') == 2 * 5
    for words in (
        "130 contracts",
        "Who is still there",
        "Who renews",
        "Can I trust this?",
        "Learned from the first 3 renewals alone",
        "If all were alike",
        "As a table",
        "log-likelihood",
        "From the fields Began and Ended",
    ):
        assert words in page.text
    assert page.text.count(">76.9\u00a0%<") == 2  # 100 of 130 renewed at the first, and are still there
    assert 'href="/worth/contracts/"' in client.get("/worth/").text


def test_what_cannot_be_learned_is_refused_in_words(
    home: Path, business: Any, as_user: Any, ada: Any, rita: Any
) -> None:
    client = as_user(ada)
    assert "No numbers yet" in client.get("/worth/contracts/").text
    refresh(NOW)
    assert "Rapport keeps no contracts of its own" in client.get(ASKED).text
    keep_contracts(["2026-02-01"] * 20)
    refresh(NOW)

    assert "20 contracts have met a renewal; to learn from them takes 100." in client.get(ASKED).text
    same = client.get("/worth/contracts/?began=c_began&ended=c_began&every=month")
    assert (same.status_code, "another field" in same.text) == (400, True)
    assert client.get("/worth/contracts/?began=c_none&ended=c_ended&every=month").status_code == 400
    assert client.get("/worth/contracts/?began=c_began&ended=c_ended&every=day").status_code == 400
    assert as_user(rita).get("/worth/contracts/").status_code == 403


def test_a_hidden_field_is_answered_like_one_that_never_was(
    home: Path, business: Any, as_user: Any, ada: Any, alice: Any
) -> None:
    keep_contracts()
    refresh(NOW)
    layout = {"ordering": (), "columns": None, "hidden_panels": (), "panel_ordering": (), "by": ada}
    save_layout(alice.role, "customer", hidden=("c_ended",), **layout)

    hidden, never = (
        ContractsForm({"began": "c_began", "ended": name, "every": "month"}, user=alice)
        for name in ("c_ended", "c_never")
    )

    assert not hidden.is_valid()
    assert hidden.errors.as_text().replace("c_ended", "") == never.errors.as_text().replace("c_never", "")
    assert "Rapport keeps no contracts of its own" in as_user(alice).get(ASKED).text


def test_without_a_hold_out_and_with_a_bad_one_the_page_says_so() -> None:
    class Survivors:
        survivors, began, ended, every = (1000, 869, 743), "", "", "month"

    report = retention(None, as_of=date(2026, 6, 15), asked=Survivors()) | {"every": "year"}  # type: ignore[arg-type]
    assert report["check"] is None
    assert "too few renewals to hold some of them out" in contracts_page(report).verdict
    check = {"known_renewals": 2, "foretold_renewals": 1, "retention_off": 0.2, "alike_off": 0.1, "later": []}
    assert "Do not plan with it." in contracts_page(report | {"check": check}).verdict
