"""Reminders by a day of the record: they move with it, stand still without it, and hold what undo needs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import edit_customer
from rapport.customers.tests.world import make_customer
from rapport.records.tests.own_fields import make_field
from rapport.work.models import Task
from rapport.work.reminders import follow_fields, remind_from
from rapport.work.tests.world import make_task
from tests.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def renewal(ada: Any) -> str:
    """A date field of the business's own."""
    return str(make_field(ada, "Contract until", "date").name)


def say(customer: Any, name: str, value: Any, *, by: Any) -> None:
    customer.refresh_from_db()
    edit_customer(customer, {f"custom.{name}": value}, version=customer.version, by=by, now=NOW)


def form_of(task: Task, **changes: Any) -> dict[str, Any]:
    task.refresh_from_db()
    said = {
        "title": task.title,
        "text": "",
        "due_on": "",
        "due_time": "",
        "assignee": "",
        "priority": 2,
        "remind_at": "",
    }
    return said | {"version": task.version} | changes


def at_midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def test_a_reminder_moves_with_the_day_that_it_follows(alice: Any, as_user: Any, renewal: str) -> None:
    customer = make_customer("Padaria Souza", owner=alice)
    say(customer, renewal, "2026-12-07", by=alice)
    task, client = make_task("Offer the next year", by=alice, on=customer), as_user(alice)
    page = f"/tasks/{task.public_id}/"

    saved = client.post(f"{page}edit/", form_of(task, remind_days="3", remind_way="before", remind_field=renewal))

    task.refresh_from_db()
    assert saved.status_code == 302
    assert task.remind_at == at_midnight(2026, 12, 4)
    assert "3 days before Contract until" in client.get(page).text
    say(customer, renewal, "2027-01-10", by=alice)
    assert follow_fields(now=NOW) == 1
    assert follow_fields(now=NOW) == 0
    task.refresh_from_db()
    assert task.remind_at == at_midnight(2027, 1, 7)

    say(customer, renewal, None, by=alice)
    assert follow_fields(now=NOW) == 0
    task.refresh_from_db()
    assert task.remind_at == at_midnight(2027, 1, 7)
    assert "the reminder stands still" in client.get(page).text


def test_it_ends_with_a_time_that_is_said_and_with_undo_it_comes_back(alice: Any, as_user: Any, renewal: str) -> None:
    customer = make_customer("Padaria Souza", owner=alice)
    say(customer, renewal, "2026-12-07", by=alice)
    task, client = make_task("Offer the next year", by=alice, on=customer), as_user(alice)
    edit = f"/tasks/{task.public_id}/edit/"
    client.post(edit, form_of(task, remind_days="2", remind_way="after", remind_field=renewal))
    task.refresh_from_db()
    assert (task.remind_days, task.remind_at) == (-2, at_midnight(2026, 12, 9))

    client.post(edit, form_of(task, remind_at="2026-11-30T09:00", remind_field="", remind_way="before", remind_days=""))
    task.refresh_from_db()
    assert (task.remind_field, task.remind_days, task.remind_at) == ("", 0, datetime(2026, 11, 30, 9, tzinfo=UTC))
    say(customer, renewal, "2030-01-01", by=alice)
    assert follow_fields(now=NOW) == 0

    client.post("/changes/undo/")
    task.refresh_from_db()
    assert (task.remind_field, task.remind_days) == (renewal, -2)


def test_only_days_that_one_sees_can_be_followed(alice: Any, as_user: Any, renewal: str) -> None:
    customer = make_customer("Padaria Souza", owner=alice)
    task, loose, client = (
        make_task("About her", by=alice, on=customer),
        make_task("About nothing", by=alice),
        as_user(alice),
    )

    for name in ("email", "organization", "nothing", "r.born_on"):
        refused = client.post(
            f"/tasks/{task.public_id}/edit/", form_of(task, remind_field=name, remind_days="1", remind_way="before")
        )
        assert refused.status_code == 422
    client.post(f"/tasks/{loose.public_id}/edit/", form_of(loose, remind_field=renewal, remind_days="1"))
    assert set(Task.objects.values_list("remind_field", flat=True)) == {""}
    assert "Contract until" in client.get(f"/tasks/{task.public_id}/edit/").text


def test_what_is_done_or_trashed_is_left_alone_and_no_calendar_is_left(alice: Any, renewal: str) -> None:
    customer = make_customer("Padaria Souza", owner=alice)
    say(customer, renewal, "2026-12-07", by=alice)
    done, trashed = (make_task(title, by=alice, on=customer) for title in ("done", "trashed"))
    with acting(SYSTEM):
        Task.objects.filter(pk=done.pk).update(remind_field=renewal, state="done", closed_at=NOW)
        Task.objects.filter(pk=trashed.pk).update(remind_field=renewal, trashed_at=NOW)

    assert follow_fields(now=NOW) == 0
    assert remind_from(date.min, days=3) is None
    assert remind_from(date.max, days=-3) is None
    assert remind_from(date(2026, 3, 2), days=0) == at_midnight(2026, 3, 2)
