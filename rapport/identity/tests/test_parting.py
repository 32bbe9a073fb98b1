"""Taking apart what was one: single profiles, and what staff wrote to the customer as a whole, each to its side."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from rapport.commerce.actions import Line, NewOrder, place_order
from rapport.commerce.models import Order
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import edit_customer, log_interaction, take_back_staff_value
from rapport.customers.consents.ledger import may_contact, record_consent
from rapport.customers.consents.restrictions import restrict_processing, restricted_ids
from rapport.customers.contact_points.actions import add_contact_point
from rapport.customers.models import ContactPoint, Customer, Interaction, Profile, Relationship, Touchpoint
from rapport.customers.relationships.actions import add_relationship
from rapport.customers.tests.world import touch
from rapport.identity.actions import keep_apart, merge_customers, split_customer, undo_merge
from rapport.identity.choosing import EVER, HandOver, key_of, written_since
from rapport.identity.models import Link, NeverPair, SaidBefore
from rapport.identity.tests.people import current, look, one, person, rows
from rapport.records.imports.undoing import UnableToUndo
from rapport.work.tests.world import make_comment, make_file, make_task
from tests.import_files import import_text
from tests.import_files import undo as take_back
from tests.row_hashes import row_hashes
from tests.world import NOW, without_tokens

pytestmark = pytest.mark.usefixtures("db", "home")

LATER = NOW + timedelta(hours=1)


def profile_of(customer: Customer, *, source: str = "") -> Profile:
    """Of the home that the customer is, the oldest, or that of a source."""
    found = [
        p
        for p in Profile.objects.select_related("source").order_by("pk")
        if (p.home_id or p.customer_id) == customer.pk
    ]
    return next(p for p in found if p.source.name == (source or found[0].source.name))


def fresh(customer: Customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


def edit(customer: Customer, *, by: Any, **values: Any) -> Customer:
    return edit_customer(customer, values, version=fresh(customer).version, by=by, now=LATER)


def every(group: str, to: Customer) -> HandOver:
    return HandOver(group, profile_of(to).pk, is_every=True)


@pytest.fixture
def joined(ada: Any) -> tuple[Customer, Customer]:
    ana, bea = person("Ana Souza", email="ana@souza.br"), person("Bea Lima", source="till", email="bea@lima.pt")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    return fresh(ana), fresh(bea)


def test_what_staff_typed_is_split_from_the_import_it_sits_with(ada) -> None:
    ana = person("Ana Souza", email="ana@souza.br", owner=ada)
    edit(ana, by=ada, name="Bea Lima", city="Leeds")
    logged = log_interaction(ana, kind="call", text="Is Bea", by=ada, now=NOW)
    staff = profile_of(ana, source="staff")

    done = split_customer(ana.pk, [], profile_ids=[staff.pk], by=ada, now=NOW)

    (made,) = done.apart_ids
    bea = Customer.objects.get(pk=made)
    assert (bea.name, bea.city, bea.owner, fresh(ana).name, fresh(ana).city) == (
        "Bea Lima",
        "Leeds",
        ada,
        "Ana Souza",
        None,
    )
    assert Interaction.objects.get(pk=logged.pk).customer_id == made
    look()
    assert current(bea) == made
    merge_customers(ana.pk, [made], by=ada, now=NOW)
    assert fresh(ana).name == "Bea Lima"
    undo_merge(Link.objects.get(), by=ada, now=NOW)
    assert fresh(ana).name == "Ana Souza"


def test_the_import_keeps_the_customer_it_made_whichever_side_is_taken_out(ada) -> None:
    job = import_text("id,name,e-mail\n1,Ana Souza,ana@souza.br\n", preset="people", source="shop")
    ana = Customer.objects.get()
    edit(ana, by=ada, name="Bea Lima")

    done = split_customer(ana.pk, [], profile_ids=[profile_of(ana).pk], by=ada, now=NOW)

    assert done.apart_ids == (ana.pk,)
    assert profile_of(Customer.objects.get(pk=done.customer_id)).source.name == "staff"
    with pytest.raises(UnableToUndo, match="Ada has edited 1"):
        take_back(job)


def test_whoever_is_restricted_stays_so_in_every_part(ada) -> None:
    ana = person("Ana Souza")
    restrict_processing(ana, ground="disputed", by=ada, now=NOW)
    edit(ana, by=ada, city="Leeds")

    done = split_customer(ana.pk, [], profile_ids=[profile_of(ana, source="staff").pk], by=ada, now=NOW)

    assert restricted_ids() == sorted([ana.pk, *done.apart_ids])


def test_whoever_was_kept_apart_from_a_customer_is_from_each_part_of_it(ada) -> None:
    ana, bea = person("Ana Souza"), person("Bea Lima", source="till", phone="+442079460958")
    edit(ana, by=ada, phone="+442079460958")
    keep_apart(ana.pk, bea.pk, by=ada, now=NOW)

    done = split_customer(ana.pk, [], profile_ids=[profile_of(ana, source="staff").pk], by=ada, now=NOW)

    assert NeverPair.objects.count() == 3
    look()
    assert len({current(bea), ana.pk, *done.apart_ids}) == 3


def test_those_who_stay_stay_one_when_the_one_between_them_goes(ada) -> None:
    ana, bea, cia = person("Ana"), person("Bea", source="till"), person("Cia", source="news")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    merge_customers(ana.pk, [cia.pk], by=ada, now=NOW)

    done = split_customer(ana.pk, [ana.pk], by=ada, now=NOW)

    assert one(bea, cia)
    assert current(ana) == ana.pk
    assert (done.customer_id, done.apart_ids) == (current(bea), (ana.pk,))


def test_everything_that_staff_wrote_can_go_to_the_other_side(ada, joined) -> None:
    ana, bea = joined
    other = person("Rui Lima", source="crm")
    logged = log_interaction(ana, kind="call", text="Hello", by=ada, now=LATER)
    task = make_task("Call back", by=ada, on=ana, now=LATER)
    on_task = make_comment("Twice", by=ada, on=record_of_task(task, by=ada))
    comment, file = make_comment("Hm", by=ada, on=ana), make_file(by=ada, on=ana)
    point = add_contact_point(ana, "email", {"value": "more@lima.pt"}, by=ada, now=LATER)
    tie = add_relationship(fresh(ana), other, "household", by=ada, now=LATER)
    order = an_order(ana, by=ada)
    record_consent(fresh(ana), "newsletter", "email", "granted", by=ada, now=LATER, origin="call")
    groups = [group.name for group in written_since(ana.pk, EVER, user=ada)]
    assert len(groups) == 8

    split_customer(ana.pk, [bea.pk], by=ada, now=LATER, given=[every(name, bea) for name in groups])

    for each in (logged, task, on_task, comment, file, point, order):
        each.refresh_from_db()
        assert each.customer_id == bea.pk, each
    assert Relationship.objects.get(pk=tie.pk).from_customer_id == bea.pk
    assert may_contact(bea.pk, "newsletter", "email", now=LATER)
    assert not may_contact(ana.pk, "newsletter", "email", now=LATER)
    assert set(Touchpoint.objects.values_list("customer_id", flat=True)) == {bea.pk}
    assert rows("customers_identifier", where=f"value_norm = 'more@lima.pt' and customer_id = {bea.pk}")
    assert (
        not Profile.objects.filter(customer=ana, source__name="staff").exclude(pk=profile_of(ana).pk).filter(city="x")
    )


def record_of_task(task: Any, *, by: Any) -> Any:
    from rapport.records.record_kinds import find_record

    return find_record(by, "task", task.public_id)


def an_order(customer: Customer, *, by: Any) -> Order:
    from decimal import Decimal

    new = NewOrder("desk", "D1", "sale", "store", "GBP", LATER, [Line("Tea", Decimal(1), 10**6)], customer.pk)
    return place_order(new, by=by, now=LATER)


def test_a_withdrawal_holds_where_it_was_written_whatever_is_chosen(ada, joined) -> None:
    ana, bea = joined
    record_consent(ana, "newsletter", "email", "withdrawn", by=ada, now=LATER, origin="call")

    split_customer(ana.pk, [bea.pk], by=ada, now=LATER, given=[every("customers_consent.profile_id", bea)])

    assert rows("customers_consent", where=f"customer_id = {ana.pk} and status = 'withdrawn'")


def test_what_came_before_the_merge_is_not_asked_about(ada) -> None:
    ana, bea = person("Ana"), person("Bea", source="till")
    before = log_interaction(ana, kind="call", text="Before", by=ada, now=NOW)
    merge_customers(ana.pk, [bea.pk], by=ada, now=LATER)
    log_interaction(ana, kind="call", text="After", by=ada, now=LATER)

    (group,) = written_since(ana.pk, LATER, user=ada)

    assert [row.text for row in group.rows] == ["After"]
    split_customer(
        ana.pk, [bea.pk], by=ada, now=LATER, given=[every("customers_interaction.profile_id", bea)]
    )  # fmt: skip
    assert Interaction.objects.get(pk=before.pk).customer_id == ana.pk
    assert Interaction.objects.get(text="After").customer_id == bea.pk


def said(profile: Profile, unit: str, to: Customer) -> HandOver:
    return HandOver("said", profile_of(to).pk, (f"{key_of(profile)}.{unit}",))


def test_what_staff_said_since_goes_to_the_other_side_and_this_one_is_as_it_was_to_the_row(ada) -> None:
    ana, bea = person("Ana Souza"), person("Bea Lima", source="till", city="York")
    edit(ana, by=ada, job_title="Buyer", city="Hull")
    before = rows("customers_profile", where=f"customer_id = {ana.pk}")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    edit(ana, by=ada, job_title="Seller", city="Leeds", phone="+442079460958")
    staff = profile_of(ana, source="staff")
    assert SaidBefore.objects.get().profile_id == staff.pk

    given = [said(staff, unit, bea) for unit in ("job_title", "address", "phone")]
    split_customer(ana.pk, [bea.pk], by=ada, now=LATER, given=given)

    ana, bea = fresh(ana), fresh(bea)
    assert (ana.job_title, ana.city, ana.phone) == ("Buyer", "Hull", None)
    assert (bea.job_title, bea.city, bea.phone) == ("Seller", "Leeds", "+442079460958")
    assert rows("customers_profile", where=f"customer_id = {ana.pk}") == before
    assert not SaidBefore.objects.exists()


def test_a_word_of_staff_that_had_said_nothing_leaves_nothing_behind(ada, joined) -> None:
    ana, bea = joined
    before = rows("customers_profile", where=f"id = {profile_of(ana).pk}")
    edit(ana, by=ada, city="Leeds")

    given = [said(profile_of(ana, source="staff"), "address", bea)]
    split_customer(ana.pk, [bea.pk], by=ada, now=LATER, given=given)

    assert rows("customers_profile", where=f"customer_id = {ana.pk}") == before
    assert (fresh(ana).city, fresh(bea).city) == (None, "Leeds")


def test_what_was_taken_back_meanwhile_can_be_given_back(ada) -> None:
    ana, bea = person("Ana Souza", city="Hull"), person("Bea Lima", source="till")
    edit(ana, by=ada, city="Leeds")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    take_back_staff_value(fresh(ana), "city", by=ada, now=LATER)

    split_customer(ana.pk, [bea.pk], by=ada, now=LATER, given=[said(profile_of(ana, source="staff"), "address", bea)])

    assert (fresh(ana).city, fresh(bea).city) == ("Leeds", None)


def test_nothing_is_remembered_of_those_who_are_alone(ada, joined) -> None:
    ana, bea = joined
    split_customer(ana.pk, [bea.pk], by=ada, now=NOW)
    edit(ana, by=ada, city="Leeds")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)

    assert SaidBefore.objects.get().said["city"] == "Leeds"


def test_the_page_lists_what_can_be_chosen_and_where_it_stands(ada, as_user, joined) -> None:
    ana, bea = joined
    logged = log_interaction(ana, kind="call", text="About the till", by=ada, now=LATER)
    edit(ana, by=ada, city="Leeds")
    client, path = as_user(ada), reverse("customer_split", args=[ana.public_id])
    before = row_hashes()

    page = client.get(path, {"out": bea.public_id}).content.decode()

    assert "About the till" in page
    assert "Address: Leeds" in page
    assert "Where it was written: Shop Ana Souza" in page
    assert row_hashes() == before
    staff = profile_of(ana, source="staff")
    body = {
        "out": str(bea.public_id),
        f"row-customers_interaction.profile_id-{logged.public_id}": str(bea.public_id),
        f"row-said-{key_of(staff)}.address": str(bea.public_id),
    }
    assert client.post(path, body).status_code == 302
    assert (fresh(ana).city, fresh(bea).city) == (None, "Leeds")
    assert Interaction.objects.get().customer_id == bea.pk


def test_a_profile_is_taken_out_on_the_page(ada, as_user) -> None:
    ana = person("Ana Souza")
    edit(ana, by=ada, name="Bea Lima")
    client, path = as_user(ada), reverse("customer_split", args=[ana.public_id])
    staff = profile_of(ana, source="staff")

    page = client.get(path, {"out": key_of(staff)}).content.decode()

    assert "came for the same customer" in page
    assert "2 customers" in page
    client.post(path, {"out": key_of(staff)})
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["Ana Souza", "Bea Lima"]


def test_ten_thousand_notes_do_not_break_the_page(ada, as_user, joined) -> None:
    ana, bea = joined
    first = log_interaction(ana, kind="note", text="Note 0", by=ada, now=LATER)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_interaction"
            " (public_id, customer_id, profile_id, kind, text, occurred_at, logged_at, logged_by_id)"
            " select gen_random_uuid(), customer_id, profile_id, kind, 'Note ' || n, occurred_at, logged_at, logged_by_id"
            " from customers_interaction, generate_series(1, 9999) n where id = %s",
            [first.pk],
        )
    client, path = as_user(ada), reverse("customer_split", args=[ana.public_id])

    page = client.get(path, {"out": bea.public_id}).content.decode()

    assert page.count("<select") == 51
    assert "10,000" in page or "10000" in page
    newest = Interaction.objects.order_by("-pk")[0]
    name = "customers_interaction.profile_id"
    answer = client.post(
        path,
        {
            "out": str(bea.public_id),
            f"all-{name}": str(bea.public_id),
            f"row-{name}-{newest.public_id}": str(ana.public_id),
        },
    )
    assert answer.status_code == 302
    assert Interaction.objects.filter(customer=bea).count() == 9_999
    assert Interaction.objects.get(customer=ana).pk == newest.pk


def test_who_may_not_see_orders_is_not_shown_them(ada, alice, as_user) -> None:
    ana, bea = person("Ana Souza", owner=alice), person("Bea Lima", source="till", owner=alice)
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    an_order(ana, by=ada)
    hidden = person("Cia Reis", source="crm", owner=ada)
    add_relationship(fresh(ana), hidden, "household", by=ada, now=LATER)
    path = reverse("customer_split", args=[ana.public_id])

    assert "D1" in without_tokens(as_user(ada).get(path, {"out": bea.public_id}))
    with acting(SYSTEM):
        alice.role.rights = [right for right in alice.role.rights if right != "commerce.view"]
        alice.role.save()
    page = without_tokens(as_user(alice).get(path, {"out": bea.public_id}))

    assert "D1" not in page
    assert "Cia Reis" not in page
    assert "lives with" not in page
    assert ContactPoint.objects.count() == 0


def test_choices_that_make_no_sense_change_nothing(ada, joined) -> None:
    ana, bea = joined
    log_interaction(ana, kind="note", text="Hello", by=ada, now=LATER)
    stranger = person("Rui", source="crm")

    split_customer(
        ana.pk, [bea.pk], by=ada, now=LATER,
        given=[every("customers_interaction.profile_id", stranger), HandOver("nothing", profile_of(bea).pk, is_every=True),
               HandOver("said", profile_of(bea).pk, ("nonsense",))],
    )  # fmt: skip

    assert Interaction.objects.get().customer_id == ana.pk


def test_a_touchpoint_stays_with_the_profile_it_came_for(ada, joined) -> None:
    ana, bea = joined
    touch(ana)

    split_customer(ana.pk, [bea.pk], by=ada, now=NOW)

    assert Touchpoint.objects.get().customer_id == profile_of(ana).customer_id


def test_a_merge_that_is_taken_back_asks_whose_is_what_staff_wrote_meanwhile(ada, as_user, joined) -> None:
    ana, bea = joined
    logged = log_interaction(ana, kind="call", text="About the till", by=ada, now=LATER)
    client, path = as_user(ada), reverse("merge_undo", args=[Link.objects.get().public_id])

    assert client.post(path)["Location"] == path
    assert one(ana, bea)
    page = client.get(path).content.decode()
    assert "About the till" in page
    assert "2 customers" in page
    name = f"row-customers_interaction.profile_id-{logged.public_id}"
    client.post(path, {"chosen": "yes", name: str(bea.public_id)})

    assert not one(ana, bea)
    assert Interaction.objects.get().customer_id == bea.pk
    assert client.get(path).status_code == 302


def test_of_those_who_stay_the_page_of_an_owned_customer_goes_on(ada) -> None:
    ana, bea = person("Ana"), person("Bea", source="till")
    cia = person("Cia", source="news", owner=ada)
    merge_customers(ana.pk, [bea.pk, cia.pk], by=ada, now=NOW)

    done = split_customer(ana.pk, [ana.pk], by=ada, now=NOW)

    assert (done.customer_id, current(bea)) == (cia.pk, cia.pk)
