from django.db import migrations

from rapport.core.apply_sql import RunSqlFile


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_search_timeline_audit")]

    operations = [RunSqlFile(__file__, "search_query.sql")]
