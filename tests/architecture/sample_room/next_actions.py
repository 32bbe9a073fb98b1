"""One rule that proposes what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from rapport.customers.next_best.rules import Found, Rule, Urgency


def _everybody(ids: Sequence[int], now: datetime) -> dict[int, Found]:
    return {}


RULES = (Rule("sample_greeting", _("Say hello"), _("Nobody waits for a greeting."), Urgency.ASK, _everybody),)
