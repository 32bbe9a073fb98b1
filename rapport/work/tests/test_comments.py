"""Comments: written, changed and deleted by their author, read by whoever sees the record."""

from __future__ import annotations

import pytest
from django.urls import reverse

from rapport.accounts.models import Role
from rapport.audit.models import AuditEvent
from rapport.commerce.actions import place_order
from rapport.commerce.models import Product
from rapport.commerce.tests.test_orders import an_order
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Touchpoint
from rapport.customers.tests.world import make_customer
from rapport.records.models import Command
from rapport.records.record_kinds import find_record
from rapport.work import actions_comments, queries
from rapport.work.actions_comments import NotTheAuthor
from rapport.work.models import Comment
from rapport.work.queries import record_of_task
from rapport.work.tests.world import make_comment, make_file, make_task, record_of
from rapport.work.texts import Piece, mentions_in, pieces_of
from tests.world import NOW, make_user


@pytest.fixture
def souza(alice):
    return make_customer("Padaria Souza", owner=alice)


def test_a_comment_stands_on_the_customer_page_and_stays_off_the_timeline(as_user, alice, bob, souza):
    url = reverse("comment_write", args=["customer", souza.public_id])

    answer = as_user(bob).post(url, {"text": "Ask @Alice first.\nSee https://example.com/a?b=1."})

    assert answer["Location"] == f"{reverse('customer', args=[souza.public_id])}?tab=comments#activity"
    page = as_user(alice).get(answer["Location"]).content.decode()
    assert '<b class="mention">@Alice</b>' in page
    assert '<a href="https://example.com/a?b=1" rel="noopener noreferrer nofollow" target="_blank">' in page
    assert not Touchpoint.objects.exists()


def test_whom_a_comment_names_is_kept_by_id(alice, bob, souza):
    comment = make_comment("@bob and @ALICE, not bob@example.com, nor @bobby", by=alice, on=souza)

    assert comment.mentions == [bob.pk, alice.pk]


def test_names_are_read_whole_and_a_first_name_only_where_one_person_has_it():
    people = [(1, "Mina Kim"), (2, "Mina Park"), (3, "Jo"), (4, "Jo Ann")]

    assert mentions_in("@Mina Kim, @Mina Park", people) == [1, 2]
    assert mentions_in("@Mina", people) == []
    assert mentions_in("@Jo Ann", people) == [4]
    assert mentions_in("@mina kim", people) == [1]
    assert mentions_in("a@Mina Kim.example", people) == []


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "<script>alert(1)</script>", "data:text/html,x", "[x](javascript:alert(1))"]
)
def test_nothing_but_web_addresses_becomes_a_link(text):
    assert pieces_of(text) == [Piece(text)]


def test_an_address_ends_before_the_sentence_does():
    assert pieces_of("See (https://a.example/b), now") == [
        Piece("See ("), Piece("https://a.example/b", href="https://a.example/b"), Piece("), now"),
    ]  # fmt: skip


def test_only_the_author_changes_a_comment(alice, bob, souza):
    comment = make_comment("mine", by=alice, on=souza)

    for act in (
        lambda: actions_comments.edit_comment(comment, "not yours", by=bob, now=NOW),
        lambda: actions_comments.delete_comment(comment, by=bob, now=NOW),
        lambda: actions_comments.restore_comment(comment, by=bob),
    ):
        with pytest.raises(NotTheAuthor):
            act()
    comment.refresh_from_db()
    assert (comment.text, comment.trashed_at) == ("mine", None)


def test_an_edit_says_so_and_the_audit_keeps_what_was_said(as_user, alice, souza):
    comment = make_comment("the first words", by=alice, on=souza)
    url = reverse("comment_edit", args=[comment.public_id])
    client = as_user(alice)

    assert "the first words" in client.get(url).content.decode()
    assert client.post(url, {"text": ""}).status_code == 422
    answer = client.post(url, {"text": "other words"}, follow=True)

    assert "edited" in answer.content.decode()
    events = AuditEvent.objects.filter(table_name="work_comment", row_id=str(comment.pk)).order_by("pk")
    assert [event.operation for event in events] == ["insert", "update"]


