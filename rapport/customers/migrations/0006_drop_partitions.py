from django.db import migrations

from rapport.core.apply_sql import RunSqlFile


class Migration(migrations.Migration):
    """An import that is undone leaves no empty partitions behind."""

    dependencies = [("customers", "0005_source_unlocked")]

    operations = [
        RunSqlFile(__file__, "drop_partitions.sql", reverse_sql="drop function touchpoint_drop_partitions(text[])")
    ]
