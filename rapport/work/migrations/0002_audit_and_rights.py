from django.db import migrations

from rapport.audit.operations import Audited
from rapport.core.acting import SYSTEM, acting

_GOES_WITH = (("customers.view", "work.view"), ("customers.edit", "work.edit"))


def give_rights(apps, schema_editor):
    """Whoever could see or change customers before there were tasks can see or change these too."""
    with acting(SYSTEM, reason="work.rights"):
        for role in apps.get_model("accounts", "Role").objects.all():
            added = [new for known, new in _GOES_WITH if known in role.rights and new not in role.rights]
            if added:
                role.rights = sorted([*role.rights, *added])
                role.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("work", "0001_first"), ("audit", "0002_triggers"), ("accounts", "0004_times_deactivated")]

    operations = [
        Audited("work_task", ignore=("version", "updated_at"), bulk=True),
        Audited("work_comment"),
        Audited("work_attachment"),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
