"""A customer from a pasted signature: what is understood, what is not, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.customers.models import ContactPoint, Customer
from rapport.customers.signatures.reading import read_signature
from rapport.customers.tests.world import make_customer

DUTCH = """Best regards,

Mirjam Vogel
Head of buying at De Molen B.V.
M +31 6 1234 5678 | T 020 555 01 42 | F +31 20 555 01 43
mirjam.vogel@molen.example | www.molen.example
Molenpad 7, 1015 CJ Amsterdam, The Netherlands
"""
AMERICAN = """--
John P. Smith
VP of Sales
Acme Corp.
123 Main Street
Springfield, IL 62704
Phone: (217) 555-0123
Cell: 217-555-0199
john@acme.com
https://www.linkedin.com/in/johnsmith
http://acme.com/
United States
"""
KOREAN = """감사합니다.
김서연 부장
(주)한빛식품
서울특별시 강남구 테헤란로 123, 4층 (06133)
전화: 02-555-0123
휴대폰: 010-1234-5678
이메일: sy.kim@hanbit.co.kr
"""
CHINESE = """此致
李明华
采购经理
华东食品有限公司
上海市浦东新区世纪大道100号 200120
电话：+86 21 5555 0123 手机：138 0013 8000
邮箱：li@huadong.cn
"""
GERMAN = """Dr. Klaus Müller
Geschäftsführer
Müller & Söhne GmbH & Co. KG
Hauptstraße 5
D-10115 Berlin
Tel. 030 1234567
Fax 030 1234568
k.mueller@mueller-soehne.de
Amtsgericht Berlin HRB 12345
"""
BRITISH = """Jane Doe, Purchasing Manager
The Copper Kettle
14 High Street, London SE1 9GF
t: 020 7946 0958
jane@copperkettle.co.uk
Sent from my iPhone"""

UNDERSTOOD = {
    DUTCH: {
        "name": "Mirjam Vogel", "job_title": "Head of buying", "organization": "De Molen B.V.", "phone": "+31612345678",
        "email": "mirjam.vogel@molen.example", "website": "www.molen.example", "street": "Molenpad 7",
        "postal_code": "1015 CJ", "city": "Amsterdam", "country": "NL",
    },
    AMERICAN: {
        "name": "John P. Smith", "job_title": "VP of Sales", "organization": "Acme Corp.", "phone": "+12175550199",
        "email": "john@acme.com", "website": "http://acme.com", "street": "123 Main Street", "postal_code": "62704",
        "city": "Springfield", "region": "IL", "country": "US",
    },
    KOREAN: {
        "name": "김서연", "job_title": "부장", "organization": "(주)한빛식품", "phone": "+821012345678",
        "email": "sy.kim@hanbit.co.kr", "city": "서울특별시", "street": "강남구 테헤란로 123, 4층", "postal_code": "06133",
        "country": "KR",
    },
    CHINESE: {
        "name": "李明华", "job_title": "采购经理", "organization": "华东食品有限公司", "phone": "+8613800138000",
        "email": "li@huadong.cn", "city": "上海市", "street": "浦东新区世纪大道100号", "postal_code": "200120",
        "country": "CN",
    },
    GERMAN: {
        "name": "Dr. Klaus Müller", "job_title": "Geschäftsführer", "organization": "Müller & Söhne GmbH & Co. KG",
        "phone": "+49301234567", "email": "k.mueller@mueller-soehne.de", "street": "Hauptstraße 5",
        "postal_code": "10115", "city": "Berlin",
    },
    BRITISH: {
        "name": "Jane Doe", "job_title": "Purchasing Manager", "organization": "The Copper Kettle",
        "phone": "+442079460958", "email": "jane@copperkettle.co.uk", "street": "14 High Street", "city": "London",
        "postal_code": "SE1 9GF", "country": "GB",
    },
}  # fmt: skip


@pytest.mark.parametrize("text", UNDERSTOOD, ids=["dutch", "american", "korean", "chinese", "german", "british"])
def test_a_signature_is_understood(text: str) -> None:
    assert read_signature(text).values == UNDERSTOOD[text]


@pytest.mark.parametrize(
    ("address", "street", "left"),
    [
        ("Damrak 12, 1012 LG Amsterdam", "Damrak 12", []),
        ("Domkloster 4 b\n50667 Köln", "Domkloster 4 b", []),
        ("18 Petty Cury, Cambridge CB2 3NE", "18 Petty Cury", []),
        ("Team 5, Kalverstraat 92, 1012 PH Amsterdam", "Kalverstraat 92", ["Team 5"]),
        ("Floor 3\nDamrak 12, 1012 LG Amsterdam", "Damrak 12", ["Floor 3"]),
    ],
)
def test_a_street_is_told_by_its_place_before_the_town(address: str, street: str, left: list[str]) -> None:
    read = read_signature(f"Jan Bakker\nBuyer\nBakker B.V.\n{address}\njan@bakker.example")
    assert (read.values.get("street"), read.left) == (street, left)
    assert "city" in read.values


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ("T +351 21 123 4567", "PT"),
        ("T +1 416 555 0123", "CA"),
        ("T +44 20 7946 0958\nM +44 7700 900123", "GB"),
        ("New York +1 212 555 0123\nLondon +44 20 7946 0958", None),
        ("Freephone +800 1234 5678", None),
        ("T 020 7946 0958", None),
        ("Damrak 12, 1012 LG Amsterdam\nT +49 30 1234567", "NL"),
        ("18 Petty Cury, Cambridge CB2 3NE", "GB"),
        ("4 Hill Street, Saint Helier JE2 4UA", "JE"),
        ("ul. Piękna 5, 00-549 Warszawa", "PL"),
        ("Rua Augusta 100, 01304-000 São Paulo", "BR"),
        ("123 Main Street, Springfield, IL 62704", "US"),
        ("Hauptstraße 5, 10115 Berlin", None),
        ("Damrak 12, 1012 LG Amsterdam, Belgium", "BE"),
    ],
)
def test_the_country_is_that_of_the_address_else_of_the_numbers(said: str, country: str | None) -> None:
    assert read_signature(f"Ana Souza\nBuyer\n{said}\nana@souza.example").values.get("country") == country


def test_further_numbers_are_kept_apart_by_what_they_are_for() -> None:
    assert read_signature(DUTCH).further == [("phone", "work", "+31205550142"), ("phone", "fax", "+31205550143")]
    assert read_signature("Ana Souza\nFax 020 555 0143\nana@molen.nl").values.get("phone") is None


def test_a_number_without_its_country_is_of_the_country_of_another() -> None:
    understood = read_signature("Fatima Özdemir\nT +31 20 623 45 67  M 06 12345678\n")

    assert understood.values["phone"] == "+31612345678"
    assert ("phone", "work", "+31206234567") in understood.further


def test_what_nothing_is_made_of_is_handed_back() -> None:
    assert read_signature(GERMAN).left == ["Amtsgericht Berlin HRB 12345"]


def test_an_organization_alone_is_one() -> None:
    assert read_signature("De Molen B.V.\ninfo@molen.example\nwww.molen.example").kind == "organization"


@pytest.mark.parametrize(
    "text", ["", "\n \n", "x" * 9_000, "1 " * 4_000, "a@" * 2_000, "+" * 4_000, ", " * 2_000, "\x00\n\x1b"]
)
def test_no_text_breaks_the_reading(text: str) -> None:
    read_signature(text)


@pytest.mark.django_db
def test_a_pasted_signature_fills_the_form_and_one_more_press_keeps_it(alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    make_customer("Mirjam Vogel", owner=alice, email="mirjam.vogel@molen.example")

    page = client.post("/customers/new/", {"signature": DUTCH + "Reg. no. 4711\n"}).text

    assert "Understood from the signature" in page
    assert 'value="Head of buying"' in page
    assert "Nothing was made of:" in page
    assert "Reg. no. 4711" in page
    assert "Perhaps known already" in page
    assert Customer.objects.count() == 1
    made = client.post(
        "/customers/new/",
        {
            "kind": "person", "name": "Mirjam Vogel", "phone": "+31612345678", "anyway": "1", "further": [
                "phone:work:+31205550142", "phone:fax:+31205550143", "phone:fax:not a number", "name:x:y", "phone:evil:1234567",
                "phone:work:+31612345678",
            ],
        },
    )  # fmt: skip
    assert made.status_code == 302
    points = ContactPoint.objects.filter(customer__public_id=made["Location"].split("/")[2])
    assert sorted(points.values_list("label", "value")) == [("fax", "+31205550143"), ("work", "+31205550142")]
    assert "Undone: Customer added" in client.post("/changes/undo/", follow=True).text
    assert Customer.objects.get(public_id=made["Location"].split("/")[2]).trashed_at is not None


@pytest.mark.django_db
def test_what_is_not_understood_says_so_and_a_reader_reads_nothing(alice: Any, rita: Any, as_user: Any) -> None:
    assert "Nothing was understood of it" in as_user(alice).post("/customers/new/", {"signature": "\n\n"}).text
    assert as_user(rita).post("/customers/new/", {"signature": DUTCH}).status_code == 403
