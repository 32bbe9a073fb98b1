from django.db import migrations

from rapport.audit.operations import Audited


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_first"), ("audit", "0002_triggers")]

    operations = [
        Audited("accounts_business"),
        Audited("accounts_team"),
        Audited("accounts_role"),
        Audited("accounts_user", ignore=("password", "last_login", "theme")),
        Audited("accounts_invitation", ignore=("token_hash",)),
    ]
