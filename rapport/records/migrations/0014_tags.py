import uuid

import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

from rapport.audit.operations import Audited


class Migration(migrations.Migration):
    """Tags, and values of their own for each row of an act on many."""

    dependencies = [("records", "0013_command_through"), ("audit", "0002_triggers")]

    operations = [
        migrations.AddField(
            model_name="bulkitem", name="wanted", field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("object", models.TextField()),
                ("value", models.TextField()),
                ("label", models.TextField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("put_away_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("object", "value"), name="records_tag_value"),
                    models.UniqueConstraint(
                        models.F("object"), django.db.models.functions.text.Lower("label"),
                        condition=models.Q(("put_away_at", None)), name="records_tag_label",
                    ),
                ],
            },
        ),
        Audited("records_tag"),
    ]  # fmt: skip
