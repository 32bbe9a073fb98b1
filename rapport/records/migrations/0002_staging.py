from django.db import migrations


class Migration(migrations.Migration):
    """Imports stage their rows in short-lived unlogged tables, which the application's role makes and drops itself."""

    dependencies = [("records", "0001_first")]

    operations = [
        migrations.RunSQL(
            "create schema if not exists staging; grant usage, create on schema staging to public",
            "drop schema if exists staging cascade",
        )
    ]
