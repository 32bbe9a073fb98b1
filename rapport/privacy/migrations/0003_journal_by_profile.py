from django.db import migrations


class Migration(migrations.Migration):
    """Forgetting somebody must not read the whole journal of all imports; only rows that hang on a profile are in the index."""

    dependencies = [("privacy", "0002_restrict_right"), ("records", "0001_first")]

    operations = [
        migrations.RunSQL(
            "create index records_importundo_profile on records_importundo (((previous ->> 'profile_id')::bigint))"
            " where previous ? 'profile_id'",
            reverse_sql="drop index records_importundo_profile",
        )
    ]
