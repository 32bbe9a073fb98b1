"""A private comment is for who wrote it and for whom it names; others do not come upon it, on no way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM
from rapport.customers.models import Interaction, Touchpoint
from rapport.customers.tests.world import make_customer
from rapport.customers.whole_person import whole_person
from rapport.identity.actions import merge_customers
from rapport.privacy.actions import erase
from rapport.privacy.models import Erasure
from rapport.privacy.rows import rows_as_json, with_rows
from rapport.records.command_log.noting import last_command, undo_command
from rapport.work import inbox
from rapport.work.actions_comments import write_comment
from rapport.work.models import Comment
from rapport.work.queries import comments_on, counts_on
from rapport.work.tests.world import record_of
from tests.world import NOW, without_tokens

SECRET = "Her brother is ill, do not call this week"


@pytest.fixture
def souza(alice: Any) -> Any:
    return make_customer("Padaria Souza", owner=alice)


def write(client: Any, customer: Any, text: str) -> None:
    answer = client.post(
        reverse("comment_write", args=["customer", customer.public_id]), {"text": text, "private": "on"}
    )
    assert answer.status_code == 302


def test_only_its_author_and_whom_it_names_read_it_and_who_administers_learns_that_it_is_there(
    alice: Any, bob: Any, rita: Any, charlie: Any, ada: Any, souza: Any, as_user: Any
) -> None:
    write(as_user(alice), souza, f"@Rita {SECRET}")
    tab = reverse("customer", args=[souza.public_id]) + "?tab=comments"

    pages = {user.name: without_tokens(as_user(user).get(tab)) for user in (alice, rita, bob, ada)}

    assert SECRET in pages["Alice"]
    assert "Private" in pages["Alice"]
    assert SECRET in pages["Rita"]
    assert SECRET not in pages["Bob"] + pages["Ada"]
    assert "A private note" in pages["Ada"]
    assert "A private note" not in pages["Bob"]
    [comment] = Comment.objects.all()
    assert (comment.text, comment.is_private) == ("", True)
    for name in ("comment_edit", "comment_delete", "comment_restore"):
        url = reverse(name, args=[comment.public_id])
        assert [as_user(user).post(url, {"text": "x"}).status_code for user in (bob, ada)] == [404, 404]
    assert comments_on(record_of(souza, by=bob)) == []
    assert counts_on(record_of(souza, by=bob))["comments"] == 0
    told = {user.name: inbox.count_waiting(user, now=timezone.now()) for user in (alice, bob, rita, ada, charlie)}
    assert told == {"Alice": 0, "Bob": 0, "Rita": 1, "Ada": 0, "Charlie": 0}
    assert SECRET in without_tokens(as_user(rita).get(reverse("notifications")))


def test_it_is_not_in_the_trail_and_can_be_changed_deleted_and_undone_by_its_author(
    alice: Any, bob: Any, ada: Any, souza: Any, as_user: Any
) -> None:
    client = as_user(alice)
    write(client, souza, SECRET)
    comment = Comment.objects.get()
    edit = reverse("comment_edit", args=[comment.public_id])

    assert SECRET in client.get(edit).getvalue().decode()
    client.post(edit, {"text": SECRET + "!"})
    comment.refresh_from_db()
    assert (comment.said, comment.text, comment.is_private) == (SECRET + "!", "", True)
    now = timezone.now()
    undo_command(last_command(alice, now=now), by=alice, now=now)  # type: ignore[arg-type]
    comment.refresh_from_db()
    assert comment.said == SECRET

    client.post(reverse("comment_delete", args=[comment.public_id]))
    assert SECRET in without_tokens(client.get(reverse("trash")))
    assert SECRET not in without_tokens(as_user(bob).get(reverse("trash"))) + without_tokens(
        as_user(ada).get(reverse("trash"))
    )
    assert AuditEvent.objects.filter(table_name="work_comment", operation="insert").exists()
    for url in (reverse("audit"), reverse("history", args=["customer", souza.public_id])):
        assert "brother" not in without_tokens(as_user(ada).get(url))


def test_a_private_note_is_kept_where_contacts_are_logged_and_is_no_contact(
    alice: Any, bob: Any, souza: Any, as_user: Any
) -> None:
    client, log = as_user(alice), reverse("customer_log", args=[souza.public_id])

    kept = client.post(log, {"kind": "private", "text": SECRET})
    empty = client.post(log, {"kind": "private", "text": ""})
    part = client.post(log, {"kind": "private", "text": "Again"}, headers={"HX-Request": "true"})

    assert [answer.status_code for answer in (kept, empty, part)] == [302, 422, 200]
    assert [each.said for each in comments_on(record_of(souza, by=alice), user=alice)] == [SECRET, "Again"]
    assert not Interaction.objects.exists()
    assert not Touchpoint.objects.filter(customer=souza).exists()
    assert SECRET not in without_tokens(as_user(bob).get(reverse("customer", args=[souza.public_id])))


def test_it_goes_along_with_a_merge_and_is_reached_by_the_export_of_a_person_and_by_erasure(
    alice: Any, ada: Any, souza: Any
) -> None:
    twin = make_customer("Ana Souza", owner=alice)
    write_comment(record_of(twin, by=alice), SECRET, by=alice, now=NOW, is_private=True)

    merge_customers(souza.pk, [twin.pk], by=ada, now=NOW)

    [shown] = comments_on(record_of(souza, by=alice), user=alice)
    assert shown.said == SECRET
    [sealed] = comments_on(record_of(souza, by=ada), user=ada)
    assert (sealed.said, sealed.author_id) == ("", alice.pk)
    assert SECRET in json.dumps(dict(rows_as_json(with_rows(whole_person(souza.pk)))), default=str)
    asked = Erasure.objects.create(customer_id=souza.pk, actor_label="x", asked_at=NOW)
    erase(asked, by=SYSTEM, now=NOW)
    assert not Comment.objects.exists()
