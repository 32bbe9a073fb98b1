"""What a room's owned.py declares: tables whose rows hang on a customer through a profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.functional import Promise


@dataclass(frozen=True)
class ByHand:
    """Rows that staff write to a customer as a whole: whose they are is asked where she turns out to be two.

    `shown` and `where` are SQL over the row `t`, `written_at` is the column that says when, or nothing where the audit trail
    has to tell. Whoever has `right` is asked. Rows of the timeline (`touchpoint_kinds`) and what stands on the row as a
    record (`record_kind`) go along. `on_staff` says that such a row belongs to what staff say, `once` which columns make
    it one of a kind within its profile. `words` are the labels of fixed words in `shown`, whose parts stand between " · ";
    `beside` is the column of a second customer, whom the reader has to see too. Rows that cannot be changed are given by
    `give` (cursor, ids, profile, and the time): it says to the other side what they say, and takes it back here. `fields`
    is SQL of the names of the customer's fields that a row tells: to whom one is hidden, only that it is there is told.
    """

    label: str | Promise
    shown: str
    where: str = "true"
    written_at: str = ""
    right: str = ""
    touchpoint_kinds: tuple[str, ...] = ()
    record_kind: str = ""
    on_staff: bool = False
    once: tuple[str, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)
    beside: str = ""
    fields: str = ""
    give: Callable[[CursorWrapper, Sequence[int], int, datetime], None] | None = None


@dataclass(frozen=True)
class OwnedTable:
    """A table that merge, split, erase and export walk. `personal` names the columns that can hold personal values.

    When a person is erased her rows are deleted, or, where `emptied` says so, these columns are set to its SQL. What she was
    called in the column `remembered` of a source is kept as a hash, so that no import brings it again. Rows that `is_derived`
    stand in no undo's way: they go with their profile and are computed again. Rows that stand `on_records` (columns
    record_kind, record_id) follow these.
    """

    table: str
    profile_column: str = "profile_id"
    customer_column: str = "customer_id"
    personal: tuple[str, ...] = ()
    key: str = "id"
    emptied: Mapping[str, str] | None = None
    remembered: str = ""
    is_derived: bool = False
    on_records: bool = False
    by_hand: ByHand | None = None
