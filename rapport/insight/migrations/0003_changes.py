import django.db.models.functions.datetime
from django.db import migrations, models

from rapport.core.apply_sql import RunSqlFile
from rapport.insight.warehouse.operations import ChangesNoted


class Migration(migrations.Migration):
    """What changed is noted by the tables themselves; a snapshot says how each of its tables was made."""

    dependencies = [
        ("commerce", "0005_custom_values"),
        ("customers", "0017_room_on_pages"),
        ("insight", "0002_worth"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField()),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("is_removal", models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.AddField(
            model_name="snapshot", name="tables", field=models.JSONField(db_default={}, default=dict)
        ),
        migrations.AddField(
            model_name="snapshot", name="seconds", field=models.FloatField(db_default=0, default=0)
        ),
        migrations.AddField(
            model_name="snapshot", name="made_by", field=models.TextField(db_default="", default="")
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("snapshot_folder", models.TextField()),
                ("compared_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("is_equal", models.BooleanField()),
                ("tables", models.JSONField(db_default={}, default=dict)),
            ],
        ),
        RunSqlFile(__file__, "changes.sql", "drop function insight_note_changes(regclass, name, name, text[])"),
        ChangesNoted("commerce_order"),
        ChangesNoted("commerce_orderline", "order_id"),
        ChangesNoted("commerce_product"),
        ChangesNoted("customers_profile"),
        ChangesNoted("customers_source"),
        ChangesNoted("customers_customer"),
        ChangesNoted("customers_consent"),
        ChangesNoted("customers_relationship"),
        ChangesNoted("customers_touchpoint", "id", "occurred_at", ignored=("customer_id", "record_id", "summary")),
    ]
