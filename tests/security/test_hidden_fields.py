"""S7, S9: what a role does not see is on no page at all, whatever leads to it, and in no file that it may fetch."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction

from rapport.accounts.models import Role
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.rights import all_rights
from rapport.accounts.tests.programs import Program
from rapport.commerce.models import Order, OrderKind
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.actions import ensure_source
from rapport.customers.consents import ledger as consents
from rapport.customers.contact_points.actions import add_contact_point
from rapport.customers.models import Customer, Identifier, Profile
from rapport.customers.relationships.actions import add_relationship
from rapport.customers.tests.world import make_customer
from rapport.identity.actions import merge_customers
from rapport.identity.queries import every_profile_to_resolve
from rapport.identity.resolving import IDENTITY, resolve_profiles
from rapport.records.custom_fields.actions import save_layout
from rapport.records.exporting.actions import begin_export
from rapport.records.exporting.lists import exported_lists
from rapport.records.models import CustomField
from rapport.records.saved_views.actions import save_view, set_shared
from rapport.work.tests.world import make_task
from tests.security.conftest import seen
from tests.security.endpoints import endpoints
from tests.security.samples import SAMPLES
from tests.world import NOW, without_tokens

HIDDEN = ("email", "phone", "organization", "born_on")
# long enough that none stands on a page by chance
SECRETS = (
    "secret.example", "20 7946 0", "2079460", "Hushed", "2 Jan 1990", "1990-01-02", "bob.customer@example.com", "home@example.com",
)  # fmt: skip
PAGES = [each for each in endpoints() if each.is_ours and each.audience == "staff"]


@pytest.fixture
def blind(people):
    """Bob may do all but administer, and reaches everything."""
    bob = people["bob"]
    rights = sorted({right.name for right in all_rights()} - {ADMINISTER.name})
    with acting(SYSTEM):
        bob.role = Role.objects.create(name="Half blind", scope="all", rights=rights)
        bob.save(update_fields=["role"])
    return bob


def hide(bob, ada, *names):
    save_layout(
        bob.role, "customer", hidden=names, ordering=(), columns=None, hidden_panels=(), panel_ordering=(), by=ada
    )


@pytest.fixture
def secret(world, blind):
    """Somebody whom only hidden fields name, who was joined by one of them, is in doubt by one, was asked to confirm."""
    values = {
        "email": "who@secret.example",
        "phone": "+442079460000",
        "born_on": "1990-01-02",
        "organization": "Hushed",
    }
    nameless = make_customer("", owner=blind, external_id="N1", **values)
    joined, third = (make_customer("Third Person", owner=blind, external_id=each) for each in ("N2", "N3"))
    with acting(SYSTEM):
        for customer in (nameless, joined, third):
            profile = Profile.objects.get(customer=customer)
            Identifier.objects.get_or_create(
                kind=1, value_norm="who@secret.example", profile=profile, customer=customer
            )
            Profile.objects.filter(pk=profile.pk).update(name=f"Other {customer.pk}" if customer != nameless else None)
        for number in range(3):
            Order.objects.create(
                source_id=ensure_source("shop").pk, external_id=f"S{number}", kind=OrderKind.SALE, customer=nameless,
                channel="store", currency="GBP", total_micros=1, line_count=0, placed_at=NOW,
            )  # fmt: skip
    resolve_profiles(every_profile_to_resolve(), by=IDENTITY, now=NOW)
    if not _is_merged(joined):
        merge_customers(nameless.pk, [joined.pk], by=blind, now=NOW)
    nameless.refresh_from_db()
    consents.record_consent(
        nameless, "newsletter", "email", consents.GRANTED, by=blind, now=utc_now() - timedelta(days=1), origin="link",
        proof={"sent_to": "who@secret.example"},
    )  # fmt: skip
    make_task("Call back", by=blind, on=nameless)
    add_contact_point(nameless, "email", {"value": "more@secret.example"}, by=blind, now=utc_now())
    tied = make_customer("", owner=blind, external_id="N4", email="tied@secret.example")
    add_relationship(nameless, tied, "household", by=blind, now=utc_now())
    return nameless


def _is_merged(customer):
    customer.refresh_from_db()
    return customer.merged_into_id is not None


def paths(world, secret):
    for endpoint in PAGES:
        own = SAMPLES[endpoint.name](world) if endpoint.name in SAMPLES else {}
        yield endpoint.name, endpoint.path(**own)
        if own.get("public_id") == world.customer.public_id:
            yield endpoint.name, endpoint.path(**(own | {"public_id": secret.public_id}))
    for tab in ("timeline", "orders", "comments", "files", "tasks"):
        yield "customer", f"/customers/{secret.public_id}/?tab={tab}"
    yield "merge", f"/customers/merge/?id={secret.public_id}&id={world.customer.public_id}"
    joined = Customer.objects.filter(merged_into=secret).values_list("public_id", flat=True)
    yield "customer_split", f"/customers/{secret.public_id}/split/?" + "&".join(f"out={each}" for each in joined)
    order = Order.objects.get(external_id="S0")
    yield "order", f"/orders/{order.public_id}/"
    yield "tasks", "/tasks/?whose=all"


def test_what_is_hidden_from_a_role_is_on_no_page_at_all(world, secret, blind, client_of):
    client = client_of("bob")
    before = set().union(*(_told(client, path) for _name, path in paths(world, secret)))
    hide(blind, world.people["ada"], *HIDDEN)

    told = {
        (name, said)
        for name, path in paths(world, secret)
        for said in _told(client, path) | _told(client, path, part=True)
    }

    assert before == set(SECRETS)
    assert told == set()


def _told(client, path, *, part=False):
    """Which secrets a page says."""
    answer = client.get(path, headers={"HX-Request": "true"} if part else {})
    assert answer.status_code < 500, path
    text = without_tokens(answer)
    return {said for said in SECRETS if said in text}


def test_a_shared_view_does_not_tell_a_program_what_it_asks_of_hidden_fields(world, secret, blind):
    ada, now = world.people["ada"], utc_now()
    asked = {"filter": ["email.is:who@secret.example"]}
    view = save_view("customer", name="Shared by Ada", asked=asked, columns=["name", "email"], by=ada, now=now)
    set_shared(view, True, by=ada)
    program = Program(blind)
    before = program.get(f"/views/{view.public_id}").json()
    hide(blind, ada, *HIDDEN)

    told = [program.get(f"/views/{view.public_id}"), program.get("/views?object=customer")]

    assert before["asked"] == asked
    assert before["fields"] == ["name", "email"]
    assert [answer.status_code for answer in told] == [200, 200]
    assert [said for answer in told for said in SECRETS if said in answer.content.decode()] == []
    assert (told[0].json()["asked"], told[0].json()["fields"]) == ({}, ["name"])


def test_a_part_of_an_address_or_a_name_that_is_hidden_is_in_no_form_of_the_whole(world, secret, blind, client_of):
    parts = {"city": "Hushville", "given_name": "Secretia"}
    shown = make_customer(
        "Known Person", owner=blind, external_id="N5", street="1 High St", family_name="Person", **parts
    )
    hide(blind, world.people["ada"], *parts)
    client, path = client_of("bob"), f"/customers/{shown.public_id}"
    asked = {"version": "0", "street": "x", "initial-street": "y", "family_name": "x", "initial-family_name": "y"}

    told = []
    for unit in ("address", "name"):
        form, conflict = client.get(f"{path}/fields/{unit}/"), client.post(f"{path}/fields/{unit}/", asked)
        client.post(f"{path}/fields/{unit}/", asked | {"version": "99", "city": "Taken", "given_name": "Taken"})
        told += [(unit, said) for said in parts.values() for page in (form, conflict) if said in _text(page)]

    assert told == []
    shown.refresh_from_db()
    assert (shown.city, shown.given_name) == ("Hushville", "Secretia")


def _text(answer):
    assert answer.status_code in (200, 409)
    return answer.content.decode()


def test_no_answer_to_a_form_tells_what_is_hidden(world, secret, blind, client_of):
    hide(blind, world.people["ada"], *HIDDEN)
    client, path = client_of("bob"), f"/customers/{secret.public_id}"
    posts = [
        ("/customers/new/", {"kind": "person", "name": "Other"}),
        ("/customers/new/", {"kind": "person", "name": "New One", "email": "who@secret.example"}),
        ("/customers/duplicates/", {"name": "Other", "email": "who@secret.example"}),
        (f"{path}/edit/", {"version": "0", "name": "Clash", "initial-name": "Was", "job_title": "x"}),
        (f"{path}/consents/ask/", {"purpose": "offers", "channel": "email"}),
        (f"{path}/consents/record/", {"purpose": "?"}),
    ]

    told = []
    for each, body in posts:
        said = client.post(each, body, follow=True).content.decode()
        said += client.get("/settings/profile/").content.decode()  # with the toast, if there is one
        told += [(each, secret) for secret in SECRETS if secret in said.replace(body.get("email", "\0"), "")]

    assert told == []


@pytest.mark.parametrize("list_name", ["customer", "order"])
def test_no_file_of_a_list_tells_what_is_hidden(list_name, world, secret, blind, client_of, home):
    client = client_of("bob")
    hide(blind, world.people["ada"], *HIDDEN)
    page = client.get(f"/exports/new/{list_name}/?q=secret.example").content.decode()
    fields = exported_lists()[list_name].of(blind).fields_for(blind)

    made = begin_export(
        exported_lists()[list_name],
        query="",
        columns=list(fields),
        file_format="csv",
        with_mark=False,
        by=blind,
        now=NOW,
    )
    content = b"".join(client.get(f"/exports/{made.public_id}/file/").streaming_content).decode()

    assert not set(fields) & set(HIDDEN)
    assert [said for said in SECRETS if said in content] == []
    assert 'class="count">0' in page or ">0 " in page


def test_a_file_made_before_a_field_was_hidden_is_not_to_be_had_any_more(world, secret, blind, client_of, home):
    client, of = client_of("bob"), exported_lists()["customer"]
    asked = {"query": "", "file_format": "csv", "with_mark": False, "by": blind, "now": NOW}
    made = begin_export(of, columns=["name", "email"], **asked)
    narrowed = begin_export(of, columns=["name"], **{**asked, "query": "filter=email.contains:secret"})
    plain = begin_export(of, columns=["name"], **asked)
    assert client.get(f"/exports/{made.public_id}/file/").status_code == 200

    hide(blind, world.people["ada"], *HIDDEN)

    statuses = [client.get(f"/exports/{each.public_id}/file/").status_code for each in (made, narrowed, plain)]
    assert statuses == [404, 404, 200]


def test_who_does_not_see_all_fields_is_not_given_all_that_is_held(world, secret, blind, client_of, home):
    client, path = client_of("bob"), f"/customers/{secret.public_id}/export/"
    page = client.get(f"/customers/{secret.public_id}/").content.decode()
    hide(blind, world.people["ada"], "email")

    answers = [client.get(path), client.post(path), client.get(f"/privacy/exports/{_export(world)}/")]

    assert path in page
    assert path not in client.get(f"/customers/{secret.public_id}/").content.decode()
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert "Fields are hidden from your role" in answers[0].content.decode()


def _export(world):
    return world.extra["person_export"].public_id


def test_who_may_see_no_customers_finds_no_names_among_orders(world, blind, client_of):
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "update accounts_role set rights = array_remove(rights, 'customers.view') where id = %s", [blind.role_id]
        )
    blind.role.refresh_from_db()
    client = client_of("bob")

    fields = exported_lists()["order"].of(blind).fields_for(blind)

    assert not {"customer", "customer_number", "customer_public_id"} & set(fields)
    assert world.customer.name not in client.get("/orders/").content.decode().split("<main")[1].split("Northern", 1)[0]


# every way to ask with the name of a field: where, how, and with what; {} is the name of a text, a choice or a day
LIST, BUILDER, FILE = "/customers/", "/lists/customer/filter/", "/exports/new/customer/"
TYPED = {"builder": "1", "field-0-0": "{}", "operator-0-0": "filled"}
ASKED_BY_FIELD = (
    ("life_stage", "get", LIST, {"filter": "{}.filled:"}),
    ("life_stage", "get", LIST, {"filter": "any(none({}.filled:;city.is:x))"}),
    ("created", "get", LIST, {"sort": "{}"}),
    ("life_stage", "get", LIST, {"by": "{}"}),
    ("choice", "get", LIST, {"as": "board", "by": "{}"}),
    ("born_on", "get", LIST, {"as": "calendar", "by": "{}"}),
    ("life_stage", "get", BUILDER, {"filter": "{}.filled:"}),
    ("life_stage", "get", BUILDER, TYPED | {"step": "apply"}),
    ("life_stage", "get", f"{BUILDER}count/", TYPED),
    ("life_stage", "get", FILE, {"filter": "{}.filled:"}),
    ("life_stage", "post", FILE, {"column": "{}", "format": "csv"}),
    ("life_stage", "post", "/selected/customer/", {"act": "assign", "everything": "on", "query": "filter={}.filled:"}),
    ("life_stage", "get", "/lists/customer/columns/", {"filter": "{}.filled:"}),
    ("life_stage", "get", "/lists/customer/views/new/", {"filter": "{}.filled:"}),
    ("life_stage", "get", "/segments/keep/", {"filter": "{}.filled:"}),
    ("life_stage", "post", "/segments/keep/", {"name": "Staged", "query": "filter={}.filled:"}),
    ("life_stage", "api", "/customers", {"filter": "{}.filled:"}),
    ("life_stage", "api", "/customers/count", {"filter": "{}.filled:"}),
    ("life_stage", "api", "/customers", {"fields": "{}"}),
    ("created", "api", "/customers", {"sort": "{}"}),
    ("life_stage", "send", "/segments", {"name": "Staged too", "filters": ["{}.filled:"]}),
    ("life_stage", "send", "/bulk", {"object": "customer", "act": "trash", "everything": {"filter": ["{}.empty:"]}}),
    ("life_stage", "send", "/views", {"object": "customer", "name": "Mine", "asked": {"filter": ["{}.filled:"]}}),
)


def test_every_way_to_ask_knows_the_same_fields(world, blind, client_of, home):
    """What was taken before the field is hidden is answered afterwards as if there had never been a field of that name."""
    choice = CustomField.objects.get(object="customer", kind="choice").name
    client, program = client_of("bob"), Program(blind)
    asked = [(choice if name == "choice" else name, *rest) for name, *rest in ASKED_BY_FIELD]
    before = [_asked(client, program, *each) for each in asked]

    hide(blind, world.people["ada"], choice, "life_stage", "born_on", "created")

    hidden = [_asked(client, program, *each) for each in asked]
    unknown = [_asked(client, program, "c_nonsense", *rest) for _name, *rest in asked]
    differ = [each for each, one, other in zip(asked, hidden, unknown, strict=True) if one != other]
    taken = [each for each, one, other in zip(asked, before, hidden, strict=True) if one[0] < 400 and one == other]
    refused = [(each, one[0]) for each, one in zip(asked, before, strict=True) if one[0] >= 400]
    assert (differ, taken, refused) == ([], [], [])
    assert {one[0] for one in hidden} == {400}


def _asked(client, program, name, how, path, sent):
    """What can be told from the answer, whatever the field is called; as if nothing had been asked."""
    filled = json.loads(json.dumps(sent).replace("{}", name))
    with transaction.atomic():
        if how in ("get", "post"):
            answer = getattr(client, how)(path, filled, follow=how == "post")
        else:
            answer = program.get(path, filled) if how == "api" else program.post(path, filled)
        transaction.set_rollback(True)
    status, headers, body = seen(answer, name)
    client.cookies.pop("messages", None)
    return status, headers.get("Location", ""), body
