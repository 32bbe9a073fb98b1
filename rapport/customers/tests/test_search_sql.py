"""Sorting and searching in SQL: marks, Han, Hangul, phone ends, prefixes."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rapport.customers.contact_points.number_parts import digits_asked, held_by
from rapport.customers.folding import fold_text, words_of
from rapport.customers.models import Identifier, IdentifierKind

pytestmark = pytest.mark.usefixtures("db")


def ask(query: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]


def found(words: str, typed: str, phone: str | None = None) -> object:
    return ask("select search_vector(%s, %s) @@ search_query(%s)", words, phone, typed)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Äpfel", "apfel"),
        ("ŁUKASZ", "lukasz"),
        ("Straße", "strasse"),
        ("Søren Ørsted", "soren orsted"),
        ("김민수", "김민수"),
        (None, ""),
    ],
)
def test_text_is_folded_for_sorting(text: str | None, folded: str) -> None:
    assert ask("select fold_text(%s)", text) == folded


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        ("Élodie Müller", "elodie"), ("Élodie Müller", "Élo mül"), ("Ada Lovelace ada@example.com", "ada@exam"), ("Ada", "a"),
        ("김민수", "김"), ("김민수", "민수"), ("김민수", "김민수"), ("王小明", "小明"), ("株式会社ABC", "会社"), 
        ("株式会社ABC", "abc"),
        ("山田太郎 Yamada", "太郎 yam"), ("O'Neill-Smith", "o'neill"), ("Straße 5", "strasse"),
    ],
)  # fmt: skip
def test_what_is_typed_finds_it(words: str, typed: str) -> None:
    assert found(words, typed)


@pytest.mark.parametrize(
    ("words", "typed"), [("Ada Lovelace", "lovelacex"), ("김민수", "수김"), ("王小明", "王明"), ("Ada", "da")]
)
def test_what_is_not_there_is_not_found(words: str, typed: str) -> None:
    assert not found(words, typed)


@pytest.mark.parametrize(
    "typed", ["0958", "79460958", "+44 20 7946 0958", "020 7946 0958", "(020) 7946-0958", "+442079460958"]
)
def test_a_phone_number_is_found_by_its_end_in_any_spelling(typed: str) -> None:
    assert found("Ada", typed, "+442079460958")


def test_a_phone_number_is_found_by_any_part_of_four_digits_wherever_it_begins() -> None:
    chance = random.Random(5)
    numbers = {n: "+" + "".join(chance.choices("12345", k=8 + n % 8)) for n in range(1, 400)}
    Identifier.objects.bulk_create(
        Identifier(kind=IdentifierKind.PHONE, value_norm=number, profile_id=n, customer_id=n)
        for n, number in numbers.items()
    )
    parts = {
        number[begin:][:length]
        for number in list(numbers.values())[:24]
        for begin in range(1, 12)
        for length in (4, 5, 6, 7, 12)
    }

    for part in sorted(part for part in parts if len(part) >= 4):
        held = held_by(part, column="r.id")
        assert held is not None
        query = held[0].as_string(None)  # type: ignore[arg-type]
        asked = ask(
            f"select array_agg(id order by id) from unnest(%s::bigint[]) r (id) where {query}", [*numbers], *held[1]
        )
        assert asked == [n for n, number in numbers.items() if part in number], part


def test_what_can_be_no_part_of_a_number_is_not_looked_for_in_numbers() -> None:
    asked = {
        text: digits_asked(text) for text in ("(020) 7946", "0044 20", "0958", "+44", "7946 Ltd", "1" * 16, "12-", "")
    }

    assert asked == {
        "(020) 7946": "207946", "0044 20": "4420", "0958": "0958", "+44": None, "7946 Ltd": None, "1" * 16: None,
        "12-": None, "": None,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["x" * 5000, "한" * 3000, "é" * 5000, "a b " * 5000, "' \\ : & | ! * ( )", "", "   "])
def test_no_text_is_too_odd_to_be_indexed_or_asked_for(text: str) -> None:
    ask("select search_vector(%s, %s)::text", text, text)
    ask("select search_query(%s)::text", text)


def test_names_sort_before_those_who_have_none() -> None:
    keys = [
        ask("select customer_sort_key(%s, %s, %s, %s)", *values)
        for values in (
            ("Äpfel", None, None, None),
            (None, "Beta Ltd", None, None),
            (None, None, "c@example.com", None),
            (None,) * 4,
        )
    ]

    assert keys == sorted(keys)  # type: ignore[type-var]
    assert keys[0] == "apfel"


READ_HERE = "\u0131\u0178\u00df\u00c6\u0142łøđœÄé김민수王小明山田たろうガッー"
TEXTS = st.text(
    alphabet=st.one_of(st.characters(min_codepoint=32, max_codepoint=126), st.sampled_from(READ_HERE)), max_size=80
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(text="Jennifer Null null@null.example NULL", phone="")
@example(text="", phone="")
@example(text="Müller김민수" + "x" * 70, phone="-")
@given(text=TEXTS, phone=st.text(alphabet="+0123456789 -()x", max_size=80))
def test_workers_find_the_same_words_as_the_database(text: str, phone: str) -> None:
    words = words_of(text, phone)

    expected = ask("select search_vector(%s, %s)::text", text, phone or None)
    assert ask("select array_to_tsvector(%s::text[])::text", words) == expected
    for part in range(0, len(text), 7):
        before, after = text[:part].rstrip(), text[part:]
        assert words_of(after, phone, after=fold_text(before) or "") == words_of(f"{before} {after}".lstrip(), phone)


def test_workers_fold_every_letter_that_they_read_themselves_as_the_database_does() -> None:
    texts = [f"x{letter} {letter}x" for letter in map(chr, (*range(1, 0xD800), *range(0xE000, 0x11000)))]
    said = [(text, fold_text(text), words_of(text, "")) for text in texts]
    read = [(text, folded, words) for text, folded, words in said if folded is not None]

    wrong = ask(
        "select coalesce(array_agg(s), '{}') from unnest(%s::text[], %s::text[], %s::text[]) as said (s, folded, words)"
        " where folded <> fold_text(s) or array_to_tsvector(words::text[]) <> search_vector(s, null)",
        *map(list, zip(*read, strict=True)),
    )

    assert wrong == []
    assert len(read) > 38_000


def test_what_workers_do_not_read_is_left_to_the_database() -> None:
    assert (fold_text("Иван"), fold_text("İzmir"), words_of("x" * 401, ""), words_of("Ana", "٣")) == (None,) * 4
