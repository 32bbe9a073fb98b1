"""What is told of scores: to other systems as far as the owner of an endpoint sees it, and to administrators what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core.acting import SYSTEM, acting
from rapport.core.events import hand_over, publish, subscriptions_to
from rapport.customers.tests.world import make_customer
from rapport.insight import queries
from rapport.insight.churn.keeping import learn_and_keep
from rapport.insight.churn.questions import ChurnQuestion
from rapport.insight.events import GroupsChanged, WarehouseDiffered
from rapport.insight.learned import keep_model
from rapport.insight.models import LearnedModel
from rapport.insight.tests.shop import make_customer as make_buyer
from rapport.insight.tests.shop import make_order
from rapport.insight.tests.test_churn_report import make_fields
from rapport.insight.warehouse.differences import tell_administrators
from rapport.insight.warehouse.refresh import How, make_snapshot
from rapport.records.custom_fields.actions import save_layout
from rapport.webhooks.tests.world import make_endpoint, said
from rapport.work.models import Notification, Task

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANYBODY: dict[str, Any] = {
    "version": 1, "as_of": date(2026, 3, 2), "snapshot_folder": "x", "currency": "GBP", "report": {}, "learned_at": NOW,
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("db")


def hide(role: Any, *names: str, by: Any) -> None:
    save_layout(role, "customer", hidden=names, ordering=[], columns=None, hidden_panels=[], panel_ordering=[], by=by)


def slip(*customers: Any) -> None:
    ids = tuple(each.pk for each in customers)
    with acting(SYSTEM):
        publish(GroupsChanged("2026-03-02", (("champions", "at_risk", ids),), ids))


def test_champions_who_slipped_are_told_to_who_sees_them_and_their_groups(ada: Any, alice: Any, charlie: Any) -> None:
    everything, _secret = make_endpoint(ada, "champion.slipped")
    some, _secret = make_endpoint(alice, "champion.slipped")
    nothing, _secret = make_endpoint(charlie, "champion.slipped")
    hers, other = make_customer("Ana", owner=alice), make_customer("Bea", owner=ada)

    slip(hers, other)
    with acting(SYSTEM):
        publish(GroupsChanged("2026-03-02", (("loyal", "champions", (hers.pk,)),)))

    both = sorted([str(hers.public_id), str(other.public_id)])
    assert [(name, sorted(ids), more) for name, ids, more in said(everything)] == [("champion.slipped", both, {})]
    assert said(some) == [("champion.slipped", [str(hers.public_id)], {})]
    assert said(nothing) == []
    hide(alice.role, "segment", by=ada)
    slip(hers)
    assert said(some) == []
    assert len(said(everything)) == 1


def test_a_score_that_was_learned_anew_is_told_without_the_field_that_somebody_does_not_see(
    ada: Any, alice: Any
) -> None:
    make_fields(**{"Left us": "boolean"})
    everything, _secret = make_endpoint(ada, "score.retrained")
    some, _secret = make_endpoint(alice, "score.retrained")
    with acting(SYSTEM):
        alice.role.rights = sorted({*alice.role.rights, "insight.view"})
        alice.role.save(update_fields=["rights"])
    hide(alice.role, "c_left_us", by=ada)

    made = keep_model(kind="clv", is_refused=True, **ANYBODY)
    keep_model(kind="churn:c_left_us", is_refused=False, **ANYBODY)

    clv = ("score.retrained", [], {"score": "clv", "as_of": "2026-03-02", "refused": True})
    churn = {"score": "churn", "field": "c_left_us", "as_of": "2026-03-02", "refused": False}
    assert said(everything) == [clv, ("score.retrained", [], churn)]
    assert said(some) == [clv]
    assert LearnedModel.objects.get(kind="clv") == made


def test_who_may_not_see_reports_is_not_told_of_scores(ada: Any, charlie: Any) -> None:
    endpoint, _secret = make_endpoint(charlie, "score.retrained")
    with acting(SYSTEM):
        charlie.role.rights = ["customers.view", "webhooks.manage"]
        charlie.role.save(update_fields=["rights"])

    keep_model(kind="clv", is_refused=False, **ANYBODY)

    assert said(endpoint) == []


def test_administrators_are_told_that_the_warehouse_differed_and_what_to_do(ada: Any, alice: Any) -> None:
    assert [each.handler for each in subscriptions_to(WarehouseDiffered)] == [tell_administrators]

    hand_over(
        f"{tell_administrators.__module__}.{tell_administrators.__qualname__}",
        {"comparison_id": 1, "tables": ["orders", "consents"]},
    )

    task = Task.objects.get()
    assert (task.title, task.assignee_id) == ("The warehouse was not what the database holds", ada.pk)
    assert "orders, consents" in task.text
    assert "Where the numbers come from" in task.text
    assert Notification.objects.get().recipient_id == ada.pk


@pytest.mark.django_db(transaction=True)
def test_a_comparison_that_differs_asks_for_them_to_be_told(home: Path, ada: Any) -> None:
    make_order(make_buyer(), NOW)
    made = make_snapshot(zone=queries.report_settings().zone, currency="GBP", now=NOW)
    file = queries.snapshot_folder(made) / "orders" / "0.parquet"
    pq.write_table(pq.read_table(file).slice(0, 0), file.with_suffix(".spoiled"))
    file.with_suffix(".spoiled").replace(file)

    make_snapshot(zone=queries.report_settings().zone, currency="GBP", now=NOW, how=How.COMPARING)

    (job,) = [
        each.args
        for each in ProcrastinateJob.objects.filter(task_name="core.deliver")
        if each.args["subscription"].endswith("tell_administrators")
    ]
    hand_over(job["subscription"], job["payload"])
    assert "orders" in Task.objects.get().text


@pytest.mark.django_db(transaction=True)
def test_what_is_learned_of_who_leaves_is_told(home: Path, ada: Any) -> None:
    endpoint, _secret = make_endpoint(ada, "score.retrained")
    make_snapshot(zone=queries.report_settings().zone, currency="GBP", now=NOW)

    learn_and_keep(ChurnQuestion(), now=NOW)

    assert said(endpoint) == [("score.retrained", [], {"score": "churn", "as_of": "2026-03-02", "refused": True})]
