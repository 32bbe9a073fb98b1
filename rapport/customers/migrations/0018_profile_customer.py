import django.db.models.deletion
from django.db import migrations, models

from rapport.core.apply_sql import RunSqlFile

_REVERSE = """
drop function customers_profile_added() cascade;
drop function customers_profile_moved() cascade;
drop function customers_customer_gone() cascade
"""


class Migration(migrations.Migration):
    """That every profile has its customer is asked statement by statement, no longer row by row."""

    dependencies = [("customers", "0017_room_on_pages")]

    operations = [
        RunSqlFile(__file__, "profile_customer.sql", reverse_sql=_REVERSE),
        migrations.AlterField(
            model_name="profile",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="customers.customer",
            ),
        ),
    ]  # fmt: skip
