"""Whom the customers of a file belong to: those on the staff whom it names beyond doubt, for customers it brings."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.records.imports.importing import Counts, Run
from rapport.records.imports.staging import bucket_count

_NAMED = sql.SQL("""
create temporary table owners_chunk on commit drop as
select s.key, u.id as user_id, u.number
  from (select distinct on (key) key, owner from {table} where bucket = {bucket} order by key, line desc) s
  left join lateral (select min(u.id) as id, count(*) as number from accounts_user u
                      where u.is_active and (lower(u.email) = lower(btrim(s.owner)) or lower(u.name) = lower(btrim(s.owner)))) u
       on true
 where s.owner is not null
""")

# a customer that was there before keeps its owner, or keeps having none
_ASSIGN = sql.SQL("""
update customers_customer c set owner_id = o.user_id
  from owners_chunk o
  join customers_profile p on p.source_id = {source} and p.external_id = o.key and p.import_id = {import_id}
 where o.number = 1 and c.id = p.customer_id and c.owner_id is null
   and not exists (select from records_importundo u
                    where u.job_id = {import_id} and u.table_name = 'customers_profile' and u.row_id = p.id)
   and not exists (select from customers_profile other
                    where other.customer_id = c.id and other.import_id is distinct from {import_id})
""")


def prepare_owners(cursor: CursorWrapper, run: Run) -> int:
    return bucket_count(cursor, run) if "owner" in run.columns else 0


def apply_owners(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """Give new customers to the one person on the staff with the e-mail address or name that the file says."""
    cursor.execute("drop table if exists pg_temp.owners_chunk")
    cursor.execute(_NAMED.format(table=run.table(), bucket=sql.Literal(chunk)))
    cursor.execute("select count(*), count(*) filter (where number <> 1) from owners_chunk")
    named, unknown = cursor.fetchone()
    cursor.execute(_ASSIGN.format(source=sql.Literal(run.source_id), import_id=sql.Literal(run.import_id)))
    return {"rows": int(named), "changed": int(cursor.rowcount), "unknown_owners": int(unknown)}
