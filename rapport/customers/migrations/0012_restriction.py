import uuid
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from rapport.audit.operations import Audited
from rapport.core.apply_sql import RunSqlFile

_CONSENT = (Path(__file__).parent / "sql" / "consent.sql").read_text()
# the function as it was before
_UNRESTRICTED = _CONSENT[_CONSENT.index("create function consent_given") :].replace(
    "create function", "create or replace function", 1
)


class Migration(migrations.Migration):
    dependencies = [("customers", "0011_derivations"), ("audit", "0002_triggers")]

    operations = [
        migrations.CreateModel(
            name="Restriction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "ground",
                    models.TextField(
                        choices=[
                            ("disputed", "The person says that what we hold is wrong; it is being looked into"),
                            (
                                "unlawful",
                                "There was no right to have the data, and the person wants it kept all the same",
                            ),
                            ("claims", "We need it no more, but the person does, for a legal claim"),
                            (
                                "objected",
                                "The person objects; whether our reasons outweigh that is being looked into",
                            ),
                        ]
                    ),
                ),
                ("note", models.TextField(blank=True, db_default="", default="")),
                ("since", models.DateTimeField()),
                ("set_by", models.TextField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_by", models.TextField(blank=True, db_default="", default="")),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.profile"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "lifted_at"], name="customers_restriction_now")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("profile",), name="customers_restriction_once"
                    )
                ],
            },
        ),
        Audited("customers_restriction"),
        RunSqlFile(__file__, "restriction.sql", reverse_sql=[(_UNRESTRICTED, None)]),
    ]
