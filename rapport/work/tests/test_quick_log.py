"""Logging in one line: read, shown, kept as a contact and a task; from a customer's page, a page of its own, and the palette."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from rapport.accounts.models import Role
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Interaction
from rapport.customers.tests.world import make_customer
from rapport.records.models import Command
from rapport.work import logging_contacts
from rapport.work.models import Task
from rapport.work.tests.world import make_task, record_of
from tests.world import NOW, make_user

LINE = "called, wants a quote, Tue 3pm"


@pytest.fixture
def souza(alice):
    return make_customer("Padaria Souza", owner=alice)


def page_on(customer, line=""):
    url = reverse("quick_log_on", args=["customer", customer.public_id])
    return f"{url}?text={line.replace(' ', '+')}" if line else url


def test_a_line_with_a_day_is_shown_before_it_is_kept(as_user, alice, souza):
    client, url = as_user(alice), reverse("customer_log", args=[souza.public_id])

    answer = client.post(url, {"kind": "call", "text": LINE})
    assert "/log/?text=called" in answer["Location"]
    part = client.post(url, {"kind": "call", "text": LINE}, headers={"HX-Request": "true"})
    assert "/log/?text=called" in part["HX-Redirect"]
    page = client.get(answer["Location"]).content.decode()

    assert 'value="wants a quote"' in page
    assert 'value="15:00"' in page
    assert not Interaction.objects.exists()
    assert not Task.objects.exists()


def test_the_page_of_a_customer_shows_beneath_the_line_what_follows(as_user, alice, souza):
    client = as_user(alice)
    assert page_on(souza) in client.get(reverse("customer", args=[souza.public_id])).content.decode()

    part = client.get(page_on(souza, LINE), headers={"HX-Request": "true"}).content.decode()
    plain = client.get(page_on(souza, "called, all is fine"), headers={"HX-Request": "true"}).content.decode()

    assert "wants a quote" in part
    assert "15:00" in part
    assert f'formaction="{page_on(souza)}"' in part
    assert plain.strip() == ""


def test_both_are_kept_together(as_user, alice, souza):
    values = {"kind": "call", "text": LINE, "task": "wants a quote", "due_on": "2026-07-07", "due_time": "15:00"}

    answer = as_user(alice).post(page_on(souza), values)

    assert answer["Location"] == reverse("customer", args=[souza.public_id])
    logged, task = Interaction.objects.get(), Task.objects.get()
    assert (logged.kind, logged.text, logged.customer) == ("call", LINE, souza)
    assert (task.title, task.assignee, task.customer_id) == ("wants a quote", alice, souza.pk)
    assert task.due_at == datetime(2026, 7, 7, 14, 0, tzinfo=UTC)


def test_whom_the_task_of_a_line_names_gets_it_and_a_name_of_nobody_is_said(as_user, alice, bob, charlie, souza):
    client, values = as_user(alice), {"kind": "call", "text": LINE, "due_on": "2026-07-07"}

    part = client.get(page_on(souza, "called, send @Zoe a quote, Tue"), headers={"HX-Request": "true"})
    unknown = client.post(page_on(souza), values | {"task": "Send @Zoe a quote"}, follow=True).content.decode()
    client.post(page_on(souza), values | {"task": "Send a quote @Bob"})
    refused = client.post(page_on(souza), values | {"task": "Send a quote @Charlie"})

    assert all("@Zoe is nobody" in each for each in (part.content.decode(), unknown))
    assert [(task.title, task.assignee) for task in Task.objects.order_by("pk")] == [
        ("Send @Zoe a quote", alice), ("Send a quote", bob),
    ]  # fmt: skip
    assert (refused.status_code, Interaction.objects.count()) == (422, 2)
    assert "Charlie may not see what this is about" in refused.content.decode()
    assert 'value="Send a quote @Charlie"' in refused.content.decode()


def test_times_are_those_of_who_writes(alice, souza):
    alice.time_zone = "Asia/Seoul"
    values = {"kind": "call", "text": "x", "task": "quote", "due_on": date(2026, 7, 7), "due_time": NOW.time()}

    task, _noted = logging_contacts.keep_line(record_of(souza, by=alice), values, by=alice, now=NOW)

    assert task is not None
    assert task.due_at == datetime(2026, 7, 7, 3, 0, tzinfo=UTC)


def test_contact_and_task_of_a_line_are_undone_together_or_not_at_all(as_user, alice, souza):
    client, values = as_user(alice), {"kind": "call", "text": LINE, "task": "quote", "due_on": "2026-07-07"}

    client.post(page_on(souza), values)
    client.post("/changes/undo/")
    assert (Interaction.objects.count(), Task.objects.count()) == (0, 0)
    client.post(page_on(souza), values)
    client.post(reverse("task_done", args=[Task.objects.get().public_id]))
    line = Command.objects.get(action="work.line_logged", undone_at=None)
    refused = client.post(reverse("change_undo", args=[line.public_id]), follow=True).content.decode()

    assert "It was changed again since" in refused
    assert (Interaction.objects.count(), Task.objects.count()) == (1, 1)


def test_only_the_contact_is_kept_where_that_is_asked_or_nothing_follows(as_user, alice, souza):
    client, url = as_user(alice), reverse("customer_log", args=[souza.public_id])

    client.post(url, {"kind": "call", "text": LINE, "plain": "1"})
    client.post(page_on(souza), {"kind": "note", "text": "prefers mail"})

    assert Interaction.objects.count() == 2
    assert not Task.objects.exists()


@pytest.mark.parametrize("wrong", [
    {"text": ""}, {"kind": "x"}, {"due_on": "x"}, {"task": "", "due_on": "2026-07-07"}, {"due_time": "99:99"},
])  # fmt: skip
def test_what_cannot_be_read_is_refused_and_nothing_is_kept(wrong, as_user, alice, souza):
    values = {"kind": "call", "text": LINE, "task": "quote", "due_on": "2026-07-07", "due_time": "15:00"} | wrong

    assert as_user(alice).post(page_on(souza), values).status_code == 422
    assert not Interaction.objects.exists()
    assert not Task.objects.exists()


def test_from_a_row_the_line_is_written_first_and_leads_back_to_where_one_was(as_user, alice, souza):
    client = as_user(alice)
    empty = client.get(f"{page_on(souza)}?back=today").content.decode()
    assert "autofocus" in re.search(r'<input type="text" id="id_text"[^>]*>', empty)[0]
    assert 'id="id_task"' not in empty
    assert client.post(page_on(souza), {"text": ""}).status_code == 422

    unseen = client.post(page_on(souza), {"text": LINE, "back": "today"})
    assert unseen["Location"].startswith(f"{page_on(souza)}?text=called")
    assert 'name="back" value="today"' in client.get(unseen["Location"]).content.decode()
    assert not Interaction.objects.exists()

    only = client.post(page_on(souza), {"text": "visited, ask again Tue", "task": "ask again", "plain": "1"})
    assert only["Location"] == reverse("customer", args=[souza.public_id])
    assert (Interaction.objects.get().kind, Task.objects.count()) == ("visit", 0)
    seen = {"text": LINE, "task": "wants a quote", "due_on": "2026-03-03", "due_time": "15:00", "back": "today"}
    assert client.post(page_on(souza), seen)["Location"] == reverse("today")
    assert Task.objects.get().title == "wants a quote"


def test_strangers_and_readers_log_nothing(as_user, charlie, rita, souza):
    values = {"kind": "call", "text": "x"}

    assert as_user(charlie).post(page_on(souza), values).status_code == 404
    assert as_user(rita).post(page_on(souza), values).status_code == 403


def test_who_may_not_change_customers_logs_no_contact_with_them(as_user, souza):
    with acting(SYSTEM):
        Role.objects.create(name="Narrow", scope="all", rights=["customers.view", "work.view", "work.edit"])
    nora = make_user("Nora", role="Narrow")

    assert as_user(nora).post(page_on(souza), {"kind": "call", "text": "x"}).status_code == 403
    assert logging_contacts.records_named("Souza", by=nora) == []
    assert not Interaction.objects.exists()


def test_with_things_there_is_no_contact(as_user, alice):
    task = make_task(by=alice)

    assert as_user(alice).get(reverse("quick_log_on", args=["task", task.public_id])).status_code == 403


def test_a_line_that_names_one_customer_leads_to_her(as_user, alice, souza):
    answer = as_user(alice).get(reverse("quick_log"), {"text": "Called Padaria Souza, wants a quote, Tue 3pm"})

    assert answer["Location"].startswith(page_on(souza))


def test_where_several_may_be_meant_one_is_chosen(as_user, alice, charlie, souza):
    make_customer("Souza Filhos", owner=alice)
    make_customer("Souza of Charlie", owner=charlie)
    client = as_user(alice)

    page = client.get(reverse("quick_log"), {"text": "Called Souza, ok"}).content.decode()
    nobody = client.get(reverse("quick_log"), {"text": "Called", "whom": "Xyzzy"}).content.decode()

    assert "Padaria Souza" in page
    assert "Souza Filhos" in page
    assert "of Charlie" not in page
    assert "Nobody of that name was found" in nobody
    assert client.get(reverse("quick_log")).status_code == 200


def test_the_palette_offers_to_log_with_whom_the_line_names_or_whose_page_is_beneath(as_user, alice, souza):
    client, ask = as_user(alice), reverse("palette")
    beneath = f"http://testserver{reverse('customer', args=[souza.public_id])}"

    named = client.get(ask, {"q": "called Souza, quote, Tue 3pm"}).content.decode()
    here = client.get(ask, {"q": LINE}, headers={"Referer": beneath}).content.decode()
    nowhere = client.get(ask, {"q": LINE}, headers={"Referer": "http://testserver/tasks/"}).content.decode()
    nothing = client.get(ask, {"q": "souza"}).content.decode()

    assert "Log with Padaria Souza" in named
    assert "and a task: quote" in named
    assert page_on(souza) in here
    assert reverse("quick_log") in nowhere
    assert "Log with" not in nothing


def test_the_palette_names_nobody_whose_page_another_team_has(as_user, charlie, souza):
    beneath = f"http://testserver{reverse('customer', args=[souza.public_id])}"

    page = as_user(charlie).get(reverse("palette"), {"q": "called Souza, Tue"}, headers={"Referer": beneath})

    assert "Padaria" not in page.content.decode()


def test_a_line_is_read_in_the_zone_of_who_writes(alice):
    alice.time_zone = "Asia/Seoul"
    late = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)

    assert logging_contacts.read_line("x tomorrow", by=alice, now=late).due_on == date(2026, 3, 4)
