import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

from rapport.audit.operations import Audited


class Migration(migrations.Migration):
    """Fields that a business adds by itself, and what each role sees of an object."""

    dependencies = [("accounts", "0004_times_deactivated"), ("records", "0006_exports")]

    operations = [
        migrations.CreateModel(
            name="CustomField",
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
                ("object", models.TextField()),
                ("name", models.TextField()),
                ("label", models.TextField()),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("money", "Amount of money"),
                            ("date", "Date"),
                            ("choice", "One of several choices"),
                            ("choices", "Several choices at once"),
                            ("boolean", "Yes or no"),
                            ("link", "Link"),
                        ]
                    ),
                ),
                ("help_text", models.TextField(blank=True, db_default="", default="")),
                ("is_required", models.BooleanField(db_default=False, default=False)),
                ("is_column", models.BooleanField(db_default=False, default=False)),
                ("is_searched", models.BooleanField(db_default=False, default=False)),
                ("is_sorted", models.BooleanField(db_default=False, default=False)),
                ("choices", models.JSONField(db_default=[], default=list)),
                ("position", models.IntegerField(db_default=0, default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("index_built_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("object", "name"), name="records_customfield_name"),
                    models.UniqueConstraint(
                        models.F("object"),
                        django.db.models.functions.text.Lower("label"),
                        condition=models.Q(("archived_at", None)),
                        name="records_customfield_label",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="FieldLayout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object", models.TextField()),
                (
                    "hidden",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                (
                    "ordering",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, null=True, size=None
                    ),
                ),
                (
                    "hidden_panels",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                (
                    "panel_ordering",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.role"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("role", "object"), name="records_fieldlayout_once")]
            },
        ),
        migrations.CreateModel(
            name="FieldsMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.UUIDField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="records_fieldsmark_only_one")
                ]
            },
        ),
        Audited("records_customfield", ignore=["index_built_at"]),
        Audited("records_fieldlayout"),
    ]
