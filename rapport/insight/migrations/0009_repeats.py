from django.db import migrations, models


class Migration(migrations.Migration):
    """How often each customer came back, of which what is foretold was learned: its range is made of it."""

    dependencies = [("insight", "0008_five_worths")]

    operations = [
        migrations.AddField("customerlifetime", "repeats", models.BigIntegerField(null=True)),
        migrations.RunSQL(
            "alter table insight_clv_spare add column repeats bigint",
            "alter table insight_clv_spare drop column repeats",
        ),
    ]
