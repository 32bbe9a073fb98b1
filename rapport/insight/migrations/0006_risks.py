import django.db.models.deletion
from django.db import migrations, models



class Migration(migrations.Migration):
    """Who may leave, and why."""

    dependencies = [
        ("customers", "0017_room_on_pages"),
        ("insight", "0005_lifetime"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerRisk",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("leaving_percent", models.FloatField()),
                ("reasons", models.JSONField()),
            ],
            options={
                "db_table": "insight_leaving",
                "indexes": [models.Index(fields=["leaving_percent", "customer"], name="insight_leaving_risk")],
            },
        ),
        migrations.RunSQL(
            "create table insight_leaving_spare (like insight_leaving including defaults)",
            "drop table if exists insight_leaving_spare",
        ),
    ]
