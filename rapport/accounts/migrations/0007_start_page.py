"""The page that somebody begins with, of her own choice."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_sharing")]

    operations = [
        migrations.AddField("user", "start_page", models.TextField(blank=True, db_default="", default="")),
    ]
