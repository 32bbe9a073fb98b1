from django.db import migrations, models

_INDEXED = """
create or replace function insight_rfm_index_spare() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    alter table insight_rfm_spare add constraint insight_rfm_spare_pkey primary key (customer_id);
    create index insight_rfm_spare_segment on insight_rfm_spare ({segment});
    create index insight_rfm_spare_cell on insight_rfm_spare (recency_band, frequency_band);
    create index insight_rfm_spare_value on insight_rfm_spare (value_micros, customer_id);
    create index insight_rfm_spare_last on insight_rfm_spare (last_purchase_on, customer_id);
    analyze insight_rfm_spare;
end $$
"""


class Migration(migrations.Migration):
    """The customers of a group stand in an index by their value: a page of them is read from it as it is.

    What is in the spare table is indexed anew before it is used.
    """

    dependencies = [("insight", "0009_repeats")]

    operations = [
        migrations.RemoveIndex("customerworth", "insight_rfm_segment"),
        migrations.AddIndex(
            "customerworth",
            models.Index(fields=["segment", "value_micros", "customer"], name="insight_rfm_segment"),
        ),
        migrations.RunSQL(
            [(_INDEXED.format(segment="segment, value_micros, customer_id"), None)],
            [(_INDEXED.format(segment="segment, value_micros"), None)],
        ),
    ]
