"""Removing an archived field for good: its values from every table that keeps them, its indexes, and itself."""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from rapport.audit.actions import record_bulk
from rapport.core.acting import SYSTEM, acting
from rapport.records.custom_fields.actions import change_mark
from rapport.records.custom_fields.declaring import custom_objects
from rapport.records.custom_fields.indexes import drop_indexes
from rapport.records.models import CustomField, FieldLayout

_BATCH = 5_000
_REMOVE = sql.SQL("""
with held as (
    select id from {table} where custom <> '{{}}'::jsonb and custom ? {name} order by id limit {batch} for update
)
update {table} t set custom = t.custom - {name} from held where t.id = held.id
""")


def purge_field(field: CustomField) -> int:
    """Take the values away, a batch in each transaction, then the field; says how many rows had one."""
    of = custom_objects().get(field.object)
    removed = sum(_purge(field, table) for table in of.tables) if of is not None else 0
    drop_indexes(field)
    with acting(SYSTEM, reason="field purged"):
        for layout in FieldLayout.objects.filter(object=field.object):
            layout.hidden = [name for name in layout.hidden if name != field.name]
            layout.ordering = [name for name in layout.ordering if name != field.name]
            layout.columns = None if layout.columns is None else [n for n in layout.columns if n != field.name]
            layout.save(update_fields=["hidden", "ordering", "columns"])
        field.delete()
        change_mark()
    return removed


def _purge(field: CustomField, table: str) -> int:
    removed = 0
    while True:
        with acting(SYSTEM, reason="field purged"), connection.cursor() as cursor:
            cursor.execute("select set_config('rapport.bulk', 'on', true)")
            cursor.execute(
                _REMOVE.format(table=sql.Identifier(table), name=sql.Literal(field.name), batch=sql.Literal(_BATCH))
            )
            count = int(cursor.rowcount)
            cursor.execute("select set_config('rapport.bulk', 'off', true)")
            if count:
                record_bulk("field purged", {table: count})
        removed += count
        if count < _BATCH:
            return removed
