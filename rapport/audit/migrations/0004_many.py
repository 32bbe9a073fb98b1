from django.db import migrations

from rapport.core.apply_sql import RunSqlFile


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_trail_indexes")]

    operations = [RunSqlFile(__file__, "many.sql")]
