"""The inbox: who is told of what, and what can be done with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import assign_owner
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import make_customer
from rapport.identity.actions import merge_customers, split_customer
from rapport.privacy.actions import erase
from rapport.privacy.models import Erasure
from rapport.work import actions, actions_comments, following, inbox, snoozing
from rapport.work.models import Follower, Notification
from rapport.work.queries import UnknownNarrowing, record_of_task
from rapport.work.retention import RETAINED
from rapport.work.tests.world import make_comment, make_task, record_of
from tests.world import NOW, make_user

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def souza(alice):
    return make_customer("Padaria Souza", owner=alice)


def told(user, *, now=NOW, box=inbox.UNREAD):
    """What stands in somebody's inbox: record, who, and what kind."""
    return [
        (group.record.name, entry.notification.actor and entry.notification.actor.name, entry.notification.kind)
        for group in inbox.read_box(user, now=now, name=box).groups
        for entry in group.entries
    ]


def test_the_owner_and_whom_a_comment_names_are_told_and_the_author_is_not(alice, bob, ada, souza):
    make_comment("@Ada, look", by=bob, on=souza)

    assert told(alice) == [("Padaria Souza", "Bob", "comment")]
    assert told(ada) == [("Padaria Souza", "Bob", "mention")]
    assert told(bob) == []


def test_who_wrote_is_told_of_what_others_write_after(alice, bob, rita, souza):
    make_comment("one", by=bob, on=souza)
    make_comment("two", by=alice, on=souza)

    assert told(bob) == [("Padaria Souza", "Alice", "comment")]
    assert told(rita) == []


def test_who_may_not_see_the_record_is_not_told_of_it(charlie, bob, souza):
    make_comment("@Charlie, look", by=bob, on=souza)

    assert told(charlie) == []
    assert not Notification.objects.filter(recipient=charlie).exists()


def test_what_was_told_is_gone_with_the_access_to_it(alice, bob, charlie, ada, souza):
    make_comment("hm", by=bob, on=souza)
    assign_owner(souza, charlie, by=ada, now=NOW)

    assert told(alice) == []
    assert inbox.count_waiting(alice, now=NOW) == 0


def test_a_comment_that_is_taken_back_is_told_no_more(alice, bob, souza):
    comment = make_comment("hm", by=bob, on=souza)
    actions_comments.delete_comment(comment, by=bob, now=NOW)
    assert told(alice) == []

    actions_comments.restore_comment(comment, by=bob)

    assert told(alice) == [("Padaria Souza", "Bob", "comment")]


def test_naming_somebody_afterwards_tells_her_once_and_as_a_mention(alice, bob, ada, souza):
    comment = make_comment("hm", by=bob, on=souza)
    inbox.mark_all_read(alice, now=NOW)

    for text in ("hm @Alice", "hm @Alice and @Ada"):
        actions_comments.edit_comment(comment, text, by=bob, now=NOW)

    assert told(alice) == [("Padaria Souza", "Bob", "mention")]
    assert told(ada) == [("Padaria Souza", "Bob", "mention")]


def test_who_follows_no_more_is_told_only_when_named(alice, bob, souza):
    following.follow(record_of(souza, by=alice), by=alice, now=NOW, is_on=False)
    make_comment("hm", by=bob, on=souza)
    assert told(alice) == []

    make_comment("@Alice", by=bob, on=souza)

    assert told(alice) == [("Padaria Souza", "Bob", "mention")]


def test_writing_does_not_undo_that_somebody_follows_no_more(alice, bob, souza):
    following.follow(record_of(souza, by=bob), by=bob, now=NOW, is_on=False)
    make_comment("mine", by=bob, on=souza)

    assert not following.is_following(bob, record_of(souza, by=bob))


def test_following_is_a_key_away_also_for_readers(as_user, rita, bob, charlie, souza):
    url = reverse("record_follow", args=["customer", souza.public_id])
    client = as_user(rita)
    assert 'data-key="f"' in client.get(reverse("customer", args=[souza.public_id])).content.decode()

    client.post(url)
    make_comment("hm", by=bob, on=souza)
    client.post(url, {"follow": "off"})
    make_comment("hm again", by=bob, on=souza)

    assert told(rita) == [("Padaria Souza", "Bob", "comment")]
    assert Follower.objects.filter(person=rita).count() == 1
    client.post(reverse("change_undo_last"))
    assert Follower.objects.get(person=rita).is_on
    client.post(reverse("change_undo_last"))
    assert not Follower.objects.filter(person=rita).exists()
    assert as_user(charlie).post(url).status_code == 404


def test_who_gets_a_task_is_told_and_who_gave_it_when_it_is_done(alice, bob, souza):
    task = make_task("Call back", by=alice, on=souza, assignee=bob)
    make_task("My own", by=alice, on=souza)
    assert told(bob) == [("Call back", "Alice", "given")]

    actions.finish_task(task, by=bob, now=NOW)

    assert told(alice) == [("Call back", "Bob", "done")]