def test_with_scripts_only_the_comments_are_put_in_anew(as_user, alice, souza):
    client, part = as_user(alice), {"HX-Request": "true"}

    written = client.post(
        reverse("comment_write", args=["customer", souza.public_id]), {"text": "Ask Bob"}, headers=part
    )
    refused = client.post(
        reverse("comment_write", args=["customer", souza.public_id]), {"text": "x" * 10_001}, headers=part
    )
    comment = Comment.objects.get()
    gone = client.post(reverse("comment_delete", args=[comment.public_id]), headers=part).content.decode()

    page = written.content.decode()
    assert written.status_code == 200
    assert page.lstrip().startswith('<div class="comments" id="comments-part">')
    assert all(
        each in page for each in ("Ask Bob", "Comment added.", 'id="follow-record" hx-swap-oob="true"', "Following")
    )
    assert "hx-preserve" not in page
    assert (refused.status_code, "x" * 10_001 in refused.content.decode()) == (422, True)
    assert all(each in gone for each in ("No comment yet", "hx-preserve", "autofocus", "The comment is in the trash."))


def test_a_deleted_comment_comes_back_by_undo(as_user, alice, souza):
    comment = make_comment("mine", by=alice, on=souza)
    client = as_user(alice)

    answer = client.post(reverse("comment_delete", args=[comment.public_id]), follow=True).content.decode()
    assert queries.comments_on(record_of(souza, by=alice)) == []
    undo = reverse("change_undo", args=[Command.objects.get().public_id])
    assert undo in answer
    assert client.get(reverse("comment_edit", args=[comment.public_id])).status_code == 404
    client.post(undo)

    assert queries.comments_on(record_of(souza, by=alice)) == [comment]


def test_comments_stand_in_their_order_and_are_counted(alice, bob, souza):
    first, second = (make_comment(text, by=who, on=souza) for text, who in (("one", alice), ("two", bob)))
    record = record_of(souza, by=alice)

    assert queries.comments_on(record) == [first, second]
    assert queries.counts_on(record) == {"comments": 2, "files": 0}


def test_a_comment_on_a_task_follows_the_customer_behind_it(alice, souza):
    task = make_task(by=alice, on=souza)

    comment = make_comment("done by Tuesday", by=alice, on=record_of_task(task))

    assert (comment.record_kind, comment.record_id) == ("task", task.pk)
    assert (comment.customer_id, comment.profile_id) == (souza.pk, task.profile_id)


def test_a_comment_on_a_task_about_nothing_is_seen_with_the_task(alice, bob, charlie):
    comment = make_comment("hm", by=alice, on=record_of_task(make_task(by=alice)))

    assert comment in Comment.objects.visible_to(bob)
    assert comment not in Comment.objects.visible_to(charlie)


def test_nobody_writes_on_what_she_may_not_see(as_user, alice, charlie, rita, souza):
    url = reverse("comment_write", args=["customer", souza.public_id])

    assert as_user(charlie).post(url, {"text": "x"}).status_code == 404
    assert as_user(rita).post(url, {"text": "x"}).status_code == 403
    assert as_user(alice).post(url, {"text": "  "}, follow=True).status_code == 200
    assert not Comment.objects.exists()


def test_another_authors_comment_is_readable_and_not_editable(as_user, alice, bob, souza):
    comment = make_comment("mine", by=alice, on=souza)

    for name in ("comment_edit", "comment_delete", "comment_restore"):
        assert as_user(bob).post(reverse(name, args=[comment.public_id]), {"text": "x"}).status_code == 403


def test_a_role_that_does_not_see_orders_does_not_see_what_is_on_them(alice, ada):
    order = place_order(an_order(make_customer("Ana", owner=alice)), by=alice, now=NOW)
    comment = make_comment("late again", by=alice, on=find_record(alice, "order", order.public_id))
    with acting(SYSTEM):
        Role.objects.create(name="Narrow", scope="all", rights=["customers.view", "work.view"])
    nora = make_user("Nora", role="Narrow")

    assert comment in Comment.objects.visible_to(ada)
    assert comment not in Comment.objects.visible_to(nora)


def test_orders_and_products_have_tasks_comments_and_files_on_their_pages(as_user, alice, bob, home):
    order = place_order(an_order(make_customer("Ana", owner=alice)), by=alice, now=NOW)
    product = Product.objects.get()

    for kind, record in (("order", order), ("product", product)):
        found = find_record(alice, kind, record.public_id)
        make_task(f"Ask about the {kind}", by=alice, on=found)
        make_comment(f"A word on the {kind}", by=alice, on=found)
        make_file(f"{kind}.pdf", by=alice, on=found)

        page = as_user(bob).get(found.url).content.decode()

        for said in (f"Ask about the {kind}", f"A word on the {kind}", f"{kind}.pdf"):
            assert said in page
        assert found.part_url("files") == f"{found.url}#files"
