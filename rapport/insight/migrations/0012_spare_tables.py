from django.db import migrations

from rapport.core.apply_sql import RunSqlFile

_TABLES = ("insight_rfm", "insight_clv", "insight_leaving", "insight_five")
_OWN = ", ".join(f"{table}_{step}()" for table in _TABLES for step in ("empty_spare", "index_spare", "swap"))


class Migration(migrations.Migration):
    """Every table that is swapped in is so by the same functions; databases of before have three for each."""

    dependencies = [("insight", "0011_traits_of_nobody")]

    operations = [
        RunSqlFile(
            __file__,
            "spare_tables.sql",
            "drop function insight_swap_spare(text), insight_index_spare(text), insight_empty_spare(text),"
            " insight_indexes_of(text), insight_spare_of(text)",
        ),
        migrations.RunSQL(f"drop function if exists {_OWN}", migrations.RunSQL.noop),
    ]
