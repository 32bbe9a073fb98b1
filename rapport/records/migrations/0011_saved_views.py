import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from rapport.accounts.standard_roles import MANAGER
from rapport.audit.operations import Audited
from rapport.core.acting import SYSTEM, acting

_RIGHT = "records.share"
_CHANGES = {"table_name": "accounts_role", "operation": "update"}
_ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
_NAMES = django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None)


def give_right(apps, schema_editor):
    """Managers share views from the start; those from before it too, unless somebody decided what they may."""
    events = apps.get_model("audit", "AuditEvent").objects.filter(**_CHANGES)
    with acting(SYSTEM, reason="records.rights"):
        for role in apps.get_model("accounts", "Role").objects.filter(name=MANAGER, scope="all"):
            decided = events.filter(row_id=str(role.pk)).exclude(actor_id__startswith="system:").exists()
            if _RIGHT not in role.rights and "records.export" in role.rights and not decided:
                role.rights = sorted([*role.rights, _RIGHT])
                role.save(update_fields=["rights"])


class Migration(migrations.Migration):
    """Views of lists under a name, columns of one's own, and what a list opens with."""

    dependencies = [
        ("records", "0010_statistics"),
        ("accounts", "0004_times_deactivated"),
        ("audit", "0002_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                _ID,
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("object", models.TextField()),
                ("name", models.TextField()),
                ("asked", models.JSONField(default=dict)),
                ("columns", _NAMES),
                ("is_shared", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("trashed_at", models.DateTimeField(null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("made_by"),
                        models.F("object"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("trashed_at", None)),
                        name="records_savedview_name",
                    )
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_shared", True), ("trashed_at", None)),
                        fields=["object"],
                        name="records_savedview_shared",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListChoice",
            fields=[
                _ID,
                ("object", models.TextField()),
                ("columns", _NAMES),
                (
                    "pinned",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("opens_plain", models.BooleanField(default=False)),
                (
                    "opens",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+",
                        to="records.savedview",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "object"), name="records_listchoice_once")]
            },
        ),
        migrations.CreateModel(
            name="RoleView",
            fields=[
                _ID,
                ("object", models.TextField()),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.role"
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.savedview"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("role", "object"), name="records_roleview_once")]
            },
        ),
        Audited("records_roleview"),
        migrations.RunPython(give_right, migrations.RunPython.noop),
    ]  # fmt: skip
