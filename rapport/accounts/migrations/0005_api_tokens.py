import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from rapport.audit.operations import Audited


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_times_deactivated")]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                    ),
                ),
                ("name", models.TextField()),
                ("token_hash", models.TextField(unique=True)),
                (
                    "rights",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("rows_an_hour", models.PositiveIntegerField(db_default=100000, default=100000)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiTokenHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("rows", models.PositiveIntegerField(db_default=0, default=0)),
                ("refused", models.PositiveIntegerField(db_default=0, default=0)),
                ("last_at", models.DateTimeField()),
                (
                    "token",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.apitoken",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["hour"], name="accounts_apitokenhour_hour")],
                "constraints": [
                    models.UniqueConstraint(fields=("token", "hour"), name="accounts_apitokenhour_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_hash", models.TextField()),
                ("request_hash", models.TextField()),
                ("sealed", models.BinaryField(db_default=b"", default=b"")),
                ("asked_at", models.DateTimeField()),
                (
                    "token",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.apitoken",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["asked_at"], name="accounts_apianswer_asked_at")],
                "constraints": [
                    models.UniqueConstraint(fields=("token", "key_hash"), name="accounts_apianswer_once")
                ],
            },
        ),
        Audited("accounts_apitoken", ignore=("token_hash",)),
    ]
