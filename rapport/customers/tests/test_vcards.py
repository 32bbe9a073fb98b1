"""vCards in and out: the versions, their folding and escaping, what is known of a customer."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from rapport.core.acting import SYSTEM
from rapport.customers.contact_points.actions import set_contact_points
from rapport.customers.imports.vcard_reading import VCardRefused, is_vcard, read_cards, row_of, vcards_as_csv
from rapport.customers.models import ContactPoint, Customer
from rapport.customers.tests.world import make_customer
from rapport.customers.vcard_writing import _folded, _text
from rapport.records.imports.actions import MOST_BYTES, answer_import, begin_import, start_import
from rapport.records.imports.converting import take_in
from rapport.records.imports.running import run_import
from tests.import_files import undo
from tests.row_hashes import row_hashes
from tests.world import NOW

THREE = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:ann-1\r\nN:Kade;Ann;;;\r\nFN:Ann Kade\r\nORG:Kade\\, Sons\\; Co;Sales\r\nTITLE:Buyer\r\n"
    "EMAIL;TYPE=INTERNET,WORK:ann@kade.example\r\nEMAIL;TYPE=INTERNET,HOME,PREF:ann@home.example\r\n"
    "item1.TEL;TYPE=CELL:+44 7700 900123\r\nTEL;TYPE=WORK,VOICE:020 7946 0958\r\n"
    "ADR;TYPE=WORK:;;1 High\r\n  Street;Leeds;West Yorkshire;LS1 1AA;United Kingdom\r\n"
    "ADR;TYPE=HOME:;;Ring 1;Bonn;;53111;Germany\r\n"
    "BDAY:1984-03-09\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n SkZJRg==\r\nEND:VCARD\r\n"
)
FOUR = (
    "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\nKIND:individual\nFN:김민수\nN:김;민수;;;\n"
    'TEL;VALUE=uri;PREF=2;TYPE="voice,home":tel:+82-2-555-0100;ext=5\nTEL;VALUE=uri;PREF=1;TYPE="cell":tel:+82-10-1234-5678\n'
    "EMAIL:min@example.kr\nBDAY:--0203\nLANG:ko\nNOTE:one\\nline\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:4.0\nKIND:org\nFN:Kade Ltd\nORG:Kade Ltd\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Friends\nMEMBER:urn:uuid:1\nEND:VCARD\n"
)
OLD = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=\r\n=BCrgen\r\n"
    "FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=FCrgen M=FCller\r\nTEL;CELL;PREF:0171 2345678\r\nTEL;HOME;FAX:0228 1\r\n"
    "END:VCARD\r\n"
)


def rows(text: str) -> list[dict[str, str]]:
    return [{name: value for name, value in row_of(card).items() if value} for card in read_cards(text)]


def test_a_card_of_version_3_is_read() -> None:
    assert rows(THREE) == [
        {
            "external_id": "ann-1",
            "name": "Ann Kade",
            "given_name": "Ann",
            "family_name": "Kade",
            "organization": "Kade, Sons; Co",
            "job_title": "Buyer",
            "email": "ann@home.example",
            "email_work": "ann@kade.example",
            "phone": "+44 7700 900123",
            "phone_work": "020 7946 0958",
            "street": "1 High Street",
            "city": "Leeds",
            "region": "West Yorkshire",
            "postal_code": "LS1 1AA",
            "country": "United Kingdom",
            "home_street": "Ring 1",
            "home_city": "Bonn",
            "home_postal_code": "53111",
            "home_country": "Germany",
            "born_on": "1984-03-09",
        }
    ]


def test_cards_of_version_4_are_read_and_groups_left_out() -> None:
    first, second = rows(FOUR)

    assert first == {
        "external_id": "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "name": "김민수",
        "given_name": "민수",
        "family_name": "김",
        "email": "min@example.kr",
        "phone": "+82-10-1234-5678",
        "phone_home": "+82-2-555-0100",
        "language": "ko",
    }
    assert (second["kind"], second["name"]) == ("organization", "Kade Ltd")
    assert second["external_id"].startswith("card-")


def test_quoted_printable_and_charsets_of_version_2_are_read() -> None:
    (row,) = rows(OLD)

    assert (row["name"], row["family_name"], row["given_name"]) == ("Jürgen Müller", "Müller", "Jürgen")
    assert (row["phone"], row["phone_fax"]) == ("0171 2345678", "0228 1")


@pytest.mark.parametrize(
    ("text", "line"),
    [("BEGIN:VCARD\nFN:A\n", 1), ("FN:A\nEND:VCARD\n", 1), ("BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\n;;\n", 5)],
)
def test_what_is_no_card_is_refused_by_line(text: str, line: int) -> None:
    with pytest.raises(VCardRefused) as refusal:
        list(read_cards(text))

    assert refusal.value.line == line


def test_cards_become_a_file_of_people() -> None:
    content = vcards_as_csv((THREE + FOUR).encode("utf-16"))

    table = list(csv.DictReader(io.StringIO(content.decode())))
    assert [row["name"] for row in table] == ["Ann Kade", "김민수", "Kade Ltd"]
    assert "phone_fax" not in table[0]
    assert is_vcard(THREE.encode("utf-16")[:64])
    assert not is_vcard(b"name,email\n")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_ends_its_line_or_grows_longer_than_allowed(text: str) -> None:
    lines = list(_folded(f"FN:{_text(text)}"))

    assert all(len(line.encode()) <= 75 for line in lines)
    card = "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])
    (found,) = read_cards(card)
    assert [each.name for each in found.properties] == ["FN"]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    for beginning in (b"", b"BEGIN:VCARD\n"):
        try:
            vcards_as_csv(beginning + content)
        except VCardRefused:
            continue


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_a_customer_goes_out_and_comes_in_again(version: str, alice: Any, as_user: Any) -> None:
    customer = make_customer(
        "Ann; Kade, \\ Sons", owner=alice, email="ann@kade.example", phone="+442079460958", organization="Kade",
        street="1 High Street", city="Leeds", postal_code="LS1 1AA", country="GB", born_on="1984-03-09", job_title="Buyer",
    )  # fmt: skip
    points = [
        {"kind": "email", "value": "ann@home.example", "label": "home"},
        {"kind": "phone", "value": "+447700900123", "label": "mobile"},
        {"kind": "address", "street": "Ring 1", "city": "Bonn", "country": "DE", "label": "billing"},
    ]
    set_contact_points(customer, points, by=alice, now=NOW)

    answer = as_user(alice).get(reverse("customer_vcard", args=[customer.public_id]), {"version": version})

    assert answer["Content-Type"] == "text/vcard; charset=utf-8"
    assert answer["Content-Disposition"].endswith('.vcf"')
    text = answer.content.decode()
    assert f"VERSION:{version}\r\n" in text
    (row,) = rows(text)
    assert row == {
        "external_id": f"urn:uuid:{customer.public_id}",
        "name": "Ann; Kade, \\ Sons",
        "family_name": "Ann; Kade, \\ Sons",
        "organization": "Kade",
        "job_title": "Buyer",
        "email": "ann@kade.example",
        "email_home": "ann@home.example",
        "phone": "+442079460958",
        "phone_mobile": "+447700900123",
        "street": "1 High Street",
        "city": "Leeds",
        "postal_code": "LS1 1AA",
        "country": "GB",
        "billing_street": "Ring 1",
        "billing_city": "Bonn",
        "billing_country": "DE",
        "born_on": "1984-03-09",
    }


def bring_in(content: bytes) -> Any:
    stored = take_in([content], at_most=MOST_BYTES)
    job = begin_import(stored, file_name="friends.vcf", by=None, now=NOW)
    start_import(job, answer_import(job, {"source": "phone book"}))
    return run_import(job, by=SYSTEM, report=lambda stage, at: None)


def test_an_address_book_comes_in_twice_and_goes_again(db: Any, home: Any) -> None:
    before = row_hashes()

    job = bring_in((THREE + FOUR + OLD).encode())

    ann = Customer.objects.get(name="Ann Kade")
    assert (ann.email, ann.phone, ann.city, ann.country) == ("ann@home.example", "+447700900123", "Leeds", "GB")
    assert set(ContactPoint.objects.filter(customer=ann).values_list("kind", "label", "value")) == {
        ("email", "work", "ann@kade.example"),
        ("phone", "work", "+442079460958"),
        ("address", "home", "Ring 1, 53111, Bonn, DE"),
    }
    assert Customer.objects.get(name="Kade Ltd").kind == "organization"
    assert Customer.objects.filter(name="Jürgen Müller").exists()
    between = row_hashes()
    again = bring_in((THREE + FOUR + OLD).encode())
    assert again.counts["phases"]["people"]["same"] == 4
    assert row_hashes() == between
    undo(again)
    undo(job)
    assert row_hashes() == before


def test_a_broken_address_book_is_refused_on_the_page(ada: Any, as_user: Any, home: Any) -> None:
    file = SimpleUploadedFile("broken.vcf", b"BEGIN:VCARD\nVERSION:4.0\nFN:A\n")

    answer = as_user(ada).post(reverse("imports"), {"file": file})

    assert answer.status_code == 422
    assert "Line 1: A card begins here and never ends." in answer.content.decode()


def test_an_unknown_version_is_not_found(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)

    assert as_user(alice).get(reverse("customer_vcard", args=[customer.public_id]), {"version": "9"}).status_code == 404


@pytest.mark.parametrize(
    "odd",
    [
        "N:" + "a" * 300_000 + "\\",
        "N:" + "\\;" * 200_000,
        "NOTE;ENCODING=QUOTED-PRINTABLE:" + "=\r\n" * 300_000,
        "NOTE;ENCODING=QUOTED-PRINTABLE:" + "a=\r\n" * 300_000,
        "NOTE:" + "\r\n a" * 300_000,
        "TEL;PREF=" + "9" * 5_000 + ":1",
        "TEL;PREF=²:1",
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=punycode:" + "=C3" * 100_000,
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=utf-7:+2AA-",
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=a\0b:x",
    ],
    ids=lambda text: text[:40],
)
def test_a_card_made_to_do_harm_is_read_at_once(odd: str) -> None:
    content = f"BEGIN:VCARD\r\nFN:Ann\r\n{odd}\r\nEND:VCARD\r\n".encode()

    began = time.process_time()
    read = vcards_as_csv(content)

    assert b"Ann" in read
    assert time.process_time() - began < 20  # what backtracks takes minutes


def test_a_card_cut_off_within_a_letter_is_refused_in_words() -> None:
    with pytest.raises(VCardRefused):
        vcards_as_csv("BEGIN:VCARD\nFN:Ann\nEND:VCARD\n".encode("utf-16") + b"\n")
