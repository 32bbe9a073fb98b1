from django.db import migrations, models


class Migration(migrations.Migration):
    """Acts of programs are told apart from those of the person they act for."""

    dependencies = [("records", "0012_command_log")]

    operations = [
        migrations.AddField(
            model_name="command", name="through", field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]  # fmt: skip
