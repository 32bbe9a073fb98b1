from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("demo", "0001_first"),
        ("customers", "0002_search_timeline_audit"),
        ("commerce", "0001_first"),
    ]

    operations = [
        migrations.RunSQL(
            """
            -- statistics belong to the owner of the tables, and a freshly loaded company needs them at once
            create function demo_analyze() returns void
            language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
            begin
                analyze customers_customer, customers_profile, customers_identifier, customers_touchpoint,
                        customers_interaction, commerce_product, commerce_order, commerce_orderline;
            end $$;
            """,
            "drop function demo_analyze()",
        )
    ]
