from django.db import migrations, models

from rapport.audit.operations import Audited


def _points(*columns):
    """Exactly one of the columns says what a notification points at."""
    condition = models.Q()
    for chosen in columns:
        one = models.Q((f"{chosen}__isnull", False), *((column, None) for column in columns if column != chosen))
        condition = condition | one
    return models.CheckConstraint(condition=condition, name="work_notification_points")


class Migration(migrations.Migration):
    dependencies = [("work", "0004_notifications"), ("accounts", "0006_sharing")]

    operations = [
        migrations.AddField(
            model_name="comment", name="is_private", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.AlterField(model_name="comment", name="text", field=models.TextField(blank=True)),
        migrations.AddField(
            model_name="comment",
            name="private_text",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.RunSQL(
            "drop trigger if exists audit_row on work_comment; drop trigger if exists audit_actor on work_comment",
            migrations.RunSQL.noop,
        ),
        Audited("work_comment", ignore=("private_text",)),
        migrations.AddField(
            model_name="notification", name="share_id", field=models.BigIntegerField(blank=True, null=True)
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.TextField(
                choices=[
                    ("mention", "Mention"),
                    ("comment", "Comment"),
                    ("given", "Task given"),
                    ("done", "Task done"),
                    ("snoozed", "Task put off"),
                    ("shared", "Record shared"),
                ]
            ),
        ),
        migrations.RemoveConstraint(model_name="notification", name="work_notification_points"),
        migrations.AddConstraint(model_name="notification", constraint=_points("comment_id", "task_id", "share_id")),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("share_id__isnull", False)), fields=["share_id"], name="work_notification_sharing"
            ),
        ),
    ]
