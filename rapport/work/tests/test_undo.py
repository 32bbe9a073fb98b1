"""Tasks, comments and files: what is done to them is undone, and what is deleted lies in the trash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rapport.customers.actions_trash import restore_customer, trash_customer
from rapport.customers.tests.world import make_customer
from rapport.records.bulk.models import BulkRun
from rapport.records.models import Command
from rapport.work import actions, actions_trash, queries
from rapport.work.models import Attachment, Comment, Task, TaskState
from rapport.work.tests.test_task_pages import filled
from rapport.work.tests.world import make_comment, make_file, make_task, record_of
from tests.world import NOW

LAST = "/changes/undo/"


@pytest.fixture
def souza(alice):
    return make_customer("Padaria Souza", owner=alice)


def at(name, row):
    return reverse(name, args=[row.public_id])


def undo_last(client):
    return client.post(LAST, follow=True).content.decode()


def test_a_task_that_was_added_goes_into_the_trash_and_comes_back(as_user, alice, souza):
    client = as_user(alice)
    client.post(
        "/tasks/add/", {"title": "Send the quote", "on": "customer", "on_id": souza.public_id, "back": "record"}
    )
    task = Task.objects.get()

    page = undo_last(client)
    gone = client.get(at("task", task)).status_code, Task.objects.count()
    client.post(reverse("trash_restore", args=["task", task.public_id]))

    assert "Undone: Task added" in page
    assert gone == (404, 0)
    assert client.get(at("task", task)).status_code == 200


def test_done_is_undone_with_who_and_when(as_user, alice):
    task = make_task(by=alice)
    client = as_user(alice)

    client.post(at("task_done", task), {"back": "tasks"})
    undo_last(client)

    task.refresh_from_db()
    assert (task.state, task.closed_at, task.closed_by) == (TaskState.OPEN, None, None)


def test_a_task_taken_up_again_is_done_as_it_was(as_user, alice, bob):
    task = make_task(by=alice)
    actions.finish_task(task, by=bob, now=NOW)
    client = as_user(alice)

    client.post(at("task_reopen", task), {"back": "tasks"})
    undo_last(client)

    task.refresh_from_db()
    assert (task.state, task.closed_at, task.closed_by) == (TaskState.DONE, NOW, bob)


def test_a_changed_task_says_again_what_it_said(as_user, alice, bob):
    task = make_task("Call back", by=alice, due_on=NOW.date())
    client = as_user(alice)
    changed = filled(task, title="Visit", assignee=bob.public_id, due_on="")

    client.post(at("task_edit", task), changed)
    undo_last(client)

    was = task
    task = Task.objects.get()
    assert (task.title, task.assignee, task.due_on, task.due_at) == ("Call back", alice, NOW.date(), was.due_at)


def test_a_task_that_somebody_changed_since_stays(as_user, alice, bob):
    task = make_task("Call back", by=alice)
    client = as_user(alice)
    client.post(at("task_edit", task), filled(task, title="Visit"))
    task.refresh_from_db()
    as_user(bob).post(at("task_edit", task), filled(task, title="Write"))

    assert "It was changed again since" in undo_last(client)
    task.refresh_from_db()
    assert task.title == "Write"


def test_a_task_in_the_trash_is_nowhere_else(as_user, alice, souza):
    task = make_task("Send the quote", by=alice, on=souza)
    comment = make_comment("by Tuesday", by=alice, on=queries.record_of_task(task))
    client = as_user(alice)

    page = client.post(at("task_trash", task), follow=True).content.decode()
    client.get("/tasks/")

    assert "Send the quote is in the trash." in page
    for path in ("/tasks/", "/tasks/?whose=all", "/tasks/?q=quote", at("customer", souza)):
        assert "Send the quote" not in client.get(path).content.decode()
    assert client.get(at("comment_edit", comment)).status_code == 404
    assert "Send the quote" in client.get("/trash/").content.decode()
    undo_last(client)
    assert "Send the quote" in client.get("/tasks/").content.decode()


def test_only_who_may_change_tasks_trashes_them(as_user, alice, rita, charlie, souza):
    task = make_task(by=alice, on=souza)

    assert as_user(rita).post(at("task_trash", task)).status_code == 403
    assert as_user(charlie).post(at("task_trash", task)).status_code == 404
    assert Task.objects.count() == 1


def test_what_is_on_a_trashed_customer_is_hidden_and_comes_back_with_her(as_user, alice, souza):
    task = make_task("Send the quote", by=alice, on=souza)
    client = as_user(alice)

    trash_customer(souza, by=alice, now=NOW)
    hidden = client.get(at("task", task)).status_code
    restore_customer(souza, by=alice, now=NOW)

    assert hidden == 404
    assert client.get(at("task", task)).status_code == 200


def test_comments_are_unwritten_and_unchanged(as_user, alice, souza):
    client = as_user(alice)
    client.post(reverse("comment_write", args=["customer", souza.public_id]), {"text": "first"})
    comment = Comment.objects.get()
    client.post(at("comment_edit", comment), {"text": "second"})

    undo_last(client)
    comment.refresh_from_db()
    text = comment.text
    undo_last(client)

    assert text == "first"
    comment.refresh_from_db()
    assert comment.trashed_at is not None
    assert "first" in client.get("/trash/").content.decode()


def test_the_comments_of_others_are_not_in_ones_trash(as_user, alice, bob, souza):
    comment = make_comment("mine", by=alice, on=souza)
    as_user(alice).post(at("comment_delete", comment))

    assert "mine" not in as_user(bob).get("/trash/").content.decode()
    assert as_user(bob).post(reverse("trash_restore", args=["comment", comment.public_id])).status_code == 404
    assert "mine" in as_user(alice).get("/trash/").content.decode()


def test_files_sent_together_are_undone_together(as_user, alice, souza, home):
    client = as_user(alice)
    files = [SimpleUploadedFile(name, b"text of " + name.encode()) for name in ("one.txt", "two.txt")]
    client.post(reverse("file_attach", args=["customer", souza.public_id]), {"files": files})

    undo_last(client)

    assert Attachment.objects.filter(trashed_at=None).count() == 0
    assert queries.files_on(record_of(souza, by=alice)) == []


def test_a_deleted_file_is_back_after_an_undo(as_user, alice, souza, home):
    file = make_file(by=alice, on=souza)
    client = as_user(alice)

    client.post(at("file_trash", file))
    undo_last(client)

    assert client.get(at("file", file)).status_code == 200
    assert Command.objects.get().undone_at is not None


def test_what_lies_in_the_trash_is_ended_by_right(as_user, ada, alice, souza, home):
    task, file = make_task(by=alice, on=souza), make_file(by=alice, on=souza)
    on_task = make_file("plan.pdf", by=alice, on=queries.record_of_task(task))
    make_comment("on it", by=alice, on=queries.record_of_task(task))
    as_user(alice).post(at("task_trash", task))
    as_user(alice).post(at("file_trash", file))
    urls = [reverse("trash_purge", args=[kind, row.public_id]) for kind, row in (("task", task), ("file", file))]

    for url in urls:
        assert as_user(alice).post(url).status_code == 403
        assert "This cannot be undone" in as_user(ada).get(url).content.decode()
        as_user(ada).post(url)

    assert not Task.all_objects.exists()
    assert not Comment.objects.exists()
    assert not Attachment.objects.filter(pk__in=[file.pk, on_task.pk]).exists()


def test_tasks_leave_the_trash_after_thirty_days(alice):
    task = make_task(by=alice)
    actions_trash.trash_task(task, by=alice, now=NOW)

    assert actions_trash.end_old_tasks(now=NOW + timedelta(days=29)) == 0
    assert actions_trash.end_old_tasks(now=NOW + timedelta(days=31)) == 1
    assert not Task.all_objects.exists()


def test_an_act_on_many_is_undone_from_the_log_too(as_user, alice, bob):
    one = make_customer("One Ltd", owner=alice)
    client = as_user(alice)
    client.post("/selected/customer/", {"row": [one.public_id], "act": "assign"})
    run = BulkRun.objects.get()
    client.post(at("bulk_begin", run), {"owner": bob.public_id})
    one.refresh_from_db()
    assert one.owner == bob

    undo_last(client)

    one.refresh_from_db()
    assert one.owner == alice
    assert "nothing of yours to undo" in undo_last(client)
