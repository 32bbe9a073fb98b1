"""Files of tasks: brought in once, changed by a second file, taken back whole."""

from __future__ import annotations

from datetime import date

import pytest

from rapport.customers.tests.world import make_customer
from rapport.work import actions
from rapport.work.models import Task, TaskState
from rapport.work.tests.world import make_comment
from tests.import_files import import_text, undo
from tests.world import NOW

pytestmark = [
    pytest.mark.usefixtures("home", "business"),
]
FILE = """Task id,Subject,Due date,Assigned to,Customer id,Status
1,Call back,2026-03-09,alice@example.com,C1,open
2,Send the quote,,bob@example.com,C1,Completed
3,Water the plants,2026-03-10,nobody@example.com,,
"""


@pytest.fixture
def ana(alice, bob):
    return make_customer("Ana", owner=alice, external_id="C1")


def rows():
    return {
        task.external_id: (task.title, task.due_on, task.assignee and task.assignee.name, task.customer_id, task.state)
        for task in Task.objects.select_related("assignee")
    }


def test_tasks_come_in_with_their_customer_and_assignee(ana):
    job = import_text(FILE, preset="tasks")

    assert rows() == {
        "1": ("Call back", date(2026, 3, 9), "Alice", ana.pk, TaskState.OPEN),
        "2": ("Send the quote", None, "Bob", ana.pk, TaskState.DONE),
        "3": ("Water the plants", date(2026, 3, 10), None, None, TaskState.OPEN),
    }
    task = Task.objects.get(external_id="1")
    assert (task.record_kind, task.profile_id is not None) == ("customer", True)
    assert task.due_at.isoformat() == "2026-03-10T00:00:00+00:00"
    assert job.counts["phases"]["tasks"] == {
        "rows": 3, "new": 3, "changed": 0, "same": 0, "repeated": 0, "unassigned": 1, "without_customer": 0,
    }  # fmt: skip


def test_the_same_file_again_changes_nothing(ana):
    import_text(FILE, preset="tasks")
    before = list(Task.objects.order_by("pk").values())

    import_text(FILE, preset="tasks")

    assert list(Task.objects.order_by("pk").values()) == before


def test_a_later_file_changes_what_it_says_and_opens_nothing_again(ana, alice):
    import_text(FILE, preset="tasks")
    actions.finish_task(Task.objects.get(external_id="1"), by=alice, now=NOW)

    import_text(FILE.replace("Call back", "Call Ana back"), preset="tasks")

    assert rows()["1"] == ("Call Ana back", date(2026, 3, 9), "Alice", ana.pk, TaskState.DONE)


def test_nobody_gets_a_task_about_a_customer_of_others(ana, charlie):
    import_text(FILE.replace("alice@", "charlie@"), preset="tasks")

    assert rows()["1"][2] is None


def test_a_file_without_ids_brings_each_task_once(ana):
    text = "Subject,Due date\nCall back,2026-03-09\nCall back,2026-03-10\nCall back,2026-03-09\n"

    import_text(text, preset="tasks")
    import_text(text, preset="tasks")

    assert Task.objects.count() == 2


def test_undo_takes_tasks_back_and_puts_changed_ones_back(ana):
    first = import_text(FILE, preset="tasks")
    before = rows()
    second = import_text(FILE.replace("Call back", "Call Ana back"), preset="tasks")

    undo(second)
    assert rows() == before
    undo(first)

    assert not Task.objects.exists()


def test_an_import_whose_tasks_were_talked_about_stays(ana, alice):
    from rapport.records.imports.undoing import UnableToUndo
    from rapport.work.queries import record_of_task

    job = import_text(FILE, preset="tasks")
    make_comment("on it", by=alice, on=record_of_task(Task.objects.get(external_id="1")))

    with pytest.raises(UnableToUndo, match="1 comments stand on tasks"):
        undo(job)
    assert Task.objects.count() == 3
