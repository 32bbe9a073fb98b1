from django.db import migrations

from rapport.audit.operations import Audited


class Migration(migrations.Migration):
    dependencies = [("commerce", "0001_first"), ("audit", "0002_triggers")]

    operations = [
        Audited("commerce_product", bulk=True),
        Audited("commerce_order", ignore=("import_id",), bulk=True),
    ]
