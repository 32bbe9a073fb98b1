from django.db import migrations, models


class Migration(migrations.Migration):
    """What was found in a draft's file is kept, so that it is looked through once."""

    dependencies = [("records", "0003_progress")]

    operations = [migrations.AddField(model_name="import", name="looked", field=models.JSONField(default=dict))]
