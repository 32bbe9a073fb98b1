from django.db import migrations

from rapport.core.acting import SYSTEM, acting

_KNOWN, _NEW = "privacy.export", "privacy.restrict"


def give_right(apps, schema_editor):
    """Whoever answers for what a person may have of her data also answers for what may be done with it."""
    with acting(SYSTEM, reason="privacy.rights"):
        for role in apps.get_model("accounts", "Role").objects.all():
            if _KNOWN in role.rights and _NEW not in role.rights:
                role.rights = sorted([*role.rights, _NEW])
                role.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0001_first"),
        ("customers", "0012_restriction"),
        ("accounts", "0004_times_deactivated"),
        ("audit", "0002_triggers"),
    ]

    operations = [migrations.RunPython(give_right, migrations.RunPython.noop)]
