import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was found in a draft's file, so that it is looked through once; and who asked for what is done with it."""

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("records", "0003_progress")]

    operations = [
        migrations.AddField(model_name="import", name="looked", field=models.JSONField(default=dict)),
        migrations.AddField(
            model_name="import",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
    ]
