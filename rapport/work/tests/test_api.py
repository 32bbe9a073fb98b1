"""Tasks through the API: what the screens do, as JSON."""

from __future__ import annotations

import pytest

from rapport.accounts.tests.programs import Program
from rapport.customers.tests.world import make_customer
from rapport.work import actions
from rapport.work.models import Task
from rapport.work.tests.world import make_task
from tests.world import NOW


@pytest.fixture
def ana(alice):
    return make_customer("Ana Souza", owner=alice)


def titles(program, **asked):
    return [each["title"] for each in program.get("/tasks", asked).json()["items"]]


def test_tasks_are_listed_newest_first_and_page_by_page(program, alice):
    for number in range(5):
        make_task(f"Task {number}", by=alice)

    first = program.get("/tasks", {"limit": "3"}).json()
    rest = program.get("/tasks", {"limit": "3", "after": first["next"]}).json()

    assert [each["title"] for each in first["items"]] == ["Task 4", "Task 3", "Task 2"]
    assert [each["title"] for each in rest["items"]] == ["Task 1", "Task 0"]
    assert rest["next"] is None


def test_tasks_are_narrowed(program, alice, bob, ana):
    make_task("Mine", by=alice)
    make_task("Given", by=alice, assignee=bob)
    make_task("About Ana", by=bob, on=ana)
    actions.finish_task(make_task("Done", by=alice), by=alice, now=NOW)

    assert titles(program) == ["About Ana", "Given", "Mine"]
    assert titles(program, whose="mine") == ["Mine"]
    assert titles(program, whose="given") == ["Given"]
    assert titles(program, state="closed") == ["Done"]
    assert titles(program, state="any", whose="mine") == ["Done", "Mine"]
    assert titles(program, about=str(ana.public_id)) == ["About Ana"]


@pytest.mark.parametrize(
    ("query", "status"),
    [({"whose": "nobodys"}, 422), ({"after": "nowhere"}, 400), ({"nonsense": "1"}, 400), ({"about": "1"}, 422)],
    ids=str,
)
def test_what_tasks_cannot_be_asked_is_refused(query, status, program):
    assert program.get("/tasks", query).status_code == status


def test_a_task_is_added_about_a_customer(program, ana, alice, bob):
    body = {
        "title": "Send the quote", "text": "With terms", "due_on": "2026-03-03", "due_time": "15:00", "priority": "high",
        "assignee": str(bob.public_id), "remind_at": "2026-03-03T08:00:00Z",
        "about": {"kind": "customer", "id": str(ana.public_id)},
    }  # fmt: skip

    answer = program.post("/tasks", body)

    made, shown = Task.objects.get(), answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/tasks/{made.public_id}")
    assert answer["ETag"] == '"1"'
    assert (made.title, made.assignee, made.created_by, made.customer_id) == ("Send the quote", bob, alice, ana.pk)
    assert shown["about"] == body["about"]
    assert (shown["due_on"], shown["due_time"], shown["priority"]) == ("2026-03-03", "15:00:00", "high")
    assert shown["remind_at"] == "2026-03-03T08:00:00Z"
    assert program.get(f"/tasks/{made.public_id}").json() == shown | {"undo": None}


def test_a_task_is_for_oneself_unless_it_says_otherwise(program, alice):
    program.post("/tasks", {"title": "Mine"})
    program.post("/tasks", {"title": "Nobody's", "assignee": None})

    assert list(Task.objects.order_by("pk").values_list("assignee", flat=True)) == [alice.pk, None]


def test_a_task_is_not_given_to_somebody_who_may_not_see_what_it_is_about(program, ana, charlie):
    body = {"title": "Call", "assignee": str(charlie.public_id), "about": {"id": str(ana.public_id)}}

    assert program.post("/tasks", body).status_code == 422
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"title": ""}, {"title": "x" * 301}, {"title": "x", "due_time": "15:00"}, {"title": "x", "due_on": "soon"},
     {"title": "x", "assignee": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}, {"title": "x", "priority": 3},
     {"title": "x", "remind_at": "2026-03-03T08:00:00"}, {"title": "x\x00"}],
    ids=lambda body: str(body)[:40],
)  # fmt: skip
def test_a_task_that_the_form_would_refuse_is_refused(body, program):
    answer = program.post("/tasks", body)

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert not Task.objects.exists()


def test_a_task_is_done_once(program, alice, bob):
    task = make_task("Call", by=alice)

    first = program.post(f"/tasks/{task.public_id}/done")
    again = Program(bob).post(f"/tasks/{task.public_id}/done")

    task.refresh_from_db()
    assert (first.status_code, first.json()["state"]) == (200, "done")
    assert again.json()["closed_at"] == first.json()["closed_at"]
    assert task.closed_by == alice


def test_what_a_task_is_about_is_named_only_to_a_token_that_may_see_it(alice, ana):
    make_task("Call", by=alice, on=ana)
    make_task("Alone", by=alice)

    assert titles(Program(alice, "work.view")) == ["Alone"]
