from django.db import migrations


class Migration(migrations.Migration):
    """What is done with many customers at once is audited row by row, and written down set-based."""

    dependencies = [("customers", "0014_tags"), ("audit", "0004_many")]

    operations = [
        migrations.RunSQL(f"select audit_attach_many('{table}')", migrations.RunSQL.noop)
        for table in ("customers_customer",)
    ]
