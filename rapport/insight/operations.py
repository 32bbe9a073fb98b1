"""The migration operation that lets a table note what changes in it."""

from __future__ import annotations

from django.db import migrations


class ChangesNoted(migrations.RunSQL):
    """Each statement that writes to `table` notes the ranges of `key` it wrote, and of `instant` where that is named."""

    def __init__(self, table: str, key: str = "id", instant: str = "") -> None:
        self.table, self.key, self.instant = table, key, instant
        named = f"'{instant}'" if instant else "null"
        parts = ("added", "changed", "removed")
        super().__init__(
            sql=f"select insight_note_changes('{table}', '{key}', {named})",
            reverse_sql="; ".join(
                f"drop trigger insight_{part} on {table}; drop function insight_{part}_{table}()" for part in parts
            ),
        )

    def deconstruct(self):  # type: ignore[no-untyped-def]
        return self.__class__.__name__, [self.table, self.key, self.instant], {}
