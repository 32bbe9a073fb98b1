import django.db.models.deletion
from django.db import migrations, models



class Migration(migrations.Migration):
    """What customers are foretold to do and to bring, and the models that say so."""

    dependencies = [
        ("customers", "0017_room_on_pages"),
        ("insight", "0004_groups"),
    ]

    operations = [
        migrations.CreateModel(
            name="LearnedModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                ("version", models.IntegerField()),
                ("as_of", models.DateField()),
                ("snapshot_folder", models.TextField()),
                ("currency", models.CharField(max_length=3)),
                ("is_refused", models.BooleanField(db_default=False, default=False)),
                ("report", models.JSONField()),
                ("learned_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "-id"], name="insight_learnedmodel_newest")],
            },
        ),
        migrations.CreateModel(
            name="ScoreRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField()),
                ("snapshot_folder", models.TextField()),
                ("customers", models.BigIntegerField()),
                ("finished_at", models.DateTimeField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="insight.learnedmodel"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CustomerLifetime",
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
                ("alive_percent", models.FloatField()),
                ("expected_purchases", models.FloatField()),
                ("expected_micros", models.BigIntegerField(null=True)),
                ("due_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "insight_clv",
                "indexes": [
                    models.Index(fields=["alive_percent", "customer"], name="insight_clv_alive"),
                    models.Index(fields=["expected_micros", "customer"], name="insight_clv_value"),
                    models.Index(fields=["due_on", "customer"], name="insight_clv_due"),
                ],
            },
        ),
        migrations.RunSQL(
            "create table insight_clv_spare (like insight_clv including defaults)",
            "drop table if exists insight_clv_spare",
        ),
    ]
