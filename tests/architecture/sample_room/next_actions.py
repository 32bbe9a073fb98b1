"""One rule that proposes what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rapport.customers.next_rules import Found, Rule, Urgency


def _everybody(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    return {}


RULES = (Rule("sample_greeting", "Say hello", "Nobody waits for a greeting.", Urgency.ASK, _everybody),)