def test_giving_a_task_on_tells_who_has_it_now(alice, bob):
    task = make_task(by=alice)
    actions.edit_task(task, {"assignee": bob}, version=1, by=alice, now=NOW)

    assert told(bob) == [("Call back", "Alice", "given")]


def test_a_comment_on_a_task_is_told_to_who_does_it_and_who_gave_it(alice, bob, ada, souza):
    task = make_task(by=alice, on=souza, assignee=bob)
    make_comment("when?", by=ada, on=record_of_task(task))

    assert ("Call back", "Ada", "comment") in told(bob)
    assert told(alice) == [("Call back", "Ada", "comment")]


def test_what_is_told_about_one_record_stands_together(alice, bob, souza):
    other = make_customer("Other", owner=alice)
    for text, on in (("one", souza), ("between", other), ("two", souza)):
        make_comment(text, by=bob, on=on)

    groups = inbox.read_box(alice, now=NOW).groups

    assert [(group.record.name, [entry.excerpt for entry in group.entries]) for group in groups] == [
        ("Padaria Souza", ["two", "one"]),
        ("Other", ["between"]),
    ]


def test_the_inbox_goes_on_from_its_place(alice, bob, souza, monkeypatch):
    monkeypatch.setattr(inbox, "PAGE", 2)
    for number in range(3):
        make_comment(f"word {number}", by=bob, on=souza)

    first = inbox.read_box(alice, now=NOW)
    rest = inbox.read_box(alice, now=NOW, after=first.following)

    assert [len(box.groups[0].entries) for box in (first, rest)] == [2, 1]
    assert rest.following == ""
    for wrong in ({"name": "x"}, {"after": "x"}):
        with pytest.raises(UnknownNarrowing):
            inbox.read_box(alice, now=NOW, **wrong)


def test_read_unread_and_put_off_from_the_page(as_user, alice, bob, souza):
    make_comment("hello <b>there</b>", by=bob, on=souza)
    client, path = as_user(alice), reverse("notifications")
    page = client.get(path).content.decode()
    ids = [str(each.public_id) for each in Notification.objects.filter(recipient=alice)]
    assert "hello &lt;b&gt;there" in page

    client.post(reverse("notification_read"), {"id": ids})
    assert "Padaria Souza" not in client.get(path).content.decode()
    assert "Padaria Souza" in client.get(f"{path}?box=all").content.decode()
    read_at = Notification.objects.get(recipient=alice).read_at
    client.post(reverse("notification_read"), {"id": ids, "unread": "1"})
    client.post(reverse("notification_read"), {"id": ids, "unread": "1"})
    assert "Padaria Souza" in client.get(path).content.decode()
    client.post(reverse("change_undo_last"))
    assert Notification.objects.get(recipient=alice).read_at == read_at
    client.post(reverse("change_undo_last"))
    assert "Padaria Souza" in client.get(path).content.decode()
    client.post(reverse("notification_snooze"), {"id": ids, "until": "week"})
    assert "Padaria Souza" not in client.get(path).content.decode()
    assert "Padaria Souza" in client.get(f"{path}?box=snoozed").content.decode()
    assert client.get(f"{path}?box=x").status_code == 404

    client.post(reverse("change_undo_last"))
    assert "Padaria Souza" in client.get(path).content.decode()
    client.post(reverse("notification_read_all"))
    assert "Padaria Souza" not in client.get(path).content.decode()
    client.post(reverse("change_undo_last"))
    assert "Padaria Souza" in client.get(path).content.decode()


def test_what_is_put_off_comes_back_unread_and_on_top(alice, bob, souza):
    make_comment("first", by=bob, on=souza)
    note = Notification.objects.get(recipient=alice)
    back = NOW + timedelta(days=1)
    inbox.snooze(alice, [note.public_id], until=back, now=NOW)
    assert told(alice) == []
    inbox.mark_all_read(alice, now=NOW)

    assert told(alice, now=back) == [("Padaria Souza", "Bob", "comment")]
    assert list(inbox.returned(alice, now=back)) == [note]


def test_nobody_touches_the_notifications_of_another(as_user, alice, bob, ada, souza):
    make_comment("hm", by=bob, on=souza)
    ids = [str(Notification.objects.get(recipient=alice).public_id), str(uuid4()), "nonsense"]
    client = as_user(ada)

    client.post(reverse("notification_read"), {"id": ids})
    client.post(reverse("notification_snooze"), {"id": ids, "until": "tomorrow"})
    client.post(reverse("notification_read_all"))

    assert told(alice) == [("Padaria Souza", "Bob", "comment")]


def test_a_day_that_is_over_puts_nothing_off(as_user, alice, bob, souza):
    make_comment("hm", by=bob, on=souza)
    note = Notification.objects.get(recipient=alice)

    for until in ("2020-01-01", "9999-12-31", "x"):
        client = as_user(alice)
        client.post(reverse("notification_snooze"), {"id": [str(note.public_id)], "until": until})

    note.refresh_from_db()
    assert note.shown_at == NOW


