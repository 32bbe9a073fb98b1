"""The migration operation that puts a table under audit."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import migrations


class Audited(migrations.RunSQL):
    """Attach the audit trigger to `table`; `ignore` names columns that are derived and not worth a record.

    With `bulk`, an action that writes very many rows may leave one event (`record_bulk`) instead of one for each.
    """

    def __init__(self, table: str, ignore: Sequence[str] = (), *, bulk: bool = False) -> None:
        self.table, self.ignore, self.bulk = table, tuple(ignore), bulk
        columns = ",".join(self.ignore)
        super().__init__(
            sql=f"select audit_attach('{table}', '{columns}', {str(bulk).lower()})",
            reverse_sql=f"drop trigger if exists audit_row on {table}; drop trigger if exists audit_actor on {table}",
        )

    def deconstruct(self):  # type: ignore[no-untyped-def]
        return self.__class__.__name__, [self.table], {"ignore": self.ignore, "bulk": self.bulk}
