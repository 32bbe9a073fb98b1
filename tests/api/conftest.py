"""Whom the stories of the API are about."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.customers.tests.world import make_customer


@pytest.fixture
def ana(alice: Any) -> Any:
    return make_customer(
        "Ana Souza", owner=alice, city="Porto", email="ana@example.com", country="PT", born_on="1990-01-20"
    )
