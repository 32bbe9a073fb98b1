"""All the ways to reach a customer: shown with their source, added, changed, removed, put first."""

from __future__ import annotations

import re
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from rapport.audit.models import AuditEvent
from rapport.customers.contact_points.actions import (
    PointExists,
    add_contact_point,
    change_contact_point,
    make_first,
    remove_contact_point,
    set_contact_points,
)
from rapport.customers.contact_points.reading import points_of, said_of, ways_of
from rapport.customers.models import ContactPoint, Customer, Identifier
from rapport.customers.queries import profiles_of
from rapport.customers.tests.world import add_profile, make_customer
from rapport.records.custom_fields.actions import save_layout
from tests.world import NOW


@pytest.fixture
def ann(alice: Any) -> Customer:
    customer = make_customer("Ann Kade", owner=alice, email="ann@kade.example", phone="+442079460958")
    add_profile(
        customer,
        source="till",
        priority=200,
        external_id="7",
        email="ann@old.example",
        street="Ring 1",
        city="Bonn",
        country="DE",
    )
    return customer


def page(name: str, *arguments: Any) -> str:
    return reverse(name, args=arguments)


def ways(customer: Customer) -> list[tuple[str, str, bool]]:
    customer.refresh_from_db()
    found = ways_of(customer, profiles_of(customer), points_of(customer), files={})
    return [(way.kind, way.lines[0], way.is_first) for way in found]


def identifiers(customer: Customer) -> set[str]:
    return set(Identifier.objects.filter(customer=customer).values_list("value_norm", flat=True))


