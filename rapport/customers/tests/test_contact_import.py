"""Further e-mail addresses, numbers and postal addresses come in from files, and go again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import ContactPoint, Customer, Identifier
from rapport.customers.survivorship.deriving import derive_customers
from rapport.records.imports.importing import find_importer
from rapport.records.imports.planning import recognize
from rapport.records.imports.undoing import UnableToUndo
from tests.import_files import import_text, undo
from tests.row_hashes import row_hashes

pytestmark = pytest.mark.usefixtures("db", "home")

FILE = (
    "id,name,email,email - home,phone,mobile,billing street,billing city,billing country,street,city,country\n"
    "1,Ann Kade,ann@kade.example,Ann@Home.example,+442079460958,+44 7700 900123,Ring 1,Köln,Germany,1 High St,Leeds,GB\n"
    "2,Bo,bo@kade.example,,,,,,,,,\n"
)


def people(text: str, **answers: Any) -> Any:
    return import_text(text, preset="people", **answers)


def points_of(name: str) -> set[tuple[str, str, str]]:
    return set(ContactPoint.objects.filter(customer__name=name).values_list("kind", "label", "value"))


def found_by(text: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select name from customers_customer where search @@ search_query(%s)", [text])
        return {row[0] for row in cursor.fetchall()}


def test_further_columns_become_contact_points_with_their_labels() -> None:
    job = people(FILE)

    assert points_of("Ann Kade") == {
        ("email", "home", "Ann@Home.example"),
        ("phone", "mobile", "+447700900123"),
        ("address", "billing", "Ring 1, Köln, DE"),
    }
    assert points_of("Bo") == set()
    billing = ContactPoint.objects.get(kind="address")
    assert (billing.street, billing.city, billing.country, billing.import_id) == ("Ring 1", "Köln", "DE", job.pk)
    ann = Customer.objects.get(name="Ann Kade")
    assert (ann.email, ann.phone, ann.street) == ("ann@kade.example", "+442079460958", "1 High St")


def test_further_contacts_identify_and_are_found_by_search() -> None:
    people(FILE)

    ann = Customer.objects.get(name="Ann Kade")
    assert set(Identifier.objects.filter(customer=ann).values_list("kind", "value_norm")) == {
        (1, "ann@kade.example"),
        (1, "ann@home.example"),
        (2, "+442079460958"),
        (2, "+447700900123"),
    }
    assert found_by("ann@home.example") == {"Ann Kade"}
    assert found_by("900123") == {"Ann Kade"}


def test_deriving_again_finds_the_same_words_as_the_import() -> None:
    people(FILE)
    before = row_hashes()

    with acting(SYSTEM):
        derive_customers(list(Customer.objects.values_list("pk", flat=True)))

    assert row_hashes() == before


def test_words_of_uncommon_scripts_are_left_to_the_database_and_found_too() -> None:
    people("id,name,email,email 2\n1,Ελένη Παπαδοπούλου,eleni@one.example,eleni@two.example\n")

    assert found_by("eleni@two.example") == {"Ελένη Παπαδοπούλου"}


def test_what_is_missing_as_a_first_one_moves_up() -> None:
    people(
        "id,name,mobile phone,work phone,email - home,billing street,billing city\n"
        "1,Ann,+447700900123,+442079460958,a@h.example,Ring 1,Bonn\n"
    )

    ann = Customer.objects.get(name="Ann")
    assert (ann.phone, ann.email, ann.street, ann.city) == ("+447700900123", "a@h.example", "Ring 1", "Bonn")
    assert points_of("Ann") == {("phone", "work", "+442079460958")}


def test_a_value_that_is_there_already_is_not_a_further_one() -> None:
    people("id,name,email,email 2,phone,mobile\n1,Ann,a@b.example,A@B.example,+442079460958,+44 (0)20 7946 0958\n")

    assert points_of("Ann") == set()


def test_the_same_file_twice_changes_nothing() -> None:
    people(FILE)
    before = row_hashes()

    job = people(FILE)

    assert row_hashes() == before
    assert job.counts["phases"]["people"]["same"] == 2


def test_undo_removes_the_contact_points_an_import_brought() -> None:
    before = row_hashes()
    job = people(FILE)

    undo(job)

    assert row_hashes() == before


def test_a_changed_contact_point_is_put_back_exactly() -> None:
    people(FILE)
    before = row_hashes()

    job = people(
        FILE.replace("Ann@Home.example", "ann@new.example").replace(
            "bo@kade.example,", "bo@kade.example,bo@home.example"
        )
    )

    assert ("email", "home", "ann@new.example") in points_of("Ann Kade")
    assert points_of("Bo") == {("email", "home", "bo@home.example")}
    assert job.counts["phases"]["people"]["changed"] == 2
    assert found_by("ann@home.example") == set()
    assert found_by("ann@new.example") == {"Ann Kade"}
    assert not Identifier.objects.filter(value_norm="ann@home.example").exists()
    undo(job)
    assert row_hashes() == before


def test_a_file_without_such_columns_leaves_contact_points_and_their_identifiers() -> None:
    people(FILE)
    before = points_of("Ann Kade")

    people("id,name,email\n1,Ann Kade,ann@other.example\n")

    assert points_of("Ann Kade") == before
    assert set(Identifier.objects.filter(kind=1, customer__name="Ann Kade").values_list("value_norm", flat=True)) == {
        "ann@other.example",
        "ann@home.example",
    }


def test_a_contact_point_edited_by_hand_since_holds_up_the_undo() -> None:
    job = people(FILE)
    with acting(SYSTEM):
        ContactPoint.objects.filter(kind="phone").update(label="work")

    with pytest.raises(UnableToUndo, match="addresses and numbers"):
        undo(job)


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (
            "Person - Name;Person - Email - Work;Person - Email - Home;Person - Phone - Work;Person - Phone - Mobile",
            ["name", "email", "email_home", "phone", "phone_mobile"],
        ),
        (
            "Id;LastName;Email;Phone;MobilePhone;MailingStreet;MailingCity;OtherStreet;OtherCity",
            ["external_id", "family_name", "email", "phone", "phone_mobile", "street", "city", "other_street", "other_city"],
        ),
        (
            "Account Name;Billing Street;Billing Zip/Postal Code;Billing City;Shipping Street;Shipping City",
            ["organization", "billing_street", "billing_postal_code", "billing_city", "delivery_street", "delivery_city"],
        ),
    ],
)  # fmt: skip
def test_columns_of_other_systems_are_recognized(headers: str, columns: list[str]) -> None:
    names = headers.split(";")

    found = recognize(find_importer("people"), names)

    assert {names[place]: column for column, place in found.items()} == dict(zip(names, columns, strict=True))
