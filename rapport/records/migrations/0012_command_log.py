import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What each of the staff did on the screens, and what undoing it needs."""

    dependencies = [
        ("records", "0011_saved_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Command",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("action", models.TextField()),
                ("arguments", models.JSONField(default=dict)),
                ("record_kind", models.TextField(blank=True, default="")),
                ("record_id", models.BigIntegerField(blank=True, null=True)),
                ("customer_id", models.BigIntegerField(blank=True, null=True)),
                ("done_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["actor", "-id"], name="records_command_actor"),
                    models.Index(
                        condition=models.Q(("customer_id__isnull", False)), fields=["customer_id"],
                        name="records_command_customer",
                    ),
                ],
            },
        ),
    ]  # fmt: skip
