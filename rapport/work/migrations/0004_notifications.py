import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_first"),
        ("work", "0003_trash"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Follower",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.TextField(blank=True, db_default="", default="")),
                ("record_id", models.BigIntegerField(blank=True, null=True)),
                ("is_on", models.BooleanField(db_default=True, default=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.profile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "person"], name="work_follower_customer"),
                    models.Index(fields=["record_kind", "record_id", "person"], name="work_follower_record"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("mention", "Mention"),
                            ("comment", "Comment"),
                            ("given", "Task given"),
                            ("done", "Task done"),
                            ("snoozed", "Task put off"),
                        ]
                    ),
                ),
                ("comment_id", models.BigIntegerField(blank=True, null=True)),
                ("task_id", models.BigIntegerField(blank=True, null=True)),
                ("happened_at", models.DateTimeField()),
                ("shown_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["recipient", "shown_at", "id"], name="work_notification_shown"),
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["recipient", "shown_at"],
                        name="work_notification_unread",
                    ),
                    models.Index(
                        condition=models.Q(("comment_id__isnull", False)),
                        fields=["comment_id"],
                        name="work_notification_saying",
                    ),
                    models.Index(
                        condition=models.Q(("task_id__isnull", False)),
                        fields=["task_id"],
                        name="work_notification_doing",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("comment_id", None), ("task_id__isnull", False)),
                            models.Q(("comment_id__isnull", False), ("task_id", None)),
                            _connector="OR",
                        ),
                        name="work_notification_points",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("comment_id__isnull", False)),
                        fields=("recipient", "comment_id"),
                        name="work_notification_comment",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "snoozed")),
                        fields=("recipient", "task_id"),
                        name="work_notification_put_off",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotificationSetting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("daily_mail", models.BooleanField(db_default=False, default=False)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
