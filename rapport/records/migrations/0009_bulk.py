import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

_ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
_STATES = [
    ("draft", "Not started"),
    ("waiting", "Waiting"),
    ("running", "Running"),
    ("cancelling", "Being cancelled"),
    ("cancelled", "Cancelled"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("undoing", "Being undone"),
    ("undone", "Undone"),
]
_ITEM_STATES = [
    ("waiting", "Waiting"),
    ("done", "Done"),
    ("refused", "Refused"),
    ("undone", "Undone"),
    ("kept", "Not undone"),
]


class Migration(migrations.Migration):
    """Selected rows, and what is done with many of them."""

    dependencies = [
        ("records", "0008_export_right"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Selection",
            fields=[
                _ID,
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("object", models.TextField()),
                ("rows", models.JSONField(default=list)),
                ("query", models.TextField(blank=True, default="")),
                ("is_everything", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                _ID,
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("act", models.TextField()),
                ("answers", models.JSONField(default=dict)),
                ("state", models.TextField(choices=_STATES, default="draft")),
                ("total", models.IntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("refused", models.IntegerField(default=0)),
                ("undone", models.IntegerField(default=0)),
                ("resumptions", models.SmallIntegerField(default=0)),
                ("failure", models.TextField(blank=True, default="")),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "selection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.selection"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                _ID,
                ("number", models.IntegerField()),
                ("keys", models.JSONField()),
                ("state", models.TextField(choices=_ITEM_STATES, default="waiting")),
                ("reason", models.TextField(blank=True, default="")),
                ("undo", models.JSONField(default=dict)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to="records.bulkrun",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "state", "number"], name="records_bulkitem_state")],
                "constraints": [models.UniqueConstraint(fields=("run", "number"), name="records_bulkitem_once")],
            },
        ),
    ]  # fmt: skip