def test_tomorrow_and_next_week_begin_in_the_morning_of_who_puts_off():
    seoul = ZoneInfo("Asia/Seoul")
    late = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # Tuesday morning in Seoul

    assert snoozing.until("tomorrow", now=late, zone=LONDON) == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
    assert snoozing.until("tomorrow", now=late, zone=seoul) == datetime(2026, 3, 3, 23, 0, tzinfo=UTC)
    assert snoozing.until("week", now=late, zone=LONDON) == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    assert snoozing.until("2026-07-01", now=late, zone=LONDON) == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)


def test_the_menu_says_how_many_wait_and_asks_again_only_for_what_changed(as_user, alice, bob, souza):
    client, path = as_user(alice), reverse("notification_count")
    assert f'data-poll="{path}"' in client.get(reverse("tasks")).content.decode()
    none = client.get(path, headers={"HX-Request": "true"})
    assert "chip" not in none.content.decode()
    assert client.get(path, headers={"HX-Request": "true", "If-None-Match": none["ETag"]}).status_code == 304

    make_comment("hm", by=bob, on=souza)

    one = client.get(path, headers={"HX-Request": "true", "If-None-Match": none["ETag"]})
    assert ">1<" in one.content.decode()


def test_the_inbox_takes_as_few_statements_however_much_stands_in_it(
    as_user, alice, bob, souza, django_assert_max_num_queries
):
    for number in range(30):
        make_comment(f"word {number}", by=bob, on=make_customer(f"Customer {number}", owner=alice))
        make_task(f"task {number}", by=bob, assignee=alice)
    client = as_user(alice)
    client.get(reverse("notifications"))

    with django_assert_max_num_queries(16):
        client.get(reverse("notifications"))


def test_notifications_and_followers_go_with_their_customer_into_a_merge_and_out_of_it(ada, alice, bob, home):
    ana, bea = make_customer("Ana", owner=alice), make_customer("Bea", owner=alice, source="till", external_id="B1")
    make_comment("about Bea @Ada", by=bob, on=bea)
    following.follow(record_of(ana, by=ada), by=ada, now=NOW)
    bea_home = Profile.objects.get(customer=bea, source__name="till")

    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)

    assert [group.record.id for group in inbox.read_box(alice, now=NOW).groups] == [ana.pk]
    assert following.is_following(bob, record_of(Customer.objects.get(pk=ana.pk), by=bob))
    split_customer(ana.pk, [bea_home.home_id or bea.pk], by=ada, now=NOW)

    assert [group.record.id for group in inbox.read_box(alice, now=NOW).groups] == [bea.pk]
    assert not following.is_following(bob, record_of(Customer.objects.get(pk=ana.pk), by=bob))
    assert following.is_following(ada, record_of(Customer.objects.get(pk=ana.pk), by=ada))


def test_with_somebody_who_is_erased_goes_what_was_told_of_her(ada, alice, bob, souza, home):
    make_comment("hm @Ada", by=bob, on=souza)
    make_task(by=alice, on=souza, assignee=bob)
    other = make_task(by=alice, assignee=bob)
    with acting(SYSTEM):
        asked = Erasure.objects.create(customer_id=souza.pk, actor_label="x", asked_at=NOW)

    erase(asked, by=SYSTEM, now=NOW)

    assert [each.task_id for each in Notification.objects.all()] == [other.pk]
    assert not Follower.objects.exists()


def test_old_notifications_are_removed(alice, bob, souza):
    make_comment("hm", by=bob, on=souza)
    rule = RETAINED[0]

    assert (rule.count(NOW), rule.count(NOW + timedelta(days=1))) == (0, 1)
    assert rule.remove(NOW + timedelta(days=1)) == 1
    assert not Notification.objects.exists()


def test_only_who_may_see_the_record_is_offered_to_be_named(as_user, alice, bob, charlie, rita, ada, souza):
    make_user("Bobby", role="Sales", team=alice.team)
    url = reverse("people_who_see", args=["customer", souza.public_id])
    client = as_user(alice)

    def offered(typed):
        return [person["name"] for person in client.get(url, {"q": typed}).json()["people"]]

    assert offered("bo") == ["Bob", "Bobby"]
    assert offered("") == ["Ada", "Bob", "Bobby", "Rita"]
    assert offered("char") == []
    assert as_user(charlie).get(url).status_code == 404


def test_the_field_for_comments_says_where_names_are_found(as_user, alice, souza):
    page = as_user(alice).get(f"{reverse('customer', args=[souza.public_id])}?tab=comments").content.decode()

    assert f'data-mentions="{reverse("people_who_see", args=["customer", souza.public_id])}"' in page
    assert "work/mentions" in page
