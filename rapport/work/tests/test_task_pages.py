"""The pages of tasks: they show, they save, they refuse."""

from __future__ import annotations

import html
from datetime import date, timedelta

import pytest
from django.urls import reverse

from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.actions import assign_owner
from rapport.customers.tests.world import make_customer
from rapport.records.models import Command
from rapport.work import actions
from rapport.work.models import Priority, Task, TaskState
from rapport.work.tests.world import make_task
from tests.world import NOW

HTMX = {"HX-Request": "true"}


@pytest.fixture
def souza(alice):
    return make_customer("Padaria Souza", owner=alice)


def filled(task, **changes):
    """The edit form of a task as it opens, with changes."""
    return {
        "title": task.title, "text": task.text, "due_on": task.due_on or "", "due_time": "", "priority": task.priority,
        "assignee": task.assignee.public_id if task.assignee else "", "remind_at": "", "version": task.version,
    } | changes  # fmt: skip


def test_the_list_shows_ones_own_open_tasks(as_user, alice, bob, souza):
    make_task("Send the quote", by=alice, on=souza, due_on=utc_now().date())
    make_task("For Bob", by=alice, assignee=bob)

    page = as_user(alice).get("/tasks/").content.decode()

    assert "Send the quote" in page
    assert "Padaria Souza" in page
    assert "For Bob" not in page
    assert "For Bob" in as_user(alice).get("/tasks/?whose=given").content.decode()


def test_a_list_that_there_is_not_is_not_found(as_user, alice):
    for asked in ("whose=x", "state=x", "section=x", "after=x", "section=later&after=9_x"):
        assert as_user(alice).get(f"/tasks/?{asked}").status_code == 404


def test_the_list_asks_the_database_the_same_whatever_its_length(as_user, alice, django_assert_max_num_queries):
    for number in range(30):
        make_task(f"task {number}", by=alice, on=make_customer(f"Customer {number}", owner=alice))

    client = as_user(alice)

    with django_assert_max_num_queries(16):
        client.get("/tasks/")


def test_a_task_is_added_in_one_line(as_user, alice, souza):
    answer = as_user(alice).post(
        "/tasks/add/",
        {"title": "Call back", "due_on": "2026-12-24", "on": "customer", "on_id": souza.public_id, "back": "record"},
    )

    task = Task.objects.get()
    assert answer["Location"] == reverse("customer", args=[souza.public_id])
    assert (task.title, task.due_on, task.assignee, task.customer_id) == (
        "Call back",
        date(2026, 12, 24),
        alice,
        souza.pk,
    )


def test_whom_the_line_names_gets_the_task(as_user, alice, bob, charlie, souza):
    posted = {"on": "customer", "on_id": souza.public_id, "back": "record"}
    client = as_user(alice)

    client.post("/tasks/add/", posted | {"title": "Call @Bob back today"})
    client.post("/tasks/add/", posted | {"title": "@Bob"})
    client.post("/tasks/add/", posted | {"title": "Ask @Bob and @Alice"})
    unknown = client.post("/tasks/add/", posted | {"title": "Ask @Zoe, mail z@zoe.example"}, follow=True)
    refused = client.post("/tasks/add/", posted | {"title": "Call @Charlie"}, follow=True).content.decode()

    assert [(task.title, task.assignee) for task in Task.objects.order_by("pk")] == [
        ("Call back today", bob),
        ("@Bob", bob),
        ("Ask @Bob and @Alice", alice),
        ("Ask @Zoe, mail z@zoe.example", alice),
    ]
    assert "The task is yours: @Zoe is nobody’s name" in html.unescape(unknown.content.decode())
    assert "Charlie may not see what this is about" in refused


