from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the trail is the largest table of an old house, and must be written to meanwhile

    dependencies = [("audit", "0002_triggers")]

    operations = [
        # built beside running transactions, it waits for those that began before it
        migrations.RunSQL("set lock_timeout = 0", migrations.RunSQL.noop),
        AddIndexConcurrently("auditevent", models.Index(fields=["at", "id"], name="audit_event_at")),
        AddIndexConcurrently("auditevent", models.Index(fields=["actor_id", "at", "id"], name="audit_event_actor")),
        AddIndexConcurrently(
            "auditevent",
            models.Index(fields=["operation", "at", "id"], condition=models.Q(table_name=""), name="audit_event_act"),
        ),
        AddIndexConcurrently(
            "auditevent",
            models.Index(
                fields=["at", "id"], condition=models.Q(actor_label__endswith=")"), name="audit_event_program"
            ),
        ),
        migrations.RunSQL("set lock_timeout = 2000", migrations.RunSQL.noop),
    ]
