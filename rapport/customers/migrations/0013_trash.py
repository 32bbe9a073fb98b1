from django.db import migrations, models


class Migration(migrations.Migration):
    """The trash is found without reading everybody."""

    dependencies = [("customers", "0012_restriction")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", False)), fields=["-trashed_at", "-id"],
                name="customers_trashed",
            ),
        ),
    ]  # fmt: skip
