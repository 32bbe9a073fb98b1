from django.db import migrations

from rapport.audit.operations import Audited
from rapport.core.acting import SYSTEM, acting


def give_rights(apps, schema_editor):
    """Whoever could change customers can merge and split them too."""
    with acting(SYSTEM, reason="identity.rights"):
        for role in apps.get_model("accounts", "Role").objects.all():
            if "customers.edit" in role.rights and "identity.merge" not in role.rights:
                role.rights = sorted([*role.rights, "identity.merge"])
                role.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_first"), ("audit", "0002_triggers"), ("accounts", "0004_times_deactivated")]

    operations = [
        Audited("identity_identifierrule"),
        Audited("identity_blockedvalue"),
        Audited("identity_link"),
        Audited("identity_neverpair"),
        migrations.RunSQL(
            "create index identity_profile_home on customers_profile (home_id) where home_id is not null",
            "drop index identity_profile_home",
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