def test_a_task_is_not_added_to_what_one_may_not_see(as_user, charlie, souza):
    posted = {"title": "Call", "on": "customer", "on_id": souza.public_id}

    assert as_user(charlie).post("/tasks/add/", posted).status_code == 404
    assert as_user(charlie).post("/tasks/add/", posted | {"on": "nothing"}).status_code == 404
    assert as_user(charlie).post("/tasks/add/", posted | {"on_id": "x"}).status_code == 404
    assert not Task.objects.exists()


def test_an_empty_task_is_refused_in_words(as_user, alice):
    answer = as_user(alice).post("/tasks/add/", {"title": " ", "back": "tasks"}, follow=True)

    assert "write what is to do" in answer.content.decode()
    assert not Task.objects.exists()


def test_the_customer_page_shows_what_is_next(as_user, alice, souza):
    make_task("Send the quote", by=alice, on=souza, due_on=NOW.date(), priority=Priority.HIGH)

    page = as_user(alice).get(reverse("customer", args=[souza.public_id])).content.decode()

    assert "Send the quote" in page
    assert 'id="next-steps"' in page
    assert "High" in page


def test_a_task_is_done_on_the_customer_page_without_leaving_it(as_user, alice, souza):
    task = make_task("Send the quote", by=alice, on=souza)
    posted = {"back": "record", "on": "customer", "on_id": souza.public_id}

    piece = as_user(alice).post(reverse("task_done", args=[task.public_id]), posted, headers=HTMX).content.decode()

    task.refresh_from_db()
    assert task.state == TaskState.DONE
    assert "Nothing to do here." in piece
    assert "<html" not in piece
    assert reverse("change_undo", args=[Command.objects.get().public_id]) in piece


def test_done_and_undone_from_the_list(as_user, alice):
    task = make_task(by=alice)
    client = as_user(alice)

    answer = client.post(reverse("task_done", args=[task.public_id]), {"back": "tasks"}, follow=True)
    undo = reverse("change_undo", args=[Command.objects.get().public_id])
    assert undo in answer.content.decode()
    client.post(undo)

    task.refresh_from_db()
    assert task.state == TaskState.OPEN


def test_after_one_is_done_the_next_line_of_the_list_has_the_focus(as_user, alice):
    first, second, third = (make_task(f"task {n}", by=alice, due_on=NOW.date() + timedelta(days=n)) for n in range(3))
    client = as_user(alice)

    def focus_after(task):
        piece = client.post(reverse("task_done", args=[task.public_id]), {"back": "tasks"}, headers=HTMX)
        before, found, _after = piece.content.decode().partition("autofocus")
        return before.rpartition("/tasks/")[2].split("/")[0] if found else ""

    assert focus_after(second) == str(third.public_id)
    assert focus_after(third) == str(first.public_id)
    assert focus_after(first) == ""


def test_the_page_of_a_task_tells_all_of_it(as_user, alice, bob, souza):
    task = make_task("Send the quote", by=alice, on=souza, assignee=bob, text="Two ovens\nand a mixer", remind_at=NOW)

    page = as_user(bob).get(reverse("task", args=[task.public_id])).content.decode()

    for said in ("Send the quote", "Padaria Souza", "Bob", "Two ovens\nand a mixer", "Comments", "Files", "reminded"):
        assert said in page
    actions.cancel_task(task, by=alice, now=NOW)
    assert "Cancelled" in as_user(bob).get(reverse("task", args=[task.public_id])).content.decode()


def test_a_task_is_edited_with_its_time_in_the_zone_of_the_business(as_user, alice, bob):
    task = make_task(by=alice)
    posted = filled(
        task, title="Call Ana", due_on="2026-07-01", due_time="14:00", remind_at="2026-07-01T09:00", priority=3,
        assignee=bob.public_id,
    )  # fmt: skip

    answer = as_user(alice).post(reverse("task_edit", args=[task.public_id]), posted)

    task.refresh_from_db()
    assert answer.status_code == 302
    assert (task.title, task.priority, task.assignee, task.version) == ("Call Ana", 3, bob, 2)
    assert (task.due_at.isoformat(), task.remind_at.isoformat()) == (
        "2026-07-01T13:00:00+00:00",
        "2026-07-01T08:00:00+00:00",
    )
    form = as_user(alice).get(reverse("task_edit", args=[task.public_id])).content.decode()
    assert 'value="14:00"' in form
    assert 'value="2026-07-01T09:00"' in form


