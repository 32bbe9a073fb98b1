"""One record shared with somebody or with a team: every way to it opens so far, and no farther, and closes again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from rapport.accounts.access import Grip, gripping, reach_of
from rapport.accounts.models import Share, Team, User
from rapport.audit.models import AuditEvent
from rapport.commerce.lists import ORDERS
from rapport.commerce.models import Order, OrderKind
from rapport.core.acting import SYSTEM, acting
from rapport.customers.bulk_acts import BULK_ACTS
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.identity.actions import merge_customers, split_customer
from rapport.privacy.actions import erase
from rapport.privacy.models import Erasure
from rapport.records.bulk.acts import Batch
from rapport.records.command_log.noting import last_command, undo_command
from rapport.records.lists.querying import count_rows, fetch_page, read_request, whole_query
from rapport.records.lists.sql import ListQuery, run
from rapport.records.record_kinds import find_record
from rapport.work import inbox
from rapport.work.sharing import share_record, shares_of, stop_sharing
from rapport.work.tests.world import make_comment, make_file, make_task
from tests.world import NOW, make_user, without_tokens


@pytest.fixture
def souza(alice: Any) -> Any:
    return make_customer("Padaria Souza", owner=alice, email="ana@souza.example")


def order_of(customer: Any, number: str = "A-1") -> Any:
    with acting(SYSTEM):
        return Order.objects.create(
            source_id=1, external_id=number, kind=OrderKind.SALE, customer=customer, channel="web_shop", currency="GBP",
            total_micros=10**6, line_count=1, placed_at=NOW,
        )  # fmt: skip


def share(
    record: Any, whom: Any, *, by: Any, kind: str = "customer", may_edit: bool = False, days: int | None = None
) -> Any:
    now = timezone.now()
    with gripping(by, Grip.HOLD):
        found = find_record(by, kind, record.public_id)
    ends_at = now + timedelta(days=days) if days is not None else None
    return share_record(found, whom, may_edit=may_edit, ends_at=ends_at, by=by, now=now)[0]


def listed(user: Any, of: Any = CUSTOMERS, query: str = "") -> list[int]:
    """The ids that a list shows, which its count and its export have to agree with."""
    asked = read_request(QueryDict(query), of, user=fresh(user))
    ids = [row.id for row in fetch_page(asked, columns=[]).rows]
    assert count_rows(asked).number == len(ids) == len(run(*whole_query(asked, [])))
    return ids


def fresh(user: Any) -> Any:
    return User.objects.select_related("role").get(pk=user.pk)


def test_a_shared_customer_opens_on_every_way_for_reading_and_on_none_for_changing(
    alice: Any, charlie: Any, souza: Any, as_user: Any
) -> None:
    own, hidden = make_customer("Quitanda", owner=charlie), make_customer("Zé", owner=alice)
    order, comment = order_of(souza), make_comment("Ask for the key", by=alice, on=souza)
    task, file = make_task("Send it", by=alice, on=souza), make_file(by=alice, on=souza)
    client, page = as_user(charlie), reverse("customer", args=[souza.public_id])
    assert client.get(page).status_code == 404

    share(souza, charlie, by=alice)

    assert listed(charlie) == [souza.pk, own.pk]
    assert listed(charlie, query="sort=-created") == [own.pk, souza.pk]
    assert listed(charlie, query="q=padaria") == [souza.pk]
    assert listed(charlie, query=f"filter=owner.is:{alice.public_id}") == [souza.pk]
    assert listed(charlie, query="filter=owner.is:me") == [own.pk]
    assert listed(charlie, ORDERS) == [order.pk]
    shown = without_tokens(client.get(page))
    assert "Padaria Souza" in shown
    assert "Shared with you to read" in shown
    assert reverse("customer_edit", args=[souza.public_id]) not in shown
    assert client.get(reverse("order", args=[order.public_id])).status_code == 200
    assert client.get(reverse("task", args=[task.public_id])).status_code == 200
    assert client.get(reverse("file", args=[file.public_id])).status_code == 200
    assert "Ask for the key" in client.get(f"{page}?tab=comments").getvalue().decode()
    assert "Padaria Souza" in client.get(reverse("palette") + "?q=padaria").getvalue().decode()
    assert client.get(reverse("customer", args=[hidden.public_id])).status_code == 404

    before = Customer.objects.filter(pk=souza.pk).values().get()
    refused = [
        client.get(reverse("customer_edit", args=[souza.public_id])),
        client.post(reverse("customer_edit", args=[souza.public_id]), {"name": "Mine", "version": souza.version}),
        client.post(reverse("customer_log", args=[souza.public_id]), {"kind": "call", "text": "Hello"}),
        client.post(reverse("customer_owner", args=[souza.public_id]), {"owner": charlie.public_id}),
        client.post(reverse("customer_trash", args=[souza.public_id])),
        client.post(reverse("comment_write", args=["customer", souza.public_id]), {"text": "Hello"}),
        client.post(reverse("file_trash", args=[file.public_id])),
        client.post(reverse("task_done", args=[task.public_id])),
        client.get(reverse("record_sharing", args=["customer", souza.public_id])),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert "shared with you" in without_tokens(refused[0])
    assert Customer.objects.filter(pk=souza.pk).values().get() == before
    strange = client.get(reverse("customer_edit", args=[hidden.public_id]))
    assert strange.status_code == 404
    assert comment.pk


def test_what_is_shared_for_changing_can_be_changed_and_not_be_given_away(
    alice: Any, charlie: Any, souza: Any, as_user: Any
) -> None:
    client = as_user(charlie)
    share(souza, charlie, by=alice, may_edit=True)

    said = client.post(reverse("customer_log", args=[souza.public_id]), {"kind": "call", "text": "Hello", "plain": "1"})
    given = client.post(reverse("customer_owner", args=[souza.public_id]), {"owner": charlie.public_id})

    assert (said.status_code, given.status_code) == (302, 403)
    assert client.post(reverse("customer_trash", args=[souza.public_id])).status_code == 403
    assert client.get(reverse("record_sharing", args=["customer", souza.public_id])).status_code == 403
    own = make_customer("Quitanda", owner=charlie)
    assert client.get(reverse("merge") + f"?id={souza.public_id}&id={own.public_id}").status_code in (403, 404)
    act = next(each for each in BULK_ACTS if each.name == "assign")
    assert act.apply is not None
    answers = act.apply(Batch({1: (souza.pk,)}, fresh(charlie), NOW, answers={"owner": str(charlie.public_id)}))
    assert 1 not in answers
    souza.refresh_from_db()
    assert souza.owner_id == alice.pk
    assert souza.trashed_at is None


def test_a_share_ends_with_its_day_or_when_it_is_taken_back_and_follows_the_tree_of_teams(
    alice: Any, charlie: Any, south: Any, souza: Any
) -> None:
    with acting(SYSTEM):
        below = Team.objects.create(name="South Coast", parent=south)
    dora = make_user("Dora", role="Sales", team=below)

    for_dora = share(souza, south, by=alice, days=1)
    assert listed(charlie) == listed(dora) == [souza.pk]
    for_team_below = share(souza, below, by=alice, may_edit=True)
    with acting(SYSTEM):
        Share.objects.filter(pk=for_dora.pk).update(ends_at=timezone.now() - timedelta(minutes=1))

    assert (listed(charlie), listed(dora)) == ([], [souza.pk])
    record = find_record(alice, "customer", souza.public_id)
    stop_sharing(for_team_below, record, by=alice, now=NOW)
    assert listed(dora) == []
    with acting(SYSTEM):
        share(souza, dora, by=alice)
        User.objects.filter(pk=dora.pk).update(is_active=False)
    assert listed(dora) == []


def test_an_order_is_shared_without_its_customer(alice: Any, charlie: Any, souza: Any, as_user: Any) -> None:
    order, other = order_of(souza), order_of(souza, "A-2")
    client = as_user(charlie)

    share(order, charlie, by=alice, kind="order")

    assert listed(charlie, ORDERS) == [order.pk]
    assert listed(charlie) == []
    assert client.get(reverse("order", args=[order.public_id])).status_code == 200
    assert client.get(reverse("order", args=[other.public_id])).status_code == 404
    assert client.get(reverse("customer", args=[souza.public_id])).status_code == 404
    with acting(SYSTEM):
        Customer.objects.filter(pk=souza.pk).update(trashed_at=NOW)
    assert listed(charlie, ORDERS) == []
    assert client.get(reverse("order", args=[order.public_id])).status_code == 404


def test_the_page_shares_tells_who_did_it_and_what_is_done_there_is_undone_and_audited(
    alice: Any, charlie: Any, south: Any, souza: Any, rita: Any, as_user: Any
) -> None:
    client, page = as_user(alice), reverse("record_sharing", args=["customer", souza.public_id])
    until = (timezone.now() + timedelta(days=30)).date().isoformat()

    empty = client.get(page)
    done = client.post(page, {"whom": f"person:{charlie.public_id}", "may": "read", "until": until})

    assert empty.status_code == 200
    assert done.status_code == 302
    shown = without_tokens(client.get(page))
    assert "Charlie" in shown
    assert "Alice" in shown
    assert "Read" in shown
    [row] = Share.objects.all()
    assert (row.person_id, row.may_edit, row.shared_by_id, row.customer_id) == (charlie.pk, False, alice.pk, souza.pk)
    assert AuditEvent.objects.filter(table_name="accounts_share", operation="insert", actor_id=alice.actor_id).exists()
    [group] = inbox.read_box(fresh(charlie), now=timezone.now()).groups
    assert (group.record.name, [entry.notification.kind for entry in group.entries]) == ("Padaria Souza", ["shared"])
    assert "Padaria Souza" in without_tokens(as_user(charlie).get(reverse("notifications")))

    wider = client.post(page, {"whom": f"person:{charlie.public_id}", "may": "edit"})
    row.refresh_from_db()
    assert wider.status_code == 302
    assert row.may_edit
    assert row.ends_at is None
    assert Share.objects.count() == 1
    now = timezone.now()
    undo_command(last_command(alice, now=now), by=fresh(alice), now=now)  # type: ignore[arg-type]
    row.refresh_from_db()
    assert not row.may_edit
    assert row.ends_at is not None
    client.post(reverse("share_end", args=[row.public_id]))
    assert not Share.objects.exists()
    assert inbox.count_waiting(fresh(charlie), now=now) == 0
    undo_command(last_command(alice, now=now), by=fresh(alice), now=now)  # type: ignore[arg-type]
    assert listed(charlie) == [souza.pk]

    past = client.post(page, {"whom": f"team:{south.public_id}", "may": "read", "until": "2001-01-01"})
    nobody = client.post(page, {"whom": "person:nobody", "may": "own"})
    oneself = client.post(page, {"whom": f"person:{alice.public_id}", "may": "read"})
    assert [answer.status_code for answer in (past, nobody, oneself)] == [422] * 3
    assert as_user(rita).get(page).status_code == 403


def test_shares_go_with_the_customer_through_merge_split_import_undo_and_erasure(
    alice: Any, ada: Any, charlie: Any, rita: Any, souza: Any
) -> None:
    twin = make_customer("Ana Souza", owner=alice)
    share(souza, charlie, by=alice)
    share(twin, charlie, by=alice, may_edit=True)

    merge_customers(souza.pk, [twin.pk], by=ada, now=NOW)

    record = find_record(alice, "customer", souza.public_id)
    assert listed(charlie) == [souza.pk]
    assert len(shares_of(record)) == 2
    charlie.grip = Grip.CHANGE
    assert reach_of(charlie).shared == {"customer": (souza.pk,)}
    split_customer(souza.pk, [twin.pk], by=ada, now=NOW)
    assert sorted(listed(charlie)) == sorted([souza.pk, twin.pk])
    assert reach_of(charlie).shared == {"customer": (twin.pk,)}

    with acting(SYSTEM):
        asked = Erasure.objects.create(customer_id=souza.pk, actor_label="x", asked_at=NOW)
    erase(asked, by=SYSTEM, now=NOW)
    assert [each.customer_id for each in Share.objects.all()] == [twin.pk]


def test_a_share_leaves_the_walk_of_a_list_as_it_is_and_is_looked_up_by_its_key(
    alice: Any, charlie: Any, souza: Any
) -> None:
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_customer (owner_id, sort_key, name)"
            " select case when n %% 100 = 0 then %s else %s end, 'k' || n, 'K' || n from generate_series(1, 20000) n",
            [charlie.pk, alice.pk],
        )
        cursor.execute("analyze customers_customer")
    ways = ("sort=name", "sort=-created", "sort=name&filter=kind.is:person")
    before = [keys_of(fresh(charlie), way) for way in ways]

    share(souza, charlie, by=alice)

    for (alone, _plan), (statement, plan) in zip(before, [keys_of(fresh(charlie), way) for way in ways], strict=True):
        walk = alone.removeprefix("select value, id from (").split(") page")[0]
        assert statement.startswith(f"select value, id from ({walk} union all ")
        assert "Seq Scan" not in plan


def keys_of(user: Any, query: str) -> tuple[str, str]:
    """The statement that finds a page, and how PostgreSQL carries it out."""
    statement, values = ListQuery(read_request(QueryDict(query), CUSTOMERS, user=user)).keys(
        filled=True, after=None, limit=51
    )
    text = statement.as_string(connection.connection)
    with connection.cursor() as cursor:
        cursor.execute("explain " + text, values)
        return text, "\n".join(row[0] for row in cursor.fetchall())
