import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from rapport.audit.operations import Audited
from rapport.core.acting import SYSTEM, acting

_KNOWN, _NEW = "customers.edit", "accounts.share"


def give_right(apps, schema_editor):
    """Whoever could change customers before can share one of those that her role reaches."""
    with acting(SYSTEM, reason="accounts.rights"):
        for role in apps.get_model("accounts", "Role").objects.all():
            if _KNOWN in role.rights and _NEW not in role.rights:
                role.rights = sorted([*role.rights, _NEW])
                role.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_api_tokens"), ("audit", "0002_triggers")]

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                    ),
                ),
                ("record_kind", models.TextField()),
                ("record_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("profile_id", models.BigIntegerField(null=True)),
                ("may_edit", models.BooleanField(db_default=False, default=False)),
                ("ends_at", models.DateTimeField(null=True)),
                ("shared_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shared_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("person__isnull", False)), fields=["person"], name="accounts_share_person"
                    ),
                    models.Index(
                        condition=models.Q(("team__isnull", False)), fields=["team"], name="accounts_share_team"
                    ),
                    models.Index(fields=["record_kind", "record_id"], name="accounts_share_record"),
                    models.Index(fields=["customer_id"], name="accounts_share_customer"),
                    models.Index(fields=["profile_id"], name="accounts_share_profile"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person", None), ("team__isnull", False)),
                            models.Q(("person__isnull", False), ("team", None)),
                            _connector="OR",
                        ),
                        name="accounts_share_with_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("record_id__isnull", False), ("customer_id__isnull", False), _connector="OR"
                        ),
                        name="accounts_share_of_one",
                    ),
                ],
            },
        ),
        Audited("accounts_share"),
        migrations.RunPython(give_right, migrations.RunPython.noop),
    ]
