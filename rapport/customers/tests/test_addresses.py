"""Postal addresses in the order of their country, and the language they are in."""

from __future__ import annotations

import pytest

from rapport.customers.addresses import Address


@pytest.mark.parametrize(
    ("address", "lines", "language"),
    [
        (Address("Rua Um 210", "90035-001", "Recife", "PE", "BR"), ["Rua Um 210", "Recife-PE", "90035-001", "Brazil"], "pt"),
        (Address("Ring 1", "50667", "Köln", None, "DE"), ["Ring 1", "50667 Köln", "Germany"], "de"),
        (Address("1 Main St", "62701", "Springfield", "IL", "US"), ["1 Main St", "Springfield, IL 62701", "United States"], "en"),
        (Address("1 High St", "N1 1AA", "London", None, "GB"), ["1 High St", "London", "N1 1AA", "United Kingdom"], "en"),
        (Address("테헤란로 1", "06236", "강남구", "서울시", "KR"), ["서울시 강남구", "테헤란로 1", "06236", "South Korea"], "ko"),
        (Address("三里屯路11号", "100027", "北京市", "北京市", "CN"), ["100027", "北京市", "三里屯路11号", "China"], "zh-Hans"),
        (Address("神南1-1", "150-0041", "渋谷区", "東京都", "JP"), ["〒150-0041", "東京都", "渋谷区神南1-1", "Japan"], "ja"),
        (Address("1-1 Jinnan", "150-0041", "Shibuya", "Tokyo", "JP"), ["1-1 Jinnan, Shibuya, Tokyo", "150-0041", "Japan"], "ja"),
        (Address("Rue du Lac 1", "1200", "Genève", None, "CH"), ["Rue du Lac 1", "CH-1200 Genève", "Switzerland"], ""),
        (Address("Ring 1", "50667", "Köln", None, None), ["Ring 1", "50667 Köln"], ""),
        (Address("Ring 1", None, "Atlantis", None, "Atlantis"), ["Ring 1", "Atlantis", "Atlantis"], ""),
        (Address(None, "62701", None, None, "US"), ["62701", "United States"], ""),
        (Address(None, None, "Springfield", None, "US"), ["Springfield", "United States"], "en"),
    ],
)  # fmt: skip
def test_an_address_is_written_as_in_its_country(address: Address, lines: list[str], language: str) -> None:
    assert address.lines == lines
    assert address.language == language
