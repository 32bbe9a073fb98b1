import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    """Tags of customers: what is shown, and beside it what was hers before others were merged into her."""

    dependencies = [("customers", "0013_trash")]

    operations = [
        migrations.AddField(model_name="customer", name="tags", field=models.JSONField(blank=True, null=True)),
        migrations.AddField(model_name="customer", name="tags_alone", field=models.JSONField(blank=True, null=True)),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("tags__isnull", False)), fields=["tags"], name="customers_tags"
            ),
        ),
    ]
