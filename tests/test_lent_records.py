"""What is shared for reading is not changed by a side door; and who has something to do about it may still do it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from rapport.accounts.tests.programs import Program
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.bulk.models import BulkRun
from rapport.segments.actions import make_segment
from rapport.segments.models import Pick
from rapport.work.actions_trash import trash_task
from rapport.work.models import Task
from rapport.work.tests.world import make_task
from tests.test_sharing import share
from tests.world import NOW


@pytest.fixture
def souza(alice: Any, charlie: Any) -> Any:
    """Alice's customer, which Charlie may read; and his role makes segments."""
    with acting(SYSTEM):
        charlie.role.rights = [*charlie.role.rights, "segments.make"]
        charlie.role.save(update_fields=["rights"])
    souza = make_customer("Padaria Souza", owner=alice, city="Porto")
    share(souza, charlie, by=alice)
    return souza


def test_no_side_door_changes_what_is_shared_for_reading(alice: Any, charlie: Any, souza: Any, as_user: Any) -> None:
    client, customer = as_user(charlie), souza.public_id
    fair = make_segment("Fair", is_static=True, by=alice, made_by=alice, now=NOW)
    before = Customer.objects.filter(pk=souza.pk).values().get()

    refused = [
        client.post(reverse("customer_segment_move", args=[customer]), {"segment": fair.public_id, "do": "put"}),
        client.post(reverse("record_tags", args=["customer", customer]), {"add": "mine"}),
        client.post(reverse("cell", args=["customer", customer, "owner"]), {"to": charlie.public_id, "was": ""}),
    ]
    many = [
        ("put_into", {"segment": fair.public_id}),
        ("tag", {"add": "mine"}),
        ("assign", {"owner": charlie.public_id}),
        ("trash", {}),
    ]
    for act, answers in many:
        chosen = client.post(reverse("bulk_choose", args=["customer"]), {"act": act, "row": [customer]})
        client.post(f"{chosen['Location']}begin/", answers)

    assert all(answer.status_code in (403, 404) for answer in refused), [each.status_code for each in refused]
    assert list(BulkRun.objects.values_list("done", flat=True)) == [0] * len(many)
    assert not Pick.objects.exists()
    assert Customer.objects.filter(pk=souza.pk).values().get() == before


def test_who_has_a_task_closes_it_also_on_a_record_that_she_only_reads(
    alice: Any, charlie: Any, souza: Any, as_user: Any
) -> None:
    client, program = as_user(charlie), Program(charlie)
    his, hers = make_task("Send it", by=alice, on=souza, assignee=charlie), make_task("Call", by=alice, on=souza)

    assert client.post(reverse("task_done", args=[his.public_id])).status_code == 302
    assert state_of(his) == "done"
    client.post(reverse("change_undo_last"))
    assert state_of(his) == "open"
    done = program.post(f"/tasks/{his.public_id}/done")
    assert (done.status_code, state_of(his)) == (200, "done")
    assert program.post(f"/changes/{done.json()['undo']}/undo").status_code == 200
    assert state_of(his) == "open"
    assert client.post(reverse("task_cancel", args=[his.public_id])).status_code == 302
    assert client.post(reverse("task_reopen", args=[his.public_id])).status_code == 302

    assert client.post(reverse("task_trash", args=[his.public_id])).status_code == 403
    assert client.get(reverse("task_edit", args=[his.public_id])).status_code == 403
    assert client.post(reverse("task_done", args=[hers.public_id])).status_code == 403
    assert program.post(f"/tasks/{hers.public_id}/done").status_code == 403
    assert (state_of(his), state_of(hers)) == ("open", "open")


def test_of_many_tasks_on_what_she_only_reads_she_closes_her_own_and_changes_none(
    alice: Any, charlie: Any, souza: Any, as_user: Any
) -> None:
    client, tasks = as_user(charlie), [make_task("Send it", by=alice, on=souza, assignee=charlie)]
    tasks.append(make_task("Call", by=alice, on=souza))
    many = [
        ("done", {}), ("assign", {"assignee": charlie.public_id}), ("due", {"due_on": "2026-04-01"}),
        ("edit", {"priority": "3"}), ("trash", {}),
    ]  # fmt: skip

    for act, answers in many:
        rows = [str(each.public_id) for each in tasks]
        chosen = client.post(reverse("bulk_choose", args=["task"]), {"act": act, "row": rows})
        client.post(f"{chosen['Location']}begin/", answers)

    assert list(BulkRun.objects.order_by("pk").values_list("done", "refused")) == [(1, 1), *[(0, 2)] * 4]
    assert [state_of(each) for each in tasks] == ["done", "open"]
    client.post(reverse("bulk_undo", args=[BulkRun.objects.earliest("pk").public_id]))
    assert [state_of(each) for each in tasks] == ["open", "open"]


def test_a_program_brings_back_what_lies_on_a_record_only_where_the_record_may_be_changed(
    alice: Any, charlie: Any, souza: Any
) -> None:
    task = make_task("Call", by=alice, on=souza)
    trash_task(task, by=alice, now=NOW)
    program, restore = Program(charlie), f"/trash/task/{task.public_id}/restore"
    assert [each["id"] for each in program.get("/trash", {"kind": "task"}).json()["items"]] == [str(task.public_id)]

    assert program.post(restore).status_code == 404
    assert not Task.objects.filter(pk=task.pk).exists()
    share(souza, charlie, by=alice, may_edit=True)
    assert program.post(restore).status_code == 200
    assert Task.objects.filter(pk=task.pk).exists()


def state_of(task: Any) -> str:
    return str(Task.objects.get(pk=task.pk).state)
