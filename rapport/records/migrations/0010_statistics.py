from django.db import migrations

from rapport.core.apply_sql import RunSqlFile


class Migration(migrations.Migration):
    """After an import the planner knows what came in."""

    dependencies = [("records", "0009_bulk")]

    operations = [RunSqlFile(__file__, "statistics.sql", reverse_sql="drop function refresh_statistics(boolean)")]