def found_by(text: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from customers_customer where search @@ search_query(%s)", [text])
        return bool(cursor.fetchone()[0])


def fold(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_page_lists_every_way_with_its_source_and_the_first_one_marked(
    ann: Customer, alice: Any, as_user: Any
) -> None:
    add_contact_point(ann, "phone", {"value": "+44 (0)20 7946 0000", "label": "work"}, by=alice, now=NOW)

    text = fold(as_user(alice).get(page("customer_contacts", ann.public_id)))
    details = fold(as_user(alice).get(page("customer", ann.public_id)))

    assert ways(ann) == [
        ("email", "ann@kade.example", True),
        ("email", "ann@old.example", False),
        ("phone", "+44 20 7946 0958", True),
        ("phone", "+44 20 7946 0000", False),
        ("address", "Ring 1", True),
    ]
    assert text.count(">first<") == 3
    assert "Till" in text
    assert 'lang="de"' in text
    assert "Also reached by" in details
    assert "ann@old.example" in details
    assert "Stated besides the first one" in details


def test_a_way_is_added_normalized_identified_and_found(ann: Customer, alice: Any, as_user: Any) -> None:
    saved = as_user(alice).post(
        page("customer_contact_add", ann.public_id, "email"), {"value": "Ann@Home.example", "label": "home"}
    )

    assert saved.status_code == 302
    point = ContactPoint.objects.get()
    assert (point.value, point.value_norm, point.label, point.profile.source.name) == (
        "Ann@Home.example", "ann@home.example", "home", "staff",
    )  # fmt: skip
    assert "ann@home.example" in identifiers(ann)
    assert found_by("ann@home.example")
    assert AuditEvent.objects.filter(
        table_name="customers_contactpoint", operation="insert", actor_label="Alice"
    ).exists()


def test_a_way_that_is_known_already_is_refused(ann: Customer, alice: Any, as_user: Any) -> None:
    refused = as_user(alice).post(
        page("customer_contact_add", ann.public_id, "email"), {"value": "ANN@old.example", "label": ""}
    )

    assert refused.status_code == 422
    assert "reached this way already" in refused.content.decode()
    assert not ContactPoint.objects.exists()


def test_bad_input_is_refused(ann: Customer, alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    assert client.post(page("customer_contact_add", ann.public_id, "email"), {"value": "no"}).status_code == 422
    assert client.post(page("customer_contact_add", ann.public_id, "phone"), {"value": "call me"}).status_code == 422
    assert client.post(page("customer_contact_add", ann.public_id, "address"), {"country": "GB"}).status_code == 422
    assert (
        client.post(
            page("customer_contact_add", ann.public_id, "address"), {"city": "X", "country": "Narnia"}
        ).status_code
        == 422
    )
    assert client.get(page("customer_contact_add", ann.public_id, "pigeon")).status_code == 404
    assert not ContactPoint.objects.exists()


def test_a_way_is_changed_and_removed(ann: Customer, alice: Any, as_user: Any) -> None:
    point = add_contact_point(ann, "email", {"value": "a@b.example", "label": "home"}, by=alice, now=NOW)
    client = as_user(alice)
    url = page("contact_point", point.public_id)

    form = client.get(url).content.decode()
    saved = client.post(
        url, {"value": "c@d.example", "label": "work", "initial-value": "a@b.example", "initial-label": "home"}
    )

    assert 'name="initial-value" value="a@b.example"' in form
    assert saved.status_code == 302
    point.refresh_from_db()
    assert (point.value, point.label) == ("c@d.example", "work")
    assert "c@d.example" in identifiers(ann)
    assert "a@b.example" not in identifiers(ann)
    assert not found_by("a@b.example")

    client.post(page("contact_point_remove", point.public_id))

    assert not ContactPoint.objects.exists()
    assert "c@d.example" not in identifiers(ann)
    assert not found_by("c@d.example")


def test_a_late_change_shows_what_is_saved_and_keeps_it(ann: Customer, alice: Any, bob: Any, as_user: Any) -> None:
    point = add_contact_point(ann, "email", {"value": "a@b.example", "label": "home"}, by=alice, now=NOW)
    url = page("contact_point", point.public_id)
    opened = {"initial-value": "a@b.example", "initial-label": "home"}
    as_user(bob).post(url, {"value": "bob@b.example", "label": "home", **opened})

    late = as_user(alice).post(url, {"value": "alice@b.example", "label": "home", **opened})

    assert late.status_code == 409
    assert "bob@b.example" in late.content.decode()
    assert 'value="alice@b.example"' in late.content.decode()
    point.refresh_from_db()
    assert point.value == "bob@b.example"
    again = as_user(alice).post(
        url, {"value": "alice@b.example", "label": "home", "initial-value": "bob@b.example", "initial-label": "home"}
    )
    assert again.status_code == 302
    point.refresh_from_db()
    assert point.value == "alice@b.example"


def test_the_first_one_can_be_chosen_and_what_was_first_before_stays_a_way(
    ann: Customer, alice: Any, as_user: Any
) -> None:
    add_contact_point(ann, "email", {"value": "a@b.example", "label": "home"}, by=alice, now=NOW)
    client = as_user(alice)
    text = client.get(page("customer_contacts", ann.public_id)).content.decode()
    keys = re.findall(r'name="way" value="([0-9a-f]+)"', text)

    for key in keys[:2]:
        assert client.post(page("customer_contact_first", ann.public_id), {"way": key}).status_code == 302

    assert {way for way in ways(ann) if way[0] == "email"} == {
        ("email", "a@b.example", True),
        ("email", "ann@kade.example", False),
        ("email", "ann@old.example", False),
    }
    assert {"a@b.example", "ann@old.example"} <= identifiers(ann)
    assert found_by("ann@kade.example")


def test_an_address_comes_first_as_a_whole(ann: Customer, alice: Any) -> None:
    point = add_contact_point(
        ann,
        "address",
        {"street": "1 High St", "city": "Leeds", "postal_code": "LS1", "label": "billing"},
        by=alice,
        now=NOW,
    )
    key = next(w.key for w in ways_of(ann, profiles_of(ann), [point], files={}) if w.point)

    make_first(ann, key, by=alice, now=NOW)

    ann.refresh_from_db()
    assert (ann.street, ann.postal_code, ann.city, ann.country) == ("1 High St", "LS1", "Leeds", None)
    assert ("address", "Ring 1", False) in ways(ann)


def test_an_unknown_way_cannot_come_first(ann: Customer, alice: Any, as_user: Any) -> None:
    assert as_user(alice).post(page("customer_contact_first", ann.public_id), {"way": "none"}).status_code == 404


def test_all_ways_that_staff_state_can_be_set_at_once(ann: Customer, alice: Any) -> None:
    set_contact_points(ann, [{"kind": "email", "value": "a@b.example", "label": "home"}], by=alice, now=NOW)
    set_contact_points(
        ann,
        [
            {"kind": "phone", "value": "+44 7700 900123", "label": "mobile"},
            {"kind": "address", "label": "billing", "city": "Bonn"},
        ],
        by=alice,
        now=NOW,
    )

    assert set(ContactPoint.objects.values_list("kind", "value")) == {("phone", "+447700900123"), ("address", "Bonn")}
    assert "a@b.example" not in identifiers(ann)


def test_strangers_and_readers_change_nothing(ann: Customer, alice: Any, charlie: Any, rita: Any, as_user: Any) -> None:
    point = add_contact_point(ann, "email", {"value": "a@b.example", "label": "home"}, by=alice, now=NOW)

    for name, argument in (("customer_contacts", ann), ("customer_vcard", ann)):
        assert as_user(charlie).get(page(name, argument.public_id)).status_code == 404
        assert as_user(rita).get(page(name, argument.public_id)).status_code == 200
    assert as_user(charlie).get(page("contact_point", point.public_id)).status_code == 404
    assert as_user(rita).get(page("contact_point", point.public_id)).status_code == 403
    assert as_user(charlie).post(page("contact_point_remove", point.public_id)).status_code == 404
    assert as_user(rita).post(page("customer_contact_first", ann.public_id), {"way": "x"}).status_code == 403
    assert "Make it the first" not in as_user(rita).get(page("customer_contacts", ann.public_id)).content.decode()
    assert ContactPoint.objects.filter(value="a@b.example").exists()


def test_what_a_role_does_not_see_is_in_no_way_and_on_no_card(ann: Customer, alice: Any, as_user: Any) -> None:
    point = add_contact_point(ann, "phone", {"value": "+44 7700 900123", "label": "mobile"}, by=alice, now=NOW)
    save_layout(
        alice.role,
        "customer",
        hidden=["phone"],
        ordering=(),
        columns=None,
        hidden_panels=(),
        panel_ordering=(),
        by=alice,
    )
    client = as_user(alice)

    for url in (
        page("customer_contacts", ann.public_id),
        page("customer", ann.public_id),
        page("customer_vcard", ann.public_id),
    ):
        text = client.get(url).content.decode()
        assert "7946 0958" not in text
        assert "79460958" not in text
        assert "900123" not in text
        assert "ann@kade.example" in text
    assert client.get(page("contact_point", point.public_id)).status_code == 404
    assert client.post(page("contact_point_remove", point.public_id)).status_code == 404
    assert client.get(page("customer_contact_add", ann.public_id, "phone")).status_code == 404


def test_what_is_the_only_one_comes_first_and_goes_as_a_whole(alice: Any, as_user: Any) -> None:
    bo = make_customer("Bo", owner=alice)
    point = add_contact_point(bo, "phone", {"value": "+44 7700 900123", "label": "mobile"}, by=alice, now=NOW)
    address = {"street": "1 High St", "city": "Leeds", "label": "billing"}
    home = add_contact_point(bo, "address", address, by=alice, now=NOW)
    client = as_user(alice)

    assert ways(bo) == [("phone", "+44 7700 900123", True), ("address", "1 High St", True)]
    opened = {"initial-value": "+447700900123", "initial-label": "mobile"}
    client.post(page("contact_point", point.public_id), {"value": "+44 7700 900999", "label": "mobile", **opened})
    assert ways(bo)[0] == ("phone", "+44 7700 900999", True)
    assert bo.phone == "+447700900999"

    client.post(page("contact_point_remove", point.public_id))
    client.post(page("contact_point_remove", home.public_id))

    assert ways(bo) == []
    assert (bo.phone, bo.street, bo.city) == (None, None, None)


def test_the_page_of_all_ways_reads_as_little_for_many(
    ann: Customer, alice: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    emails = [{"kind": "email", "value": f"ann{number}@home.example", "label": "home"} for number in range(30)]
    set_contact_points(ann, emails, by=alice, now=NOW)
    client = as_user(alice)
    client.get(page("customer_contacts", ann.public_id))

    with django_assert_max_num_queries(16):
        client.get(page("customer_contacts", ann.public_id))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_identifiers_and_search_say_what_the_ways_say(seed: int, ann: Customer, alice: Any) -> None:
    dice = Random(seed)

    for _step in range(25):
        points = points_of(ann)
        value = f"a{dice.randrange(6)}@home.example"
        with suppress(PointExists):
            match dice.randrange(4):
                case 0:
                    add_contact_point(ann, "email", {"value": value, "label": "home"}, by=alice, now=NOW)
                case 1 if points:
                    point = dice.choice(points)
                    change_contact_point(
                        point, {"value": value, "label": "work"}, opened=said_of(point), by=alice, now=NOW
                    )
                case 2 if points:
                    remove_contact_point(dice.choice(points), by=alice, now=NOW)
                case _:
                    ann.refresh_from_db()
                    found = [w for w in ways_of(ann, profiles_of(ann), points, files={}) if w.kind == "email"]
                    make_first(ann, dice.choice(found).key, by=alice, now=NOW)
        _check(ann)


def _check(customer: Customer) -> None:
    """The first is the golden value, no way is stated twice, and staff's identifiers are those of staff's ways."""
    customer.refresh_from_db()
    profiles = profiles_of(customer)
    emails = [w for w in ways_of(customer, profiles, points_of(customer), files={}) if w.kind == "email"]
    staffs = {w.value for w in emails for p in w.profiles if p.source.name == "staff"}
    assert [w.value for w in emails if w.is_first] == [customer.email]
    assert len({w.key for w in emails}) == len(emails)
    known = Identifier.objects.filter(customer=customer, kind=1, profile__source__name="staff")
    assert set(known.values_list("value_norm", flat=True)) == staffs
    for number in range(6):
        value = f"a{number}@home.example"
        assert found_by(value) is any(w.value == value for w in emails)
