from django.db import migrations, models


class Migration(migrations.Migration):
    """Tasks can lie in the trash."""

    dependencies = [("work", "0002_audit_and_rights")]

    operations = [
        migrations.AddField(
            model_name="task", name="trashed_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", False)), fields=["trashed_at"], name="work_task_trashed"
            ),
        ),
    ]  # fmt: skip
