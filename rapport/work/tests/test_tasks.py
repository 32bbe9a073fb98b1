"""Tasks: adding, changing, doing, and who sees them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from rapport.audit.models import AuditEvent
from rapport.commerce.actions import place_order
from rapport.commerce.tests.test_orders import an_order
from rapport.customers.actions import assign_owner
from rapport.customers.tests.world import make_customer
from rapport.records.record_kinds import find_record
from rapport.work import actions, queries
from rapport.work.actions import AssigneeCannotSee, TaskChangedMeanwhile
from rapport.work.models import Task, TaskState
from rapport.work.tests.world import make_task, record_of
from tests.world import NOW

TODAY = date(2026, 3, 2)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def souza(alice):
    return make_customer("Padaria Souza", owner=alice)


def sections_of(user, **asked):
    found = queries.list_tasks(user, now=NOW, zone=LONDON, **asked)
    return {section.name: [row.task.title for row in section.rows] for section in found.sections}


def test_a_task_hangs_on_the_customer_and_on_a_profile_of_hers(alice, souza):
    task = make_task(by=alice, on=souza)

    assert (task.record_kind, task.record_id, task.customer_id) == ("customer", None, souza.pk)
    assert task.profile_id is not None
    assert [row.task.pk for row in queries.open_tasks_on(alice, record_of(souza, by=alice))] == [task.pk]


def test_a_day_without_a_time_is_over_at_its_end_where_the_business_is(alice, business):
    summer = make_task(by=alice, due_on=date(2026, 7, 1))
    at_two = make_task(by=alice, due_on=date(2026, 7, 1), due_time=time(14, 0))

    assert summer.due_at == datetime(2026, 7, 1, 23, 0, tzinfo=UTC)
    assert at_two.due_at == datetime(2026, 7, 1, 13, 0, tzinfo=UTC)
    assert not summer.is_overdue(now=datetime(2026, 7, 1, 22, 59, tzinfo=UTC))
    assert summer.is_overdue(now=datetime(2026, 7, 1, 23, 0, tzinfo=UTC))


def test_the_list_is_in_sections_by_when_tasks_are_due(alice):
    make_task("late", by=alice, due_on=TODAY - timedelta(days=1))
    make_task("late by an hour", by=alice, due_on=TODAY, due_time=time(11, 0))
    make_task("tonight", by=alice, due_on=TODAY)
    make_task("next week", by=alice, due_on=TODAY + timedelta(days=7))
    make_task("reminded of next week", by=alice, due_on=TODAY + timedelta(days=7), remind_at=NOW)
    make_task("some day", by=alice)
    done = make_task("done", by=alice)
    actions.finish_task(done, by=alice, now=NOW)

    assert sections_of(alice) == {
        "overdue": ["late", "late by an hour"],
        "today": ["tonight", "reminded of next week"],
        "later": ["next week"],
        "someday": ["some day"],
    }
    assert sections_of(alice, state="closed") == {"closed": ["done"]}


def test_a_section_goes_on_from_its_place(alice):
    for number in range(queries.SECTION_PAGE + 2):
        make_task(f"task {number:02}", by=alice, due_on=TODAY + timedelta(days=3 + number // 10))
    zone = ZoneInfo("Europe/London")
    first = queries.list_tasks(alice, now=NOW, zone=zone).sections[0]
    rest = queries.list_tasks(alice, now=NOW, zone=zone, section="later", after=first.following).sections[0]

    assert len(first.rows) == queries.SECTION_PAGE
    assert [row.task.title for row in rest.rows] == ["task 50", "task 51"]
    assert rest.following == ""


def test_the_list_can_be_searched_and_narrowed(alice, bob):
    make_task("Send the quote", by=alice, text="for Souza")
    make_task("Water the plants", by=alice, assignee=bob)

    assert sections_of(alice, words="souza") == {"someday": ["Send the quote"]}
    assert sections_of(alice, whose="given") == {"someday": ["Water the plants"]}
    assert sections_of(bob) == {"someday": ["Water the plants"]}
    assert len(sections_of(alice, whose="all")["someday"]) == 2


def test_who_sees_the_record_sees_its_tasks(alice, bob, charlie, ada, souza):
    task = make_task(by=alice, on=souza)

    assert task in Task.objects.visible_to(bob)
    assert task in Task.objects.visible_to(ada)
    assert task not in Task.objects.visible_to(charlie)


def test_a_task_is_gone_with_its_record_also_for_its_assignee(alice, charlie, ada, souza):
    task = make_task(by=alice, on=souza)
    assign_owner(souza, charlie, by=ada, now=NOW)

    assert task not in Task.objects.visible_to(alice)
    assert task in Task.objects.visible_to(charlie)


def test_a_task_on_nothing_is_for_those_who_reach_its_assignee_or_author(alice, bob, charlie, ada):
    task = make_task(by=alice)

    assert task in Task.objects.visible_to(bob)  # of her team, and its role reaches the team
    assert task in Task.objects.visible_to(ada)
    assert task not in Task.objects.visible_to(charlie)


def test_nobody_gets_a_task_about_what_she_may_not_see(alice, charlie, souza):
    with pytest.raises(AssigneeCannotSee):
        make_task(by=alice, on=souza, assignee=charlie)
    task = make_task(by=alice, on=souza)
    with pytest.raises(AssigneeCannotSee):
        actions.edit_task(task, {"assignee": charlie}, version=1, by=alice, now=NOW, record=record_of(souza, by=alice))

    task.refresh_from_db()
    assert (task.assignee, task.version) == (alice, 1)
    assert Task.objects.count() == 1


def test_doing_a_task_twice_leaves_who_did_it_first(alice, bob):
    task = make_task(by=alice)

    assert actions.finish_task(task, by=alice, now=NOW)
    assert not actions.finish_task(task, by=bob, now=NOW + timedelta(hours=1))
    assert not actions.cancel_task(task, by=bob, now=NOW + timedelta(hours=1))

    task.refresh_from_db()
    assert (task.state, task.closed_at, task.closed_by) == (TaskState.DONE, NOW, alice)


def test_what_was_done_can_be_taken_up_again(alice):
    task = make_task(by=alice)
    actions.finish_task(task, by=alice, now=NOW)

    assert actions.reopen_task(task, by=alice, now=NOW)
    assert not actions.reopen_task(task, by=alice, now=NOW)

    task.refresh_from_db()
    assert (task.state, task.closed_at, task.closed_by) == (TaskState.OPEN, None, None)


def test_an_edit_of_an_older_version_is_refused(alice, bob):
    task = make_task(by=alice)
    actions.edit_task(task, {"title": "Call Ana back"}, version=1, by=bob, now=NOW)

    with pytest.raises(TaskChangedMeanwhile) as conflict:
        actions.edit_task(task, {"title": "Write to Ana"}, version=1, by=alice, now=NOW)

    assert conflict.value.current.title == "Call Ana back"
    task.refresh_from_db()
    assert (task.title, task.version) == ("Call Ana back", 2)


def test_an_edit_that_changes_nothing_leaves_no_version(alice):
    task = make_task(by=alice, due_on=TODAY)

    actions.edit_task(task, {"title": task.title, "due_on": TODAY, "due_time": None}, version=1, by=alice, now=NOW)

    task.refresh_from_db()
    assert task.version == 1


def test_the_audit_says_who_did_what(alice, bob, souza):
    task = make_task(by=alice, on=souza)
    actions.finish_task(task, by=bob, now=NOW)

    events = AuditEvent.objects.filter(table_name="work_task", row_id=str(task.pk)).order_by("pk")
    assert [(event.operation, event.actor_label) for event in events] == [("insert", "Alice"), ("update", "Bob")]


def test_a_task_on_an_order_follows_its_customer(alice, ada):
    customer = make_customer("Ana", owner=alice)
    order = place_order(an_order(customer), by=alice, now=NOW)
    record = find_record(alice, "order", order.public_id)
    task = make_task(by=alice, on=record)

    assert (task.record_kind, task.record_id, task.customer_id) == ("order", order.pk, customer.pk)
    assert task.profile_id is not None
    shown = queries.open_tasks_on(alice, record_of(customer, by=alice))
    assert [row.record.name for row in shown] == ["Order 10482"]


def test_who_sees_a_task_is_asked_of_its_record_and_never_of_all_records(ada, alice):
    for user in (ada, alice):
        seen = Task.objects.visible_to(user).filter(state=TaskState.OPEN).order_by("due_at", "pk")[:51]

        assert "hashed" not in seen.explain()
