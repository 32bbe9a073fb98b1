"""Reminders that follow a date field of the record that a task is about."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("work", "0005_shares_and_private_comments")]

    operations = [
        migrations.AddField("task", "remind_field", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField("task", "remind_days", models.SmallIntegerField(db_default=0, default=0)),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["record_kind", "remind_field", "id"],
                condition=Q(state="open") & ~Q(remind_field=""),
                name="work_task_following",
            ),
        ),
    ]