def test_a_time_without_a_day_is_refused(as_user, alice):
    task = make_task(by=alice)

    answer = as_user(alice).post(reverse("task_edit", args=[task.public_id]), filled(task, due_time="14:00"))

    assert answer.status_code == 422
    assert "Say the day too" in answer.content.decode()


def test_an_assignee_who_may_not_see_the_record_is_refused_with_a_word(as_user, alice, charlie, souza):
    task = make_task(by=alice, on=souza)

    answer = as_user(alice).post(reverse("task_edit", args=[task.public_id]), filled(task, assignee=charlie.public_id))

    assert answer.status_code == 422
    assert "Charlie may not see what this is about" in answer.content.decode()
    task.refresh_from_db()
    assert task.assignee == alice


def test_two_edits_at_once_end_in_a_choice(as_user, alice, bob):
    task = make_task(by=alice)
    actions.edit_task(task, {"title": "Bob’s words"}, version=1, by=bob, now=NOW)

    answer = as_user(alice).post(reverse("task_edit", args=[task.public_id]), filled(task, title="Alice’s words"))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bob’s words" in page
    assert "Alice’s words" in page
    assert 'name="version" value="2"' in page


def test_a_reader_reads_and_changes_nothing(as_user, alice, rita, souza):
    task = make_task("Send the quote", by=alice, on=souza)
    client = as_user(rita)

    assert "Send the quote" in client.get(reverse("task", args=[task.public_id])).content.decode()
    for name in ("task_done", "task_cancel", "task_reopen", "task_edit"):
        assert client.post(reverse(name, args=[task.public_id])).status_code == 403
    assert client.post("/tasks/add/", {"title": "x"}).status_code == 403
    task.refresh_from_db()
    assert (task.state, Task.objects.count()) == (TaskState.OPEN, 1)


def test_tasks_of_others_do_not_exist(as_user, alice, charlie, souza):
    task = make_task(by=alice, on=souza)

    assert as_user(charlie).get(reverse("task", args=[task.public_id])).status_code == 404
    assert as_user(charlie).post(reverse("task_done", args=[task.public_id])).status_code == 404


def test_a_task_whose_record_was_taken_away_is_no_page_any_more(as_user, alice, charlie, ada, souza):
    task = make_task(by=alice, on=souza)
    assert as_user(alice).get(reverse("task", args=[task.public_id])).status_code == 200

    assign_owner(souza, charlie, by=ada, now=NOW)

    assert as_user(alice).get(reverse("task", args=[task.public_id])).status_code == 404


def test_a_time_is_one_of_its_reader_and_kept_as_one_of_the_business(as_user, alice, ada):
    task = make_task("Ring Seoul", by=alice, assignee=alice)
    with acting(SYSTEM):
        alice.time_zone = "Asia/Seoul"
        alice.save()
    path, day = reverse("task_edit", args=[task.public_id]), utc_now().date() + timedelta(days=9)

    as_user(alice).post(path, filled(task, due_on=str(day), due_time="03:00"))

    task.refresh_from_db()
    assert (task.due_on, task.due_at.isoformat()[11:16]) == (day - timedelta(days=1), "18:00")
    form = as_user(alice).get(path).content.decode()
    assert f'value="{day}"' in form
    assert 'value="03:00"' in form
    shown = reverse("task", args=[task.public_id])
    assert f"{day.day} " in (there := as_user(alice).get(shown).content.decode())
    assert "03:00" in there
    assert "18:00" in as_user(ada).get(shown).content.decode()
