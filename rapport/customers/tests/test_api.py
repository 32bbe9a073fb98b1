"""Customers through the API: what the screens do, as JSON."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from rapport.accounts.tests.programs import Program
from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.core.planned import planned
from rapport.customers.actions_trash import trash_customer
from rapport.customers.events import CustomerEdited
from rapport.customers.models import Customer, FieldRule, Interaction, Profile, Touchpoint
from rapport.customers.moving import hold_customer
from rapport.customers.survivorship.deriving import derive_customers
from rapport.customers.survivorship.rules import RECENT
from rapport.customers.tests.world import add_profile, make_customer
from rapport.identity.actions import merge_customers
from rapport.records.custom_fields.actions import add_field, choices_from
from tests.world import NOW


@pytest.fixture
def ana(alice):
    return make_customer("Ana Souza", owner=alice, city="Porto", email="ana@example.com", country="PT")


def test_a_list_shows_the_columns_of_the_screen_and_the_version(program, ana, alice):
    (shown,) = program.get("/customers").json()["items"]

    assert (shown["id"], shown["version"]) == (str(ana.public_id), ana.version)
    assert shown["values"]["name"] == "Ana Souza"
    assert shown["values"]["owner_name"] == "Alice"
    assert "email" not in shown["values"]


def test_a_list_shows_the_fields_that_are_asked_for(program, ana, alice):
    (shown,) = program.get("/customers", {"fields": "email,owner,created,kind"}).json()["items"]

    assert list(shown["values"]) == ["email", "owner", "created", "kind"]
    assert shown["values"]["email"] == "ana@example.com"
    assert shown["values"]["owner"] == str(alice.public_id)
    assert shown["values"]["created"].endswith("Z")


def test_a_list_is_filtered_sorted_searched_and_read_page_by_page(program, alice):
    for name, city in (("Ana", "Porto"), ("Ben", "Leeds"), ("Cleo", "Porto"), ("Dan", "Porto")):
        make_customer(name, owner=alice, city=city)

    def names(**asked):
        page = program.get("/customers", {"fields": "name"} | asked).json()
        return [each["values"]["name"] for each in page["items"]], page["next"]

    assert names(filter=["city.is:porto", "name.starts_with:c"]) == (["Cleo"], None)
    assert names(sort="-name")[0] == ["Dan", "Cleo", "Ben", "Ana"]
    assert names(q="ben")[0] == ["Ben"]
    first, place = names(limit="3")
    rest, end = names(limit="3", after=place)
    assert (first, rest, end) == (["Ana", "Ben", "Cleo"], ["Dan"], None)


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "nonsense.is:x"}, {"filter": "city.over:1"}, {"sort": "email"}, {"fields": "name,nonsense"},
        {"after": "nowhere"}, {"filters": "city.is:Porto"}, {"filter": "city"},
    ],
    ids=str,
)  # fmt: skip
def test_what_the_registry_does_not_know_is_refused_in_words(query, program):
    answer = program.get("/customers", query)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["detail"]


@pytest.mark.parametrize("limit", ["0", "201", "x", "-1"])
def test_a_page_has_its_bounds(limit, program):
    assert program.get("/customers", {"limit": limit}).status_code == 422


def test_the_fields_say_what_may_be_done_with_them(program, ada):
    add_field("customer", label="Size", kind="choice", by=ada, choices=choices_from(["Small", "Large"], []))

    fields = {each["name"]: each for each in program.get("/customers/fields").json()}

    assert {"is", "is_not", "starts_with", "contains", "empty", "filled"} <= set(fields["city"]["operators"])
    assert "over" not in fields["city"]["operators"]
    assert (fields["city"]["is_writable"], fields["created"]["is_writable"]) == (True, False)
    assert (fields["name"]["is_sortable"], fields["city"]["is_sortable"]) == (True, False)
    (size,) = (each for each in fields.values() if each["label"] == "Size")
    assert (len(size["choices"]), size["is_writable"]) == (2, True)


def test_a_customer_is_read_with_every_field_and_its_version_as_etag(program, ana):
    answer = program.get(f"/customers/{ana.public_id}")

    assert answer["ETag"] == f'"{ana.version}"'
    assert answer.json()["values"]["email"] == "ana@example.com"
    assert answer.json()["values"]["born_on"] is None


def test_a_customer_that_was_merged_answers_as_the_one_it_was_merged_into(program, ana, alice):
    other = make_customer("Ana S.", owner=alice, external_id="2")
    merge_customers(ana.pk, [other.pk], by=alice, now=NOW)

    assert program.get(f"/customers/{other.public_id}").json()["id"] == str(ana.public_id)


def test_a_customer_is_added(program, alice, ada):
    size = add_field("customer", label="Shoes", kind="number", by=ada)
    values = {
        "name": "New One",
        "email": "New@Example.com",
        "country": "Portugal",
        size.name: 42.5,
        "born_on": "1990-01-02",
    }

    answer = program.post("/customers", {"values": values})

    made = Customer.objects.get(name="New One")
    shown = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/customers/{made.public_id}"
    assert answer["ETag"] == f'"{made.version}"'
    assert (shown["values"]["email"], shown["values"]["country"]) == ("New@Example.com", "PT")
    assert (shown["values"][size.name], shown["values"]["born_on"]) == (42.5, "1990-01-02")
    assert made.owner == alice


@pytest.mark.parametrize(
    "values",
    [{}, {"city": "Porto"}, {"name": "A", "email": "no address"}, {"name": "A", "country": "Nowhere"},
     {"name": "A", "born_on": "31.12.1990"}, {"name": "A" * 301}, {"name": ["A"], "email": {"a": "b"}}],
    ids=lambda values: str(values)[:40],
)  # fmt: skip
def test_values_that_the_form_would_refuse_are_refused(values, program):
    answer = program.post("/customers", {"values": values})

    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert not Customer.objects.exists()


def test_somebody_who_is_known_already_is_added_only_anyway(program, ana):
    body = {"values": {"name": "Ana Souza", "email": "ana@example.com"}}

    refused = program.post("/customers", body)
    made = program.post("/customers", body | {"anyway": True})

    assert refused.status_code == 409
    assert refused.json()["duplicates"][0]["id"] == str(ana.public_id)
    assert made.status_code == 201


def test_a_change_leaves_what_was_not_sent(program, ana):
    read = program.get(f"/customers/{ana.public_id}")

    answer = program.patch(f"/customers/{ana.public_id}", {"values": {"city": "Braga"}}, **{"If-Match": read["ETag"]})

    assert answer.status_code == 200
    ana.refresh_from_db()
    assert (ana.city, ana.name, ana.email) == ("Braga", "Ana Souza", "ana@example.com")
    assert answer["ETag"] == f'"{ana.version}"' != read["ETag"]


def test_of_two_who_read_the_same_the_second_overwrites_nothing(program, ana, bob):
    path, read = f"/customers/{ana.public_id}", program.get(f"/customers/{ana.public_id}")
    Program(bob).patch(path, {"values": {"city": "Braga"}}, **{"If-Match": read["ETag"]})

    answer = program.patch(path, {"values": {"city": "Lisbon"}}, **{"If-Match": read["ETag"]})

    ana.refresh_from_db()
    assert (answer.status_code, ana.city) == (412, "Braga")
    assert answer["ETag"] == f'"{ana.version}"'


def test_a_change_without_a_version_is_refused(program, ana):
    path = f"/customers/{ana.public_id}"

    assert program.patch(path, {"values": {"city": "Braga"}}).status_code == 428
    assert program.patch(path, {"values": {"city": "Braga"}}, **{"If-Match": 'W/"x"'}).status_code == 412
    ana.refresh_from_db()
    assert ana.city == "Porto"


def test_a_value_of_another_source_cannot_be_emptied_and_one_of_staff_can(program, ana):
    path, any_version = f"/customers/{ana.public_id}", {"If-Match": "*"}

    refused = program.patch(path, {"values": {"city": None}}, **any_version)
    program.patch(path, {"values": {"job_title": "Buyer"}}, **any_version)
    emptied = program.patch(path, {"values": {"job_title": None}}, **any_version)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["name"] == "values.city"
    assert emptied.json()["values"]["job_title"] is None


def test_choices_of_ones_own_are_changed_and_emptied(program, ana, ada):
    kinds = add_field("customer", label="Likes", kind="choices", by=ada, choices=choices_from(["Tea", "Milk"], []))
    path, values = f"/customers/{ana.public_id}", [each.value for each in _choices(kinds)]

    both = program.patch(path, {"values": {kinds.name: values}}, **{"If-Match": "*"})
    none = program.patch(path, {"values": {kinds.name: []}}, **{"If-Match": "*"})

    assert both.json()["values"][kinds.name] == values
    assert none.json()["values"][kinds.name] in (None, [])


def _choices(field):
    from rapport.records.custom_fields.queries import custom_fields_of

    return next(each.choices for each in custom_fields_of("customer") if each.name == field.name)


def test_a_field_that_must_be_filled_in_holds_up_no_other_change(program, ana, ada):
    add_field("customer", label="Must", kind="text", by=ada, is_required=True)

    answer = program.patch(f"/customers/{ana.public_id}", {"values": {"city": "Braga"}}, **{"If-Match": "*"})

    assert answer.status_code == 200
    assert program.post("/customers", {"values": {"name": "New One"}}).status_code == 422


def test_a_name_is_put_together_of_the_part_that_was_sent_and_the_one_that_was_not(program, ana):
    for values in ({"given_name": "Anna"}, {"name": None, "family_name": "Sousa"}):
        changed = program.patch(f"/customers/{ana.public_id}", {"values": values}, **{"If-Match": "*"})

    assert (changed.status_code, changed.json()["values"]["name"]) == (200, "Anna Sousa")


def test_a_contact_is_logged(program, ana, alice):
    body = {"kind": "visit", "text": "Wants a quote", "occurred_at": "2026-03-01T10:00:00+01:00"}

    answer = program.post(f"/customers/{ana.public_id}/contacts", body)

    logged = Interaction.objects.get()
    assert answer.status_code == 201
    assert answer.json()["id"] == str(logged.public_id)
    assert answer.json()["occurred_at"] == "2026-03-01T09:00:00Z"
    assert (logged.text, logged.logged_by) == ("Wants a quote", alice)
    assert Touchpoint.objects.filter(customer_id=ana.pk, kind="visit").count() == 1


@pytest.mark.parametrize(
    "body",
    [{"text": ""}, {"text": "x", "kind": "letter"}, {"text": "x", "occurred_at": "2026-03-01T10:00:00"},
     {"text": "x", "occurred_at": "1815-06-18T10:00:00Z"}, {"text": "x", "occurred_at": "9998-01-01T10:00:00Z"}, {"text": "   "}],
    ids=str,
)  # fmt: skip
def test_a_contact_that_cannot_have_been_is_refused(body, program, ana):
    assert program.post(f"/customers/{ana.public_id}/contacts", body).status_code == 422
    assert not Interaction.objects.exists()


def test_a_page_of_customers_costs_a_fixed_number_of_statements(program, alice, django_assert_max_num_queries):
    for number in range(30):
        add_profile(make_customer(f"Customer {number}", owner=alice), source="till", external_id=str(number))
    program.get("/customers")

    with django_assert_max_num_queries(12):
        assert len(program.get("/customers", {"fields": "name,owner,email"}).json()["items"]) == 30


def test_what_a_writing_request_answers_is_what_reading_her_answers(program):
    new = program.post("/customers", {"values": {"name": "Rui Alves", "email": "rui@example.com", "city": "Porto"}})
    her = new.headers["Location"].removeprefix("/api/v1")
    assert _but_undo(new) == _but_undo(program.get(her))
    assert new.json()["values"]["last_contact"] is None

    assert program.post(f"{her}/contacts", {"kind": "call", "text": "Hello"}).status_code == 201
    changed = program.patch(her, {"values": {"city": "Braga"}}, **{"If-Match": new.headers["ETag"]})
    assert _but_undo(changed) == _but_undo(program.get(her))
    assert changed.json()["values"]["last_contact"] is not None
    assert len({None, new.json()["undo"], changed.json()["undo"]}) == 3


def test_one_value_changes_beside_another_that_would_not_pass_the_form(program, alice):
    brought = make_customer("Ana Souza", owner=alice, email="ana at example")
    path, anyway = f"/customers/{brought.public_id}", {"If-Match": "*"}

    assert program.patch(path, {"values": {"city": "Braga"}}, **anyway).json()["values"]["email"] == "ana at example"
    assert program.patch(path, {"values": {"email": "ana at"}}, **anyway).status_code == 422
    nobody = make_customer("", owner=alice, external_id="77")
    assert program.patch(f"/customers/{nobody.public_id}", {"values": {"city": "Braga"}}, **anyway).status_code == 422


def _but_undo(answer):
    return answer.headers["ETag"], answer.headers["Content-Type"], {**answer.json(), "undo": None}


def test_a_request_takes_few_statements(program, ana, django_assert_max_num_queries):
    """With the beginning and the end of the transaction, the token, its rows, and how far its owner reaches."""
    found, new = f"/customers/{ana.public_id}", {"values": {"name": "Rui Alves", "email": "rui@example.com"}}
    assert program.patch(found, {"values": {"job_title": "Buyer"}}, **{"If-Match": "*"}).status_code == 200

    with django_assert_max_num_queries(4):
        assert program.get("/customers", {"sort": "name", "q": "ana"}).status_code == 200
    with django_assert_max_num_queries(4):
        assert program.get(found).status_code == 200
    with django_assert_max_num_queries(11):
        assert program.post("/customers", new).status_code == 201
    with django_assert_max_num_queries(13):
        changed = program.patch(found, {"values": {"job_title": "Head buyer"}}, **{"If-Match": "*"})
    assert (changed.status_code, changed.json()["values"]["job_title"]) == (200, "Head buyer")


@pytest.mark.parametrize(
    "values",
    [
        {"job_title": "Head buyer"}, {"name": "Ana Lopes"}, {"city": "Braga"}, {"phone": "912 345 678"},
        {"email": "lopes@example.com", "job_title": None}, {"website": "https://example.com", "life_stage": "lead"},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_program_changed_is_shown_as_deriving_all_of_it_anew_would(values, program, alice):
    """Also where what staff said long ago is shown again, because they have said something else now."""
    with acting(SYSTEM):
        for unit in ("name", "email"):
            FieldRule.objects.update_or_create(field=unit, defaults={"rule": RECENT})
    anew = make_customer("Ana Souza", owner=alice, email="souza@example.com", phone="+351 911 111 111", country="PT")
    long_ago = NOW - timedelta(days=300)
    add_profile(
        anew, source="staff", external_id="by hand", seen_at=long_ago, name="Anna Kowalski", email="anna@example.com"
    )
    assert anew.name == "Ana Souza"

    answer = program.patch(f"/customers/{anew.public_id}", {"values": values}, **{"If-Match": f'"{anew.version}"'})
    assert answer.status_code == 200

    row, known = _whole(anew.pk)
    assert row["name"] == values.get("name", "Anna Kowalski")
    assert [each["id"] for each in program.get("/customers", {"q": row["name"].split()[1]}).json()["items"]] == [
        str(anew.public_id)
    ]
    with acting(SYSTEM):
        derive_customers([anew.pk])
    assert _whole(anew.pk) == (row, known)


def _whole(key):
    """The row of a customer with the words she is found by, and by what she is known."""
    with connection.cursor() as cursor:
        cursor.execute("select to_jsonb(c) from customers_customer c where id = %s", [key])
        row = json.loads(cursor.fetchone()[0])
        cursor.execute(
            "select kind, value_norm, profile_id from customers_identifier where customer_id = %s order by 1, 2, 3",
            [key],
        )
        return row, cursor.fetchall()


def test_a_program_changes_whom_a_customer_was_merged_into_and_nobody_it_does_not_see(program, ana, alice, charlie):
    other, strange = make_customer("Anna Souza", owner=alice), make_customer("Ben", owner=charlie)
    gone = make_customer("Cleo", owner=alice)
    merge_customers(ana.pk, [other.pk], by=alice, now=NOW)
    trash_customer(gone, by=alice, now=NOW)
    before = Profile.objects.count()

    changed = program.patch(f"/customers/{other.public_id}", {"values": {"job_title": "Buyer"}}, **{"If-Match": "*"})
    assert (changed.status_code, changed.json()["id"]) == (200, str(ana.public_id))
    for unseen in (strange.public_id, gone.public_id, uuid4()):
        answer = program.patch(f"/customers/{unseen}", {"values": {"job_title": "Buyer"}}, **{"If-Match": "*"})
        assert answer.status_code == 404

    assert Profile.objects.count() == before + 1  # of staff, who had not said anything of her
    signed = {event.actor_label for event in AuditEvent.objects.filter(reason=CustomerEdited.name, row_id=str(ana.pk))}
    assert signed == {"Alice (Shop)"}


@pytest.mark.django_db(transaction=True)
def test_a_customer_whom_somebody_else_holds_is_waited_for(program, ana):
    """She is not found at once, so she is looked for, and changed as she is then."""
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            hold_customer(ana.pk)
            held.set()
            let_go.wait(5)
            planned("select set_config('rapport.actor_id', 'system:test', true)")
            Customer.objects.filter(pk=ana.pk).update(version=ana.version + 5)
        connection.close()

    somebody = threading.Thread(target=hold)
    somebody.start()
    assert held.wait(5)
    threading.Timer(0.3, let_go.set).start()
    answers = [
        program.patch(f"/customers/{ana.public_id}", {"values": {"job_title": "Buyer"}}, **{"If-Match": f'"{version}"'})
        for version in (ana.version, ana.version + 5)
    ]
    somebody.join()

    assert [answer.status_code for answer in answers] == [412, 200]
