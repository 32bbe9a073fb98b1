"""Orders are also found by the end of their number."""

from django.db import migrations, models
from django.db.models.functions import Reverse


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0003_import_speed"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(Reverse("external_id"), name="commerce_order_number_end"),
        ),
    ]
