import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_audit_and_rights")]

    operations = [
        migrations.AddField(
            model_name="neverpair",
            name="undone_link",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.link"
            ),
        ),
    ]
