"""The lines of orders as a list reads them: with what their order and their product say."""

from django.db import migrations

# goods come back at a quantity below zero, or in files of some sources at a price below zero: either way their cost is below zero
LISTED_LINES = """
create view commerce_listedline with (security_invoker = true) as
select l.id, o.public_id, l.order_id, o.customer_id, o.profile_id, o.source_id, o.external_id, o.kind, o.channel, o.currency,
       o.placed_at, l.number, l.description, trim_scale(l.quantity) as quantity, l.unit_price_micros, l.amount_micros,
       p.public_id as product_public_id, nullif(p.code, '') as product_code, nullif(p.name, '') as product_name,
       nullif(p.category, '') as product_category,
       case when p.currency = o.currency then
           l.amount_micros - round(p.cost_micros * case
               when l.quantity > 0 and l.amount_micros < 0 then -l.quantity else l.quantity end)::bigint
       end as margin_micros
  from commerce_orderline l
  join commerce_order o on o.id = l.order_id
  left join commerce_product p on p.id = l.product_id
"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0005_custom_values")]

    operations = [migrations.RunSQL(LISTED_LINES, "drop view commerce_listedline")]
