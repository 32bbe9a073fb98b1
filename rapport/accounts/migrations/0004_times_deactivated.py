from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_staff_settings")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="times_deactivated",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        )
    ]
