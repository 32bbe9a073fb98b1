from django.db import migrations

from rapport.audit.operations import Audited
from rapport.core.apply_sql import RunSqlFile


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_first"), ("audit", "0002_triggers")]

    operations = [
        RunSqlFile(__file__, "search.sql"),
        RunSqlFile(__file__, "touchpoint.sql"),
        Audited("customers_source"),
        Audited(
            "customers_customer", ignore=("search", "sort_key", "provenance", "updated_at", "version"), bulk=True
        ),
        Audited("customers_interaction", bulk=True),
    ]
