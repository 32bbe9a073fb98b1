"""The page "Who will leave: can I trust this?", and what is kept of what was learned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core.acting import SYSTEM, acting
from rapport.insight import queries
from rapport.insight.churn.keeping import learn_and_keep
from rapport.insight.churn.questions import KEPT, ChurnQuestion, newest_learned, questions_due
from rapport.insight.models import LearnedModel
from rapport.insight.tests.test_churn_report import make_fields, make_shop, subscribers
from rapport.insight.warehouse.asking import LEARNING_TASK
from rapport.insight.warehouse.refresh import make_snapshot
from tests.import_files import import_text

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh() -> None:
    make_snapshot(zone=queries.report_settings().zone, currency="GBP", now=NOW)


def test_before_anything_is_learned_the_page_says_so_and_asks(home: Path, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    assert "No numbers yet" in client.get("/worth/leaving/").text

    refresh()
    assert questions_due(now=NOW) == []  # there are no orders, and nobody has asked
    assert "Nothing has been learned yet" in client.get("/worth/leaving/").text
    learn_and_keep(ChurnQuestion(), now=NOW)

    page = client.get("/worth/leaving/").text
    assert "The data cannot carry an estimate" in page
    assert "There are no purchases of known customers" in page


def test_what_was_learned_from_purchases_is_shown_with_its_baselines_and_days(
    home: Path, business: Any, ada: Any, rita: Any, as_user: Any
) -> None:
    make_shop()
    refresh()
    assert questions_due(now=NOW) == [ChurnQuestion()]
    made = learn_and_keep(ChurnQuestion(), now=NOW)
    assert made is not None
    assert not made.is_refused, made.report
    assert "most_likely" not in str(made.report)
    assert questions_due(now=NOW) == []
    assert questions_due(now=NOW + timedelta(days=1)) == [ChurnQuestion()]

    page = as_user(ada).get("/worth/leaving/").text

    for words in (
        "Does what is foretold come?", "Same as last period", "Tried on earlier days", "Days since the last purchase alone",
        "Left out, and why", "From the mart purchase_rhythm v1, as of 2 Mar 2026", "95 % within", "Lift of the top 10 %",
    ):  # fmt: skip
        assert words in page, words
    assert as_user(rita).get("/worth/leaving/").status_code == 403
    assert as_user(rita).post("/worth/leaving/learn/", {}).status_code == 403


def test_a_field_is_learned_from_on_request_and_hidden_fields_stay_hidden(
    home: Path, business: Any, ada: Any, alice: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    from rapport.records.custom_fields.actions import save_layout

    make_fields(Plan="text", Months="number", Calls="number", Reason="text", **{"Left us": "boolean"})
    import_text(subscribers(), preset="people")
    refresh()
    client = as_user(ada)
    asked = {"label": "c_left_us", "left": "", "afterwards": ["c_calls", "c_left_us"]}

    answer = client.post("/worth/leaving/learn/", asked)
    client.post("/worth/leaving/learn/", asked)

    assert answer.headers["Location"] == "/worth/leaving/?label=c_left_us"
    (job,) = ProcrastinateJob.objects.filter(task_name=LEARNING_TASK, status="todo")
    assert job.args == {"question": {"label": "c_left_us", "left": "", "afterwards": ["c_calls"]}}
    waiting = client.get("/worth/leaving/?label=c_left_us", headers=HTMX)
    assert "data-poll" in waiting.text
    learn_and_keep(ChurnQuestion.read(job.args["question"]), now=NOW)
    page = client.get("/worth/leaving/").text
    assert "The field that says who left:" in page
    assert "It is declared to be known only afterwards." in page
    assert "It all but tells the answer by itself" in page
    assert page.count("Months") >= 2
    with django_assert_max_num_queries(14):
        client.get("/worth/leaving/")
    assert client.post("/worth/leaving/learn/", {"label": "c_shoe"}).status_code == 400

    layout = {"ordering": (), "columns": None, "hidden_panels": (), "panel_ordering": (), "by": ada}
    save_layout(alice.role, "customer", hidden=("c_months",), **layout)
    seen = as_user(alice).get("/worth/leaving/").text
    assert "Calls" in seen
    assert "Months" not in seen
    save_layout(alice.role, "customer", hidden=("c_left_us",), **layout)
    seen = as_user(alice).get("/worth/leaving/?label=c_left_us").text
    assert "Left us" not in seen
    assert "Nothing has been learned yet" in seen
    with acting(SYSTEM):
        for day in range(KEPT + 2):
            learn_and_keep(ChurnQuestion("c_gone"), now=NOW + timedelta(days=day))
    assert LearnedModel.objects.filter(kind="churn:c_gone").count() == KEPT
    newest = newest_learned("c_gone")
    assert newest is not None
    assert "no field called" in newest.report["refused"]
