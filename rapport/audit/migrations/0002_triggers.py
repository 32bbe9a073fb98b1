from django.db import migrations

from rapport.core.apply_sql import RunSqlFile


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_first")]

    operations = [RunSqlFile(__file__, "audit.sql")]
