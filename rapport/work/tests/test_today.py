"""The page of today: what is late, due, back again and said to one; each with a key to be done, put off, or logged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from rapport.customers.actions import assign_owner
from rapport.customers.tests.world import make_customer, touch
from rapport.customers.today import quiet_customers
from rapport.records.command_log.models import Command
from rapport.records.command_log.noting import undo_url
from rapport.records.record_kinds import record_kinds
from rapport.work import digest, inbox
from rapport.work.day import day_of
from rapport.work.models import Notification, Task
from rapport.work.tests.test_notifications import LONDON, told
from rapport.work.tests.world import make_comment, make_task, record_of
from tests.world import NOW

TODAY = date(2026, 3, 2)
LATER = NOW + timedelta(days=60)


@pytest.fixture
def souza(alice):
    return make_customer("Padaria Souza", owner=alice)


def titles(day):
    return {section.name: [line.task.title for line in section.lines] for section in day.tasks}


def test_the_day_has_what_is_late_and_due_of_ones_own(alice, bob, souza):
    make_task("late", by=alice, due_on=TODAY - timedelta(days=1), on=souza)
    make_task("tonight", by=alice, due_on=TODAY)
    make_task("reminded", by=alice, remind_at=NOW)
    make_task("tomorrow", by=alice, due_on=TODAY + timedelta(days=1))
    make_task("of Bob", by=bob, due_on=TODAY)

    day = day_of(alice, now=NOW, zone=LONDON)

    assert titles(day) == {"overdue": ["late"], "today": ["tonight", "reminded"]}
    assert not day.is_empty
    assert day_of(bob, now=NOW, zone=LONDON).told == []


def test_a_task_that_is_put_off_is_away_for_oneself_alone_and_comes_back(alice, bob, souza):
    late = make_task("late", by=alice, due_on=TODAY - timedelta(days=1), on=souza)
    far = make_task("far", by=alice, due_on=TODAY + timedelta(days=50))
    back = NOW + timedelta(days=1)
    for task in (late, far):
        inbox.snooze_task(alice, task, until=back, now=NOW)

    day = day_of(alice, now=NOW, zone=LONDON)
    assert (titles(day), day.back, day.put_off) == ({}, [], 1)
    later = day_of(alice, now=back, zone=LONDON)
    assert titles(later) == {"overdue": ["late"]}
    assert [line.task.title for line in later.back] == ["far"]
    late.refresh_from_db()
    assert (late.due_on, late.version) == (TODAY - timedelta(days=1), 1)
    assert ("far", None, "snoozed") in told(alice, now=back)


def test_putting_off_twice_keeps_the_later_word(alice):
    task = make_task(by=alice, due_on=TODAY)
    for days in (7, 1):
        inbox.snooze_task(alice, task, until=NOW + timedelta(days=days), now=NOW)

    note = Notification.objects.get()
    assert note.shown_at == NOW + timedelta(days=1)
    assert inbox.wake_task(alice, task)
    assert not inbox.wake_task(alice, task)


def test_done_put_off_and_log_from_the_page_each_by_a_key(as_user, alice, bob, charlie, souza):
    yesterday = timezone.now().date() - timedelta(days=1)
    first, second = (make_task(title, by=alice, due_on=yesterday, on=souza) for title in ("first", "second"))
    make_comment("@Alice look", by=bob, on=souza)
    client, path = as_user(alice), reverse("today")
    page = client.get(path).content.decode()
    for key in ("d", "s", "l"):
        assert f'data-row-key="{key}"' in page
    assert reverse("quick_log_on", args=["customer", souza.public_id]) in page
    assert "mentioned you" in page

    answer = client.post(reverse("task_done", args=[first.public_id]), {"back": "today"})
    assert answer["Location"] == path
    part = client.post(
        reverse("task_done", args=[first.public_id]), {"back": "today"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert part.lstrip().startswith('<div id="today"')
    assert "first" not in part.split("</div>")[0]
    for until in ("week", "tomorrow"):
        put_off = client.post(reverse("task_snooze", args=[second.public_id]), {"until": until}, follow=True)
    page = put_off.content.decode()
    assert "1 task is put off until later." in page
    assert undo_url(Command.objects.latest("pk")) in page
    client.post(reverse("change_undo_last"))
    assert "1 task is put off until later." in client.get(path).content.decode()
    client.post(reverse("change_undo_last"))

    assert "second" in client.get(path).content.decode()
    assert Task.objects.get(pk=first.pk).closed_by == alice  # the older act stays
    assert as_user(charlie).post(reverse("task_snooze", args=[second.public_id])).status_code == 404
    assert Task.objects.get(pk=first.pk).closed_by == alice


def test_a_reader_sees_her_day_and_changes_nothing_of_others(as_user, rita, bob, souza):
    make_task("for Rita", by=bob, assignee=rita, due_on=date(2026, 3, 1))

    page = as_user(rita).get(reverse("today")).content.decode()

    assert "for Rita" in page
    assert 'data-row-key="d" aria-label="Mark as done' not in page


def test_an_empty_day_says_so_and_leads_on_whoever_may_bring_something_in(as_user, alice, ada):
    assert "Nothing for today" in as_user(alice).get(reverse("today")).content.decode()
    assert "Bring a file in" not in as_user(alice).get(reverse("today")).content.decode()
    assert "Bring a file in" in as_user(ada).get(reverse("today")).content.decode()


def test_customers_without_a_contact_for_long_stand_on_their_owners_day(alice, bob, business):
    quiet, never, lately, planned = (
        make_customer(name, owner=alice) for name in ("Quiet", "Never", "Lately", "Planned")
    )
    touch(quiet, days_ago=40)
    touch(lately, days_ago=3)
    make_task(by=bob, on=planned)

    later = timezone.now() + timedelta(days=31)
    rows = [(row.record.name, row.why) for row in quiet_customers(alice, max(later, LATER))]

    assert {name for name, _why in rows} >= {"Quiet", "Never"}
    assert [name for name, _why in rows if name in ("Lately", "Quiet", "Never")] == ["Lately", "Quiet", "Never"]
    assert "Planned" not in {name for name, _why in rows}
    assert dict(rows)["Never"] == "no contact yet"
    assert quiet_customers(bob, max(later, LATER)) == []
    assert never.pk


def test_the_page_of_today_takes_as_few_statements_however_much_there_is(
    as_user, alice, bob, django_assert_max_num_queries
):
    for number in range(25):
        customer = make_customer(f"Customer {number}", owner=alice)
        make_task(f"late {number}", by=alice, due_on=TODAY, on=customer)
        make_comment(f"word {number}", by=bob, on=customer)
    client = as_user(alice)
    client.get(reverse("today"))

    with django_assert_max_num_queries(32):
        client.get(reverse("today"))


def test_the_daily_mail_is_off_until_chosen_and_sent_once_a_morning(as_user, alice, bob, souza, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make_comment("the secret word", by=bob, on=souza)
    assert digest.send_digests(now=NOW) == 0

    as_user(alice).post(reverse("notification_mail"), {"daily_mail": "on"})
    assert digest.wants_mail(alice)
    digest.choose_mail(alice, wanted=True, now=NOW - timedelta(days=1))

    assert digest.send_digests(now=NOW.replace(hour=6)) == 0
    assert [digest.send_digests(now=NOW + timedelta(hours=hour)) for hour in (0, 1)] == [1, 0]
    assert digest.send_digests(now=NOW + timedelta(days=1)) == 0  # nothing new
    sent = mail.outbox[0]
    assert (sent.to, sent.subject) == ([alice.email], "1 notification in Rapport")
    assert "Padaria Souza" in sent.body
    assert "Bob wrote" in sent.body
    assert "secret" not in sent.body


def test_the_daily_mail_says_nothing_of_what_one_may_see_no_more(alice, bob, charlie, ada, souza, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make_comment("hm @Alice", by=bob, on=souza)
    digest.choose_mail(alice, wanted=True, now=NOW - timedelta(days=1))
    assign_owner(souza, charlie, by=ada, now=NOW)

    assert digest.send_digests(now=NOW) == 0
    assert mail.outbox == []


def test_what_can_be_logged_to_says_how(alice, souza):
    log = record_kinds()["customer"].log
    assert log is not None
    assert [kind for kind, _label in log.kinds] == ["call", "note", "visit"]
    assert record_of(souza, by=alice).watchers == (alice.pk,)
