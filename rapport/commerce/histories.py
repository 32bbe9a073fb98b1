"""Where the trail tells of orders and products, and how a value of a field of one's own is restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rapport.commerce.queries import ORDER, PRODUCT
from rapport.records.custom_fields.declaring import custom_objects
from rapport.records.history.reading import Opened, RecordHistory, Restoring
from rapport.records.layouts.sight import visible_custom_fields
from rapport.records.record_kinds import FoundRecord

if TYPE_CHECKING:
    from rapport.accounts.models import User

_OWN = "custom."


def _rows(table: str, record: FoundRecord) -> Mapping[str, Sequence[int]]:
    return {table: [record.id]}


def _open(user: User, record: FoundRecord) -> Opened | None:
    """What files say of an order or a product nobody types; its own fields may be."""
    if not user.has_right(custom_objects()[record.kind].edit_right):
        return None
    return Opened(0, {f"{_OWN}{each.name}" for each in visible_custom_fields(user, record.kind)})


def _restore(asked: Restoring) -> str:
    """Own fields of orders and products have no version and no undo, here as in their form."""
    write = custom_objects()[asked.record.kind].write
    assert write is not None
    write(asked.record.id, {asked.column.removeprefix(_OWN): asked.value}, asked.by, asked.now, asked.request)
    return ""


HISTORIES = tuple(
    RecordHistory(kind, table, partial(_rows, table), open=_open, restore=_restore)
    for kind, table in ((ORDER, "commerce_order"), (PRODUCT, "commerce_product"))
)
