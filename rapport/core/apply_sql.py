"""A migration operation that runs a .sql file kept beside the migrations of its room."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations


class RunSqlFile(migrations.RunSQL):
    """Run `name` from the `sql/` folder beside the calling room's migrations; reversing is the given statement."""

    def __init__(self, migration_file: str, name: str, reverse_sql: str = migrations.RunSQL.noop) -> None:
        text = (Path(migration_file).parent / "sql" / name).read_text()
        # the driver would read a lone percent sign as a placeholder
        super().__init__(sql=[(text, None)], reverse_sql=reverse_sql)
