"""What rooms above put on the page of today: each lists its blocks in today.TODAY."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from rapport.records.record_kinds import FoundRecord

if TYPE_CHECKING:
    from rapport.accounts.models import User


@dataclass(frozen=True)
class TodayRow:
    """A record that asks for something today, and why in a few words."""

    record: FoundRecord
    why: str


@dataclass(frozen=True)
class TodayBlock:
    """`find` receives (user, now) and returns at most ten rows that this person may see, the most pressing first.

    `task` is what the task is called that takes a row's place when it is put off until tomorrow.
    """

    name: str
    title: str | Promise
    find: Callable[[User, datetime], Sequence[TodayRow]]
    task: str | Promise
    right: str = ""
    order: int = 50
