from django.db import migrations

from rapport.accounts.standard_roles import MANAGER
from rapport.core.acting import SYSTEM, acting

_RIGHT = "records.export"
_CHANGES = {"table_name": "accounts_role", "operation": "update"}


def give_right(apps, schema_editor):
    """Managers start with the right to have lists as files; those from before it have it too, unless somebody decided."""
    events = apps.get_model("audit", "AuditEvent").objects.filter(**_CHANGES)
    with acting(SYSTEM, reason="records.rights"):
        for role in apps.get_model("accounts", "Role").objects.filter(name=MANAGER, scope="all"):
            decided = events.filter(row_id=str(role.pk)).exclude(actor_id__startswith="system:").exists()
            if _RIGHT not in role.rights and "records.import" in role.rights and not decided:
                role.rights = sorted([*role.rights, _RIGHT])
                role.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0007_custom_fields"),
        ("accounts", "0004_times_deactivated"),
        ("audit", "0002_triggers"),
    ]

    operations = [migrations.RunPython(give_right, migrations.RunPython.noop)]
