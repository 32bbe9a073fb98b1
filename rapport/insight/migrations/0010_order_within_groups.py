from django.db import migrations, models


class Migration(migrations.Migration):
    """The customers of a group stand in an index by their value: a page of them is read from it as it is."""

    dependencies = [("insight", "0009_repeats")]

    operations = [
        migrations.RemoveIndex("customerworth", "insight_rfm_segment"),
        migrations.AddIndex(
            "customerworth",
            models.Index(fields=["segment", "value_micros", "customer"], name="insight_rfm_segment"),
        ),
    ]
