"""Carrying tags through merge and split.

`tags` is what is shown; of a customer into whom others were merged it is the union, and `tags_alone` what was hers. Who is
merged keeps her own, so that a split gives each side back what it brought; what was added meanwhile stays with the survivor.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

_TOUCHED = sql.SQL("select old_id as id from pg_temp.profile_moves union select new_id from pg_temp.profile_moves")
_HOMES = sql.SQL("{} union select home_id from pg_temp.profile_moves").format(_TOUCHED)

_ALONE_AGAIN = sql.SQL("""
update customers_customer c set tags = nullif(c.tags_alone, '[]'), tags_alone = null
 where c.tags_alone is not null and c.id in ({homes})
""").format(homes=_HOMES)

_UNITE = sql.SQL("""
with united as (
    select s.id, jsonb_agg(distinct value order by value) as tags
      from customers_customer s
      join customers_customer h on h.merged_into_id = s.id or h.id = s.id
     cross join lateral jsonb_array_elements_text(h.tags) value
     where s.id in ({touched}) and s.merged_into_id is null and h.tags is not null
       and exists (select from customers_customer m where m.merged_into_id = s.id and m.tags is not null)
     group by s.id
)
update customers_customer c set tags_alone = coalesce(c.tags, '[]'), tags = u.tags
  from united u where c.id = u.id
""").format(touched=_TOUCHED)


def unite_tags(cursor: CursorWrapper) -> None:
    """After profiles moved: each customer shows the tags of all whom she is made of, and whoever is alone again her own."""
    cursor.execute("select exists (select from records_tag)")
    if cursor.fetchone()[0]:
        cursor.execute(_ALONE_AGAIN)
        cursor.execute(_UNITE)
