"""One spelling for what identifies."""

from __future__ import annotations

import pytest

from rapport.customers.normalizing import full_name, normalize_email, normalize_phone, region_of


@pytest.mark.parametrize(
    ("phone", "country", "normal"),
    [
        ("+44 20 7946 0958", None, "+442079460958"), ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("0044 20 7946 0958", None, "+442079460958"), ("020 7946 0958", "GB", "+442079460958"),
        ("020 7946 0958", "United Kingdom", "+442079460958"), ("02-123-4567", "KR", "+8221234567"),
        ("+1 (415) 555-2671", None, "+14155552671"), ("020 7946 0958", None, None), ("ask", "GB", None), ("", "GB", None),
        ("12", "GB", None), (None, None, None),
    ],
)  # fmt: skip
def test_phones_take_their_international_form(phone: str | None, country: str | None, normal: str | None) -> None:
    assert normalize_phone(phone, country) == normal


@pytest.mark.parametrize(
    ("email", "normal"),
    [
        ("Ada@Example.COM ", "ada@example.com"),
        ("a@bücher.de", "a@xn--bcher-kva.de"),
        ("a@b", None),
        ("a@@b.c", None),
        (None, None),
    ],
)
def test_addresses_take_one_spelling(email: str | None, normal: str | None) -> None:
    assert normalize_email(email) == normal


def test_countries_are_known_by_code_and_by_name() -> None:
    assert [region_of(name) for name in ("gb", "United Kingdom", "EIRE", "USA", "Atlantis", None)] == [
        "GB",
        "GB",
        "IE",
        "US",
        None,
        None,
    ]


def test_names_are_put_together_as_their_script_does() -> None:
    assert [full_name("Ada", "Lovelace"), full_name("민수", "김"), full_name(None, "Kim"), full_name(None, None)] == [
        "Ada Lovelace", "김민수", "Kim", None,
    ]  # fmt: skip
