"""Acting on many tasks of the list: done, given away, put on a day, edited, pasted, into the trash; each with its undo."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.urls import reverse

from rapport.accounts.tests.programs import Program
from rapport.customers.tests.world import make_customer
from rapport.records.bulk.acts import acts_for
from rapport.records.bulk.models import BulkRun, BulkState
from rapport.records.exporting.lists import every_list
from rapport.work import actions
from rapport.work.models import Task
from rapport.work.tests.world import make_task
from tests.world import NOW

DAY = date(2026, 3, 5)


@pytest.fixture
def tasks(alice: Any, bob: Any, charlie: Any) -> dict[str, Any]:
    return {
        "hers": make_task("Write", by=alice, due_on=DAY),
        "about": make_task("Call", by=bob, on=make_customer("Ann", owner=bob), due_on=DAY, due_time=time(14, 30)),
        "south": make_task("Hide", by=charlie, on=make_customer("Zoe", owner=charlie), due_on=DAY),
    }


def act_on(client: Any, act: str, *tasks: Any, **answers: Any) -> BulkRun:
    rows = [str(each.public_id) for each in tasks]
    page = client.post(reverse("bulk_choose", args=["task"]), {"act": act, "row": rows, "query": ""})
    client.post(f"{page['Location']}begin/", answers)
    return BulkRun.objects.latest("pk")


def take_back(client: Any, run: BulkRun) -> BulkRun:
    client.post(reverse("bulk_undo", args=[run.public_id]))
    run.refresh_from_db()
    return run


def now_is(tasks: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    found = Task.all_objects.in_bulk()
    return [tuple(getattr(found[each.pk], name) for name in names) for each in tasks.values()]


def test_many_tasks_are_done_and_open_again(tasks: dict[str, Any], alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    page = client.get("/tasks/all/").content.decode()

    run = act_on(client, "done", *tasks.values())

    assert f'name="row" value="{tasks["hers"].public_id}" form="selection"' in page
    assert (run.state, run.total, run.done) == (BulkState.DONE, 2, 2)
    assert now_is(tasks, "state", "closed_by_id") == [("done", alice.pk), ("done", alice.pk), ("open", None)]
    assert "Done: 2 rows" in client.get("/tasks/all/").content.decode()
    assert take_back(client, run).undone == 2
    assert {state for (state,) in now_is(tasks, "state")} == {"open"}


def test_what_is_done_or_cancelled_already_stays_with_who_closed_it(
    tasks: dict[str, Any], alice: Any, bob: Any, as_user: Any
) -> None:
    actions.finish_task(tasks["hers"], by=bob, now=NOW)
    actions.cancel_task(tasks["about"], by=bob, now=NOW)

    run = act_on(as_user(alice), "done", tasks["hers"], tasks["about"])

    assert (run.done, run.refused) == (1, 1)
    assert now_is(tasks, "state", "closed_by_id")[:2] == [("done", bob.pk), ("cancelled", bob.pk)]
    page = as_user(alice).get(reverse("bulk_run", args=[run.public_id])).content.decode()
    assert "It is closed already. Take it up again first." in page
    assert f'href="{reverse("task", args=[tasks["about"].public_id])}"' in page


def test_many_tasks_are_given_to_who_may_see_what_they_are_about(
    tasks: dict[str, Any], alice: Any, bob: Any, charlie: Any, as_user: Any
) -> None:
    client = as_user(alice)

    given = act_on(client, "assign", tasks["hers"], tasks["about"], assignee=str(bob.public_id))
    refused = act_on(client, "assign", tasks["about"], assignee=str(charlie.public_id))
    nobodys = act_on(client, "assign", tasks["hers"], assignee="")

    assert (given.done, refused.refused, nobodys.done) == (2, 1, 1)
    assert now_is(tasks, "assignee_id")[:2] == [(None,), (bob.pk,)]
    assert "Who does it: Nobody" in client.get("/tasks/all/").content.decode()
    page = client.get(reverse("bulk_run", args=[refused.public_id])).content.decode()
    assert '<dt translate="no">Who does it</dt><dd translate="no">Charlie</dd>' in page
    assert "Charlie may not see what this is about." in page
    assert take_back(client, nobodys).undone == 1
    assert take_back(client, given).undone == 1  # of hers, what was done since stands in between
    assert now_is(tasks, "assignee_id")[:2] == [(bob.pk,), (bob.pk,)]


def test_many_tasks_come_on_another_day_and_back(tasks: dict[str, Any], alice: Any, as_user: Any) -> None:
    client, both = as_user(alice), (tasks["hers"], tasks["about"])

    moved = act_on(client, "due", *both, due_on="2026-03-09")
    neither = act_on(client, "due", *both)
    dayless = act_on(client, "due", tasks["hers"], no_day="on")

    assert (moved.done, neither.state, dayless.done) == (2, BulkState.DRAFT, 1)
    assert now_is(tasks, "due_on", "has_due_time")[:2] == [(None, False), (date(2026, 3, 9), True)]
    for run in (dayless, moved):
        take_back(client, run)
    assert now_is(tasks, "due_on", "due_at")[1] == (DAY, tasks["about"].due_at)
    shown = client.get(reverse("bulk_run", args=[moved.public_id])).content.decode()
    assert '<dd translate="no">9 Mar 2026</dd>' in shown


def test_edit_asks_for_state_and_priority_and_leaves_what_is_blank(
    tasks: dict[str, Any], alice: Any, as_user: Any
) -> None:
    client = as_user(alice)

    run = act_on(client, "edit", tasks["hers"], tasks["about"], priority="3", state="")

    assert now_is(tasks, "priority", "state")[:2] == [(3, "open"), (3, "open")]
    page = client.get(reverse("bulk_run", args=[run.public_id])).content.decode()
    assert '<dt translate="no">Priority</dt><dd translate="no">High</dd>' in page
    assert "due_on" not in client.get(f"{reverse('bulk_run', args=[_draft(client, tasks).public_id])}").content.decode()
    take_back(client, run)
    assert now_is(tasks, "priority")[0] == (2,)


def _draft(client: Any, tasks: dict[str, Any]) -> BulkRun:
    rows = [str(tasks["hers"].public_id)]
    client.post(reverse("bulk_choose", args=["task"]), {"act": "edit", "row": rows, "query": ""})
    return BulkRun.objects.latest("pk")


def test_many_tasks_lie_in_the_trash_and_are_back(tasks: dict[str, Any], alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    run = act_on(client, "trash", *tasks.values())

    assert run.done == 2
    assert [each.title for each in Task.objects.all()] == ["Hide"]
    assert "Write" in client.get("/trash/").content.decode()
    client.post("/changes/undo/")
    assert Task.objects.count() == 3


def test_a_block_of_a_spreadsheet_is_pasted_into_tasks(
    tasks: dict[str, Any], alice: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(alice)
    sent = {
        "rows": f"{tasks['hers'].public_id},{tasks['about'].public_id}", "columns": "due_on,assignee",
        "text": "2026-04-01\tBob\n2026-04-02\tAlice", "separator": "tab",
    }  # fmt: skip

    page = client.post("/lists/task/paste/", sent).content.decode()
    run = BulkRun.objects.latest("pk")
    client.post(reverse("bulk_begin", args=[run.public_id]))

    assert all(word in page for word in ("1 Apr 2026", "<ins>Bob</ins>"))
    assert now_is(tasks, "due_on", "assignee_id")[:2] == [(date(2026, 4, 1), bob.pk), (date(2026, 4, 2), alice.pk)]


def test_who_may_not_change_tasks_is_offered_nothing_that_does(alice: Any, rita: Any) -> None:
    assert {act.name for act in acts_for(alice, "task")} >= {"done", "assign", "due", "edit", "trash"}
    assert not {act.name for act in acts_for(rita, "task")} - {"export"}


def test_programs_do_the_same(tasks: dict[str, Any], alice: Any, bob: Any) -> None:
    program = Program(alice)
    rows = [str(tasks["hers"].public_id)]

    given = program.ask(
        "POST", "/bulk", {"object": "task", "act": "assign", "rows": rows, "answers": {"assignee": str(bob.public_id)}}
    )
    edited = program.ask("POST", "/bulk", {"object": "task", "act": "edit", "rows": rows, "answers": {"priority": "1"}})

    assert [(answer.status_code, answer.json()["done"]) for answer in (given, edited)] == [(201, 1), (201, 1)]
    assert now_is(tasks, "assignee_id", "priority")[0] == (bob.pk, 1)


def test_one_thing_is_called_alike_in_every_list(ada: Any) -> None:
    labels: dict[str, set[str]] = {}
    for name in every_list():
        for act in acts_for(ada, name):
            labels.setdefault(act.name, set()).add(str(act.label))

    assert labels["trash"] == {"Put into the trash"}
    assert labels["edit"] == {"Edit"}
