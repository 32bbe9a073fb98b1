"""Golden values as a reader sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rapport.customers.presenting import as_read


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("phone", "+31600578109", "+31 6 00578109"),
        ("phone", "extension 12", "extension 12"),
        ("country", "NL", "Netherlands"),
        ("country", "Unspecified", "Unspecified"),
        ("country", "XX", "XX"),
        ("language", "nl", "Dutch"),
        ("language", "zh-Hans", "Chinese (Simplified)"),
        ("language", "klingon!", "klingon!"),
        ("born_on", date(1984, 2, 29), "29 Feb 1984"),
        ("city", "Kraków", "Kraków"),
    ],
)
def test_a_golden_value_is_written_for_a_reader(field: str, value: Any, text: str) -> None:
    assert as_read(field, value) == text
