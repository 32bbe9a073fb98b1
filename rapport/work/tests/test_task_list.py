"""Tasks as a list, a board and a calendar: the gate of tasks, and each card moved by the task's own act, with undo."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from rapport.customers.tests.world import make_customer
from rapport.records.command_log.models import Command
from rapport.records.command_log.noting import undo_command
from rapport.records.lists.page import list_page_of
from rapport.work.lists import TASKS
from rapport.work.models import Notification, Task
from rapport.work.tests.world import make_task
from tests.world import NOW


@pytest.fixture
def tasks(alice: Any, bob: Any, charlie: Any) -> dict[str, Any]:
    return {
        "hers": make_task("Write", by=alice, due_on=date(2026, 3, 5)),
        "about": make_task("Call", by=bob, on=make_customer("Ann", owner=bob), due_on=date(2026, 3, 5), priority=3),
        "south": make_task("Hide", by=charlie, on=make_customer("Zoe", owner=charlie), due_on=date(2026, 3, 5)),
        "own of the south": make_task("Nap", by=charlie),
    }


def look(user: Any, query: str) -> Any:
    return list_page_of(QueryDict(query), "/tasks/all/", TASKS, user=user)


def move(client: Any, task: Any, field: str, to: str, was: str) -> Any:
    address = reverse("cell", args=["task", task.public_id, field])
    way = "calendar" if field == "due_on" else "board"
    sent = {"to": to, "was": was, "query": f"as={way}&by={field}&day=2026-03-05"}
    return client.post(address, sent, headers={"HX-Request": "true"})


def test_a_task_is_on_the_list_where_its_record_is_seen_and_nowhere_else(
    tasks: dict[str, Any], alice: Any, ada: Any, as_user: Any
) -> None:
    page = look(alice, "")
    board = look(alice, "as=board&by=state").looked
    month = look(alice, "as=calendar&by=due_on&day=2026-03-05").looked

    assert {row["title"] for row in page.page.rows} == {"Write", "Call"}
    assert {row["title"]: row["customer"] for row in page.page.rows} == {"Write": None, "Call": "Ann"}
    assert page.count.number == 2
    assert [card.name for card in board.columns[0].cards] == ["Write", "Call"]
    assert [day.count for day in month.days if day.count] == [2]
    assert {row["title"] for row in look(ada, "").page.rows} == {"Write", "Call", "Hide", "Nap"}
    assert {row["title"] for row in look(alice, "q=cAl&filter=assignee.is:my_team").page.rows} == {"Call"}
    for query in ("", "?as=board&by=assignee", "?as=calendar", "?by=priority&open=3"):
        answer = as_user(alice).get(f"/tasks/all/{query}").content.decode()
        assert "Hide" not in answer
    assert move(as_user(alice), tasks["south"], "state", "done", "open").status_code == 404


def test_each_value_of_a_task_is_moved_by_its_own_act_and_back(
    tasks: dict[str, Any], alice: Any, bob: Any, charlie: Any, rita: Any, as_user: Any
) -> None:
    task, client = tasks["about"], as_user(alice)

    assert move(client, task, "due_on", "2026-03-09", "2026-03-05").status_code == 200
    assert move(client, task, "priority", "1", "3").status_code == 200
    assert move(client, task, "assignee", str(alice.public_id), str(bob.public_id)).status_code == 200
    assert move(client, task, "state", "done", "open").status_code == 200
    assert move(client, task, "state", "cancelled", "done").status_code == 422
    assert move(client, task, "state", "", "done").status_code == 422
    assert move(client, task, "assignee", str(charlie.public_id), str(alice.public_id)).status_code == 422
    assert move(client, task, "due_on", "2026-03-10", "2026-03-05").status_code == 409
    assert move(as_user(rita), task, "priority", "2", "1").status_code == 403
    now_is = Task.objects.get(pk=task.pk)
    assert (now_is.due_on, now_is.priority, now_is.assignee_id, now_is.state) == (date(2026, 3, 9), 1, alice.pk, "done")
    assert Notification.objects.filter(recipient=bob).exists()
    for command in Command.objects.filter(actor=alice).order_by("-pk"):
        undo_command(command, by=alice, now=NOW)
        break
    assert Task.objects.get(pk=task.pk).state == "open"


def test_a_task_that_is_due_at_a_time_keeps_it_on_its_other_day(alice: Any, as_user: Any) -> None:
    task = make_task("Meet", by=alice, due_on=date(2026, 3, 5), due_time=time(14, 30))

    assert move(as_user(alice), task, "due_on", "2026-07-06", "2026-03-05").status_code == 200

    now_is = Task.objects.get(pk=task.pk)
    assert (now_is.due_on, now_is.has_due_time) == (date(2026, 7, 6), True)
    assert now_is.due_at is not None
    assert now_is.due_at.isoformat() == "2026-07-06T13:30:00+00:00"  # half past two of London, in summer
    undo_command(Command.objects.get(), by=alice, now=NOW)
    assert Task.objects.get(pk=task.pk).due_at == task.due_at


def test_the_list_of_tasks_has_views_and_columns_like_every_list(alice: Any, ada: Any, as_user: Any) -> None:
    make_task("Write", by=alice)
    client = as_user(alice)
    client.post("/lists/task/views/new/", {"name": "Mine", "query": "as=board&by=priority&filter=assignee.is:me"})

    assert client.get("/lists/task/views/").status_code == 200
    assert client.get("/lists/task/columns/").status_code == 200
    assert client.get("/lists/task/filter/").status_code == 200
    assert "/exports/new/task/" in as_user(ada).get("/tasks/all/").content.decode()
