from pathlib import Path

from django.db import migrations

from rapport.core.apply_sql import RunSqlFile

_BEFORE = (Path(__file__).parent / "sql" / "statistics.sql").read_text()


class Migration(migrations.Migration):
    """Several tables are looked at side by side."""

    dependencies = [("records", "0014_tags")]

    operations = [
        migrations.RunSQL(
            "",
            [
                ("drop function refresh_statistics(text, boolean)", None),
                ("drop function tables_to_look_at()", None),
                (_BEFORE, None),
            ],
        ),
        RunSqlFile(__file__, "statistics_by_table.sql"),
    ]
