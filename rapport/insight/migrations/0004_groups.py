import django.db.models.deletion
from django.db import migrations, models

from rapport.audit.operations import Audited


class Migration(migrations.Migration):
    """Which RFM group each customer has settled in, and how far beyond an edge somebody changes."""

    dependencies = [
        ("audit", "0002_triggers"),
        ("insight", "0003_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupMargin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scale", models.TextField(choices=[("recency", "Recency"), ("frequency", "Frequency")], unique=True)),
                ("thousandths", models.SmallIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("thousandths__range", (0, 1000))), name="insight_groupmargin_range"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SettledGroup",
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
                ("recency_band", models.SmallIntegerField()),
                ("frequency_band", models.SmallIntegerField()),
                (
                    "segment",
                    models.TextField(
                        choices=[
                            ("champions", "Champions"), ("loyal", "Loyal"), ("promising", "Promising"), ("new", "New"),
                            ("needs_attention", "Needs attention"), ("at_risk", "At risk"), ("hibernating", "Hibernating"),
                        ]
                    ),
                ),
                ("changed_on", models.DateField()),
                ("left_champions_on", models.DateField(null=True)),
            ],
        ),
        Audited("insight_groupmargin"),
    ]
