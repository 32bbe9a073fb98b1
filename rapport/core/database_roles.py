"""What the application's role may do: everything its work needs, and the audit trail only read."""

from __future__ import annotations

from django.db import connection
from psycopg import sql

# the trail grows through the function audit_write, which belongs to the owner of the tables
READ_ONLY = ("audit_event", "audit_value")


def grant_application_role(role: str) -> None:
    """Give `role` its rights on every table; run by the owner after migrations. The owner itself needs no grant."""
    with connection.cursor() as cursor:
        cursor.execute("select current_user = %s, exists (select 1 from pg_roles where rolname = %s)", [role, role])
        is_owner, exists = cursor.fetchone()
        if is_owner or not exists:
            return
        name = sql.Identifier(role)
        for statement in (
            "grant usage on schema public to {}",
            "grant select, insert, update, delete on all tables in schema public to {}",
            "grant usage, select on all sequences in schema public to {}",
            "grant execute on all functions in schema public to {}",
        ):
            cursor.execute(sql.SQL(statement).format(name))
        for table in READ_ONLY:
            cursor.execute(
                sql.SQL("revoke insert, update, delete, truncate on {} from {}").format(sql.Identifier(table), name)
            )
