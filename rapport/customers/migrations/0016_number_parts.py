from django.db import migrations

# as rapport/customers/contact_points/number_parts.py asks for them
_BLOCKS = ", ".join(f"left(right(value_norm, {end}), 4)" for end in (4, 8, 12, 16))


class Migration(migrations.Migration):
    """Phone numbers are found by any part of them."""

    dependencies = [("customers", "0015_many_audited")]

    operations = [
        migrations.RunSQL(
            f"create index customers_identifier_blocks on customers_identifier using gin ((array[{_BLOCKS}]))"
            " with (gin_pending_list_limit = 16384) where kind = 2",
            "drop index customers_identifier_blocks",
        ),
    ]
