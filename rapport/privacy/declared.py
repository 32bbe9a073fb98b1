"""The record of processing (article 30 of the GDPR), as the rooms declare what they hold: nobody has to keep it by hand."""

from __future__ import annotations

from dataclasses import dataclass

from rapport.core.owned import OwnedTable
from rapport.core.personal import PersonalTable, erasers, personal_tables
from rapport.core.rooms import contributions


@dataclass(frozen=True)
class ProcessingRecord:
    """A table, which of its columns hold personal values, and what an erasure does with its rows."""

    table: str
    columns: tuple[str, ...]
    is_deleted: bool


def processing_records() -> list[ProcessingRecord]:
    tables: list[PersonalTable | OwnedTable] = [*personal_tables(), *contributions("owned", "OWNED", OwnedTable)]
    found = [ProcessingRecord(table.table, table.personal, table.emptied is None) for table in tables if table.personal]
    held = [ProcessingRecord(table, columns, True) for eraser in erasers() for table, columns in eraser.holds]
    return sorted({record.table: record for record in [*found, *held]}.values(), key=lambda record: record.table)
