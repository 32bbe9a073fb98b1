"""The migration operation that lets a table note what changes in it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import migrations


class ChangesNoted(migrations.RunSQL):
    """Each statement that writes to `table` notes the ranges of `key` it wrote.

    With an `instant` also when the rows took place; there `ignored` names columns of which no extract tells.
    """

    def __init__(self, table: str, key: str = "id", instant: str = "", ignored: Sequence[str] = ()) -> None:
        self.table, self.key, self.instant, self.ignored = table, key, instant, tuple(ignored)
        named, left_out = f"'{instant}'" if instant else "null", ",".join(self.ignored)
        parts = ("added", "changed", "removed")
        super().__init__(
            sql=f"select insight_note_changes('{table}', '{key}', {named}, string_to_array('{left_out}', ','))",
            reverse_sql="; ".join(
                f"drop trigger insight_{part} on {table}; drop function insight_{part}_{table}()" for part in parts
            ),
        )

    def deconstruct(self):  # type: ignore[no-untyped-def]
        return self.__class__.__name__, [self.table, self.key, self.instant, self.ignored], {}
