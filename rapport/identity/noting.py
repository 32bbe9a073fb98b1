"""What the command log keeps of decisions about who is one customer, so that an undo takes back them and nothing older."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

from rapport.accounts.access import staff_user
from rapport.records.command_log.noting import mark_undone, note_command

if TYPE_CHECKING:
    from rapport.records.command_log.models import Command

MERGED, KEPT_APART, SPLIT = "identity.merged", "identity.kept_apart", "identity.split"


def note_decision(
    action: str, ids: Sequence[int], *, customer_id: int, now: datetime, request: HttpRequest | None
) -> Command | None:
    """Of what somebody asks for herself; acts on many rows note their own, and previews none."""
    if request is None:
        return None
    return note_command(
        action, {"ids": list(ids)}, by=staff_user(request), now=now, record_kind="customer", record_id=customer_id,
        customer_id=customer_id,
    )  # fmt: skip


def note_taken_back(link_id: int, *, now: datetime) -> None:
    mark_undone(MERGED, {"ids": [link_id]}, now=now)
