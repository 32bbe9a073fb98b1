from django.db import migrations


class Migration(migrations.Migration):
    """A changed row finds room beside the old one, so that no index has to learn of it; from the next rows on."""

    dependencies = [("customers", "0016_number_parts")]

    operations = [
        migrations.RunSQL(
            f"alter table {table} set (fillfactor = 90)",
            f"alter table {table} reset (fillfactor)",
        )
        for table in ("customers_customer", "customers_profile")
    ]
