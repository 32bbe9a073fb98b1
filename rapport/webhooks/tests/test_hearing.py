"""What is told to whom: ids and names of fields of what the owner of an endpoint sees, once for each event, or never."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from django.db import IntegrityError, transaction

from rapport.commerce.events import OrderDetailed, OrderFulfilled, OrderPlaced, ProductDetailed
from rapport.commerce.models import Order, OrderKind, Product
from rapport.core import environment
from rapport.core.acting import SYSTEM, acting
from rapport.core.events import Event, publish
from rapport.core.rooms import contributions
from rapport.customers import actions as customers
from rapport.customers.actions_trash import restore_customer, trash_customer
from rapport.customers.consents import ledger as consents
from rapport.customers.consents import restrictions
from rapport.customers.events import CustomerCreated, OwnersAssigned
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.identity.actions import merge_customers, undo_merge
from rapport.identity.models import Link
from rapport.privacy.actions import ask_for_erasure, erase
from rapport.records.custom_fields.actions import save_layout
from rapport.records.events import ImportFinished, ImportUndone
from rapport.records.models import Import
from rapport.records.telling import Outgoing, outgoing_types
from rapport.segments.actions import make_segment
from rapport.segments.asking import note_changed
from rapport.segments.definitions import definition_of
from rapport.segments.keeping import catch_up, rebuild
from rapport.webhooks.cloud_events import MEDIA_TYPE, body_of
from rapport.webhooks.hearing import MOST_IDS
from rapport.webhooks.models import EndpointState, Message
from rapport.webhooks.tests.world import make_endpoint, said
from rapport.work import actions as tasks
from rapport.work import actions_trash
from rapport.work.models import Task
from rapport.work.tests.world import make_comment, make_task
from tests.world import NOW, make_user


def announce(event: Event) -> None:
    with acting(SYSTEM):
        publish(event)


def hide(role: Any, *names: str, by: Any) -> None:
    save_layout(role, "customer", hidden=names, ordering=[], columns=None, hidden_panels=[], panel_ordering=[], by=by)


def test_what_is_done_to_customers_is_told_in_ids_and_names_of_fields(ada, alice):
    endpoint, _secret = make_endpoint(ada)

    made = customers.create_customer({"name": "Ana Souza"}, kind="person", by=alice, now=NOW)
    one = str(made.public_id)
    assert said(endpoint) == [("customer.added", [one], {})]
    made = customers.edit_customer(
        made, {"city": "Leeds", "job_title": "Buyer"}, version=made.version, by=alice, now=NOW
    )
    assert said(endpoint) == [("customer.changed", [one], {"changed": ["city", "job_title"]})]
    customers.assign_owner(made, None, by=alice, now=NOW)
    assert said(endpoint) == [("customer.changed", [one], {"changed": ["owner"]})]
    customers.log_interaction(made, kind="call", text="Wants a quote", by=alice, now=NOW)
    assert said(endpoint) == [("contact.logged", [one], {"contact": "call"})]
    consents.record_consent(made, "newsletter", "email", "granted", by=alice, now=NOW, origin="a call")
    told = {"purpose": "newsletter", "channel": "email", "status": "granted"}
    assert said(endpoint) == [("consent.changed", [one], told)]
    trash_customer(made, by=ada, now=NOW)
    assert said(endpoint) == [("customer.trashed", [one], {})]
    restore_customer(made, by=ada, now=NOW)
    assert said(endpoint) == [("customer.restored", [one], {})]
    restrictions.restrict_processing(made, ground="disputed", by=alice, now=NOW)
    assert said(endpoint) == [("customer.changed", [one], {"changed": ["restricted"]})]


def test_who_became_one_is_told_and_who_was_taken_apart(ada, alice):
    endpoint, _secret = make_endpoint(ada)
    keep, other = make_customer("Ana"), make_customer("Ana S.")

    merge_customers(keep.pk, [other.pk], by=alice, now=NOW)
    assert said(endpoint) == [("customer.merged", [str(keep.public_id)], {"merged": [str(other.public_id)]})]
    undo_merge(Link.objects.get(), by=alice, now=NOW)
    ((name, ids, more),) = said(endpoint)
    assert (name, ids, len(more["apart"])) == ("customer.split", [str(keep.public_id)], 1)


def test_tasks_and_comments_are_told_with_what_they_are_on(ada):
    endpoint, _secret = make_endpoint(ada)
    customer = make_customer()
    on = {"on": {"kind": "customer", "id": str(customer.public_id)}}

    task = make_task(by=ada, on=customer)
    one = [str(task.public_id)]
    tasks.edit_task(task, {"title": "Call again"}, version=1, by=ada, now=NOW)
    tasks.finish_task(task, by=ada, now=NOW)
    tasks.reopen_task(task, by=ada, now=NOW)
    tasks.cancel_task(task, by=ada, now=NOW)
    actions_trash.trash_task(Task.objects.get(), by=ada, now=NOW)
    comment = make_comment("Prefers the phone", by=ada, on=customer)

    assert said(endpoint) == [
        ("task.added", one, on), ("task.changed", one, {"changed": ["title"]} | on), ("task.done", one, on),
        ("task.reopened", one, on), ("task.cancelled", one, on), ("task.trashed", one, on),
        ("comment.added", [str(comment.public_id)], on),
    ]  # fmt: skip


def test_orders_products_and_imports_are_told(ada):
    endpoint, _secret = make_endpoint(ada)
    source = customers.ensure_source
    with acting(SYSTEM):
        shop = source("shop", label="Shop", priority=100)
        order = Order.objects.create(
            source_id=shop.pk, external_id="1", kind=OrderKind.SALE, channel="store", currency="GBP", total_micros=1,
            line_count=0, placed_at=NOW,
        )  # fmt: skip
        product = Product.objects.create(source_id=shop.pk, code="p", name="P", currency="GBP")
    imported = Import.objects.create(file_name="a.csv", file_digest="0" * 64, file_size=1, importer="people")

    for event in (
        OrderPlaced(order.pk, None, "sale"), OrderFulfilled(order.pk, None, True), OrderDetailed(order.pk, None, ("gift",)),
        ProductDetailed(product.pk, ("color",)), ImportFinished(imported.pk, "people"), ImportUndone(imported.pk, "people"),
    ):  # fmt: skip
        announce(event)

    one, file = [str(order.public_id)], [str(imported.public_id)]
    assert said(endpoint) == [
        ("order.placed", one, {"kind": "sale"}),
        ("order.changed", one, {"changed": ["delivered", "promised", "shipped"]}),
        ("order.changed", one, {"changed": ["gift"]}),
        ("product.changed", [str(product.public_id)], {"changed": ["color"]}),
        ("import.finished", file, {"format": "people"}),
        ("import.undone", file, {"format": "people"}),
    ]


def test_whoever_is_erased_is_to_be_forgotten_elsewhere_too(ada, alice, home):
    everything, _secret = make_endpoint(ada, "person.erased")
    some, _secret = make_endpoint(alice, "person.erased")
    customer = make_customer(owner=alice)
    asked = ask_for_erasure(customer.pk, public_id=str(customer.public_id), ground="asked", by=ada, now=NOW)

    erase(asked, by=SYSTEM, now=NOW)

    assert said(everything) == [("person.erased", [str(customer.public_id)], {})]
    assert said(some) == []


def test_who_enters_a_segment_and_who_leaves_it_is_told_as_far_as_she_is_seen(ada, alice):
    everything, _secret = make_endpoint(ada, "segment.entered", "segment.left")
    some, _secret = make_endpoint(alice, "segment.entered", "segment.left")
    hers, other = make_customer("Ana", owner=alice, city="Porto"), make_customer("Bea", city="Porto")
    segment = make_segment("Porto", definition=definition_of(["city.is:Porto"]), by=SYSTEM, now=NOW)

    rebuild(now=NOW)
    with acting(SYSTEM):
        Customer.objects.filter(pk=hers.pk).update(city="Faro")
    note_changed([hers.pk])
    catch_up(now=NOW)

    told = {"segment": str(segment.public_id)}
    entered, left = said(everything)
    assert (entered[0], sorted(entered[1]), entered[2]) == (
        "segment.entered", sorted([str(hers.public_id), str(other.public_id)]), told,
    )  # fmt: skip
    assert left == ("segment.left", [str(hers.public_id)], told)
    one = [str(hers.public_id)]
    assert said(some) == [("segment.entered", one, told), ("segment.left", one, told)]


def test_only_what_the_owner_sees_is_told(ada, alice, charlie, rita):
    north, _secret = make_endpoint(alice)
    south, _secret = make_endpoint(charlie)
    gone, _secret = make_endpoint(make_user("Gone", role="Administrator", is_active=False))
    hers = make_customer(owner=alice)

    announce(CustomerCreated(hers.pk))
    customers.log_interaction(hers, kind="call", text="Hello", by=alice, now=NOW)
    make_task(by=alice, on=hers)
    make_comment("A word", by=alice, on=hers)
    announce(ImportFinished(Import.objects.create(file_digest="0" * 64, file_size=1).pk, "people"))
    trash_customer(hers, by=alice, now=NOW)

    assert [name for name, _ids, _more in said(north)] == [
        "customer.added", "contact.logged", "task.added", "comment.added", "customer.trashed",
    ]  # fmt: skip
    assert said(south) == said(gone) == []


def test_a_field_that_is_hidden_from_the_role_is_not_named_and_alone_is_no_reason_to_tell(ada, alice):
    endpoint, _secret = make_endpoint(alice)
    customer = make_customer(owner=alice)
    hide(alice.role, "city", "owner", "may_email", by=ada)

    one = customers.edit_customer(
        customer, {"city": "Leeds", "job_title": "Buyer"}, version=customer.version, by=ada, now=NOW
    )
    customers.edit_customer(one, {"city": "York"}, version=one.version, by=ada, now=NOW)
    announce(OwnersAssigned((customer.pk,), alice.pk))
    consents.record_consent(customer, "newsletter", "email", "granted", by=ada, now=NOW, origin="a call")

    assert said(endpoint) == [("customer.changed", [str(customer.public_id)], {"changed": ["job_title"]})]


def test_who_has_lost_the_right_is_told_nothing_more(alice):
    endpoint, _secret = make_endpoint(alice)
    with acting(SYSTEM):
        alice.role.rights = [name for name in alice.role.rights if name != "webhooks.manage"]
        alice.role.save(update_fields=["rights"])

    announce(CustomerCreated(make_customer(owner=alice).pk))

    assert said(endpoint) == []


def test_one_event_is_one_message_for_each_endpoint_made_with_the_event_or_never(ada):
    first, _secret = make_endpoint(ada, "customer.added")
    paused, _secret = make_endpoint(ada, "customer.added", "task.added", state=EndpointState.PAUSED)
    make_endpoint(ada, "task.added")
    make_endpoint(ada, "customer.added", state=EndpointState.DELETED)
    customer = make_customer()

    with transaction.atomic():
        announce(CustomerCreated(customer.pk))
        assert Message.objects.count() == 2
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    announce(CustomerCreated(customer.pk))

    one, other = Message.objects.order_by("endpoint_id")
    assert (one.endpoint, other.endpoint, one.event_id) == (first, paused, other.event_id)
    assert one.webhook_id != other.webhook_id
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(endpoint=first, event_id=one.event_id, type=one.type)


def test_an_event_of_very_many_records_comes_in_parts_that_a_receiver_takes(ada):
    endpoint, _secret = make_endpoint(ada)
    with acting(SYSTEM):
        found = Customer.objects.bulk_create([Customer(name=f"C {n}") for n in range(MOST_IDS + 1)])

    announce(OwnersAssigned(tuple(each.pk for each in found), ada.pk))

    one, other = Message.objects.filter(endpoint=endpoint).order_by("part")
    assert (len(one.ids), len(other.ids), one.event_id) == (MOST_IDS, 1, other.event_id)
    assert len(body_of(one)) < 20_000
    assert json.loads(body_of(one))["id"] != json.loads(body_of(other))["id"]


def test_a_message_is_a_cloud_event_and_always_the_same_text(ada):
    endpoint, _secret = make_endpoint(ada)
    customer = make_customer()
    announce(CustomerCreated(customer.pk))
    message = Message.objects.get(endpoint=endpoint)

    event = from_http_event(HTTPMessage({"content-type": MEDIA_TYPE}, body_of(message)))

    assert event.get_type() == "app.rapport.customer.added.v1"
    assert event.get_source() == environment.origin()
    assert event.get_subject() == f"customer/{customer.public_id}"
    assert event.get_id() == str(message.event_id)
    assert event.get_data() == {"ids": [str(customer.public_id)]}
    assert body_of(Message.objects.get(pk=message.pk)) == body_of(message)


def test_every_event_that_can_be_told_is_told_here():
    """Of what there is, by this room's tests; a room above adds its own."""
    known = {each.name for each in contributions("outgoing", "OUTGOING", Outgoing)}

    assert known == set(outgoing_types())
    assert all(name.count(".") == 1 and name == name.lower() for name in known)


def test_every_event_that_can_be_told_is_in_the_documents():
    page = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()

    assert sorted(name for name in outgoing_types() if f"`{name}`" not in page) == []
