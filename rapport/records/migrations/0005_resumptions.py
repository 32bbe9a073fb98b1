from django.db import migrations, models


class Migration(migrations.Migration):
    """How often an import was taken up after its process ended, so that this has an end too."""

    dependencies = [("records", "0004_looked")]

    operations = [
        migrations.AddField(model_name="import", name="resumptions", field=models.SmallIntegerField(default=0))
    ]
