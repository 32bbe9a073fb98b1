"""The history of a record in the words of its fields, restoring a value, and the audit page by kind, person, day and record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from rapport.accounts.tests.programs import Program
from rapport.audit.actions import forget_values, record
from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers import actions
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields.actions import add_field, save_layout
from rapport.work.actions import edit_task
from rapport.work.tests.world import make_task
from tests.world import NOW, without_tokens


@pytest.fixture
def ana(alice: Any) -> Customer:
    """Ana, who moved from Leeds to York, and whose job somebody got wrong."""
    made = make_customer("Ana Lind", owner=alice, city="Leeds", email="ana@example.com")
    for values in ({"city": "York", "language": "pt"}, {"job_title": "Painter"}):
        made.refresh_from_db()
        actions.edit_customer(made, values, version=made.version, by=alice, now=NOW)
    made.refresh_from_db()
    return made


def url_of(customer: Customer) -> str:
    return f"/history/customer/{customer.public_id}/"


def event_of(customer: Customer, field: str) -> AuditEvent:
    events = AuditEvent.objects.filter(table_name="customers_customer", row_id=str(customer.pk), operation="update")
    return events.filter(fields__contains=[field]).latest("pk")


def restore(client: Client, customer: Customer, field: str, **more: Any) -> Any:
    body = {"event": event_of(customer, field).pk, "column": field, "version": customer.version} | more
    return client.post(f"{url_of(customer)}restore/", body, follow=True)


def test_the_history_says_who_what_when_and_why_in_the_words_of_the_fields(ana: Customer, alice: Any, as_user: Any):
    page = as_user(alice).get(url_of(ana)).content.decode()

    assert "History of Ana Lind" in page
    assert "<dt>City</dt>" in page
    assert '<del>Leeds</del> <span aria-hidden="true">→</span> <ins>York</ins>' in page
    assert "<ins>Portuguese</ins>" in page
    assert "Customer changed" in page
    assert "Alice" in page
    for machine in ("customers_customer", "customers.customer_edited", "sort_key", "provenance", "127.0.0.1"):
        assert machine not in page


def test_the_page_of_a_record_leads_to_its_history_by_a_link_with_a_key(ana: Customer, alice: Any, as_user: Any):
    page = as_user(alice).get(f"/customers/{ana.public_id}/").content.decode()

    assert f'href="{url_of(ana)}" data-key="h"' in page


def test_a_value_is_restored_as_if_it_were_typed_and_can_be_undone(ana: Customer, alice: Any, as_user: Any):
    client = as_user(alice)

    page = restore(client, ana, "city").content.decode()

    ana.refresh_from_db()
    assert ana.city == "Leeds"
    assert "Restored." in page
    assert event_of(ana, "city").actor_label == "Alice"
    client.post("/changes/undo/")
    ana.refresh_from_db()
    assert ana.city == "York"


def test_an_empty_value_is_restored_too(ana: Customer, alice: Any, as_user: Any):
    restore(as_user(alice), ana, "job_title")

    ana.refresh_from_db()
    assert ana.job_title is None


def test_an_old_page_restores_nothing_over_a_newer_version(ana: Customer, alice: Any, as_user: Any):
    said = restore(as_user(alice), ana, "city", version=ana.version - 1).content.decode()

    ana.refresh_from_db()
    assert ana.city == "York"
    assert "changed the customer meanwhile" in said


@pytest.mark.parametrize(
    "column", ["owner_id", "search", "version", "merged_into_id", "created_at", "nonsense", "custom.x"]
)
def test_only_what_a_form_could_type_is_restored(column: str, ana: Customer, alice: Any, as_user: Any):
    answer = restore(as_user(alice), ana, "city", column=column)

    assert answer.status_code == 404


def test_an_event_of_another_record_restores_nothing(ana: Customer, alice: Any, as_user: Any):
    other = make_customer("Ben Other", owner=alice, city="Rome")
    actions.edit_customer(other, {"city": "Oslo"}, version=other.version, by=alice, now=NOW)

    answer = restore(as_user(alice), ana, "city", event=event_of(other, "city").pk)

    assert answer.status_code == 404
    assert Customer.objects.get(pk=ana.pk).city == "York"


def test_a_reader_sees_the_history_and_restores_nothing(ana: Customer, rita: Any, as_user: Any):
    client = as_user(rita)

    page = client.get(url_of(ana)).content.decode()

    assert "Leeds" in page
    assert "Restore" not in page
    assert restore(client, ana, "city").status_code == 404
    assert Customer.objects.get(pk=ana.pk).city == "York"


def test_the_history_of_a_record_of_others_is_that_of_none(ana: Customer, charlie: Any, as_user: Any):
    client = as_user(charlie)

    assert client.get(url_of(ana)).status_code == 404
    assert restore(client, ana, "city").status_code == 404


def test_fields_hidden_from_a_role_are_not_in_its_history_either(ana: Customer, alice: Any, ada: Any, as_user: Any):
    actions.edit_customer(ana, {"email": "new@example.com"}, version=ana.version, by=ada, now=NOW)
    save_layout(
        alice.role, "customer", hidden=("email", "city"), ordering=(), columns=None, hidden_panels=(),
        panel_ordering=(), by=ada,
    )  # fmt: skip
    client = as_user(alice)

    page = without_tokens(client.get(url_of(ana)))

    assert "Painter" in page
    assert [said for said in ("Leeds", "York", "new@example.com", "ana@example.com", "City") if said in page] == []
    ana.refresh_from_db()
    assert restore(client, ana, "city").status_code == 404


def test_what_a_role_sees_is_told_by_the_names_of_fields_and_panels(alice: Any, ada: Any, as_user: Any):
    made = add_field("customer", label="Shoe size", kind="number", by=ada)
    plain: dict[str, Any] = {"columns": None, "panel_ordering": (), "by": ada}
    save_layout(alice.role, "customer", hidden=("born_on", made.name), ordering=(), hidden_panels=("orders",), **plain)
    save_layout(alice.role, "customer", hidden=(), ordering=("city", "born_on"), hidden_panels=(), **plain)

    page = as_user(ada).get("/settings/audit/").content.decode()

    assert "<ins>Born on, Shoe size</ins>" in page
    assert "<del>Born on, Shoe size</del>" in page
    assert "<ins>City, Born on</ins>" in page
    assert "<del>Orders</del>" in page
    assert "born_on" not in page


def test_what_was_erased_of_the_trail_is_gone_from_the_history(ana: Customer, alice: Any, as_user: Any):
    event = event_of(ana, "city")
    with acting(SYSTEM):
        forget_values([event.pk])
    client = as_user(alice)

    page = client.get(url_of(ana)).content.decode()

    assert "What it said was erased." in page
    assert "<del>Leeds</del>" not in page
    assert restore(client, ana, "city").status_code == 404


def test_a_field_of_ones_own_is_called_by_its_label_and_restored(alice: Any, ada: Any, as_user: Any):
    made = add_field("customer", label="Shoe size", kind="number", by=ada)
    person = make_customer("Ana Lind", owner=alice)
    for size in ("39", "41"):
        person.refresh_from_db()
        actions.edit_customer(person, {f"custom.{made.name}": size}, version=person.version, by=alice, now=NOW)
    person.refresh_from_db()
    client = as_user(alice)

    page = client.get(url_of(person)).content.decode()
    restore(client, person, "custom", column=f"custom.{made.name}")

    assert ">Shoe size</dt>" in page
    person.refresh_from_db()
    assert person.custom == {made.name: "39"}


def test_a_task_says_again_what_it_said(alice: Any, bob: Any, as_user: Any):
    task = make_task("Call Ana", by=alice, assignee=alice)
    edit_task(task, {"title": "Write to Ana", "assignee": bob}, version=task.version, by=alice, now=NOW)
    task.refresh_from_db()
    client, url = as_user(alice), f"/history/task/{task.public_id}/"
    page = client.get(url).content.decode()
    event = AuditEvent.objects.filter(table_name="work_task", operation="update").latest("pk")

    for column in ("title", "assignee_id"):
        task.refresh_from_db()
        client.post(f"{url}restore/", {"event": event.pk, "column": column, "version": task.version})

    assert "<del>Alice</del>" in page
    assert "<ins>Bob</ins>" in page
    task.refresh_from_db()
    assert (task.title, task.assignee_id) == ("Call Ana", alice.pk)


def lines(answer: Any) -> str:
    assert answer.status_code == 200
    return answer.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]


def test_the_audit_page_is_narrowed_by_kind_person_day_and_record(
    ana: Customer, ada: Any, alice: Any, bob: Any, as_user: Any
):
    client = as_user(ada)
    record("sign-in", by=bob, about=str(bob.pk))
    record("denied", by=bob, values={"path": "/settings/audit/"})
    record("export read", by=alice)
    record("erasure asked", by=ada)
    Program(ada, "customers.view", "customers.edit").post("/customers", {"values": {"name": "Made By Shop"}})
    said = {
        kind: lines(client.get("/settings/audit/", {"kind": kind}))
        for kind in ("changes", "sign-ins", "denials", "exports", "privacy", "programs")
    }

    assert "Leeds" in said["changes"]
    assert "Signed in" not in said["changes"]
    assert "Signed in" in said["sign-ins"]
    assert "Denied" not in said["sign-ins"]
    assert "Denied" in said["denials"]
    assert "/settings/audit/" in said["denials"]
    assert "Export fetched" in said["exports"]
    assert "Erasure asked for" in said["privacy"]
    assert "Made By Shop" in said["programs"]
    assert "Leeds" not in said["programs"]
    of_bob = lines(client.get("/settings/audit/", {"actor": bob.actor_id}))
    assert "Denied" in of_bob
    assert "Leeds" not in of_bob
    of_ana = lines(
        client.get("/settings/audit/", {"record": f"http://localhost:8000/customers/{ana.public_id}/?tab=orders"})
    )
    assert "Leeds" in of_ana
    assert "Denied" not in of_ana
    assert f'href="{url_of(ana)}"' in of_ana
    tomorrow = (utc_now() + timedelta(days=2)).date().isoformat()
    assert "Nothing was recorded" in lines(client.get("/settings/audit/", {"since": tomorrow}))
    assert "Leeds" in lines(client.get("/settings/audit/", {"until": tomorrow, "kind": "changes"}))
    assert "No record has this address." in client.get("/settings/audit/", {"record": "/nowhere/"}).content.decode()


@pytest.mark.parametrize(
    "asked",
    [{"kind": "x"}, {"before": "x"}, {"before": "0"}, {"since": "0001-01-01"}, {"until": "9999-12-31"}, {"since": "?"}],
)
def test_what_the_audit_page_does_not_know_is_refused(asked: dict[str, str], ada: Any, as_user: Any):
    assert as_user(ada).get("/settings/audit/", asked).status_code == 400


def test_the_trail_is_paged_by_place_without_a_gap_or_a_repetition(ada: Any, as_user: Any):
    for number in range(120):
        record("export read", by=ada, about=f"file-{number:03}")
    client, seen, url = as_user(ada), list[str](), "/settings/audit/?kind=exports"

    while url:
        page = client.get(url).content.decode()
        seen += [each.partition('"')[0] for each in page.split('datetime="')[1:]]
        more = page.partition('href="?kind=exports&amp;before=')[2].partition('"')[0]
        url = f"/settings/audit/?kind=exports&before={more}" if more else ""

    assert len(seen) == 120
    assert seen == sorted(seen, reverse=True)
