"""The hash of every table except logs: what "nothing changed" and "exactly as before" mean in tests."""

from __future__ import annotations

from django.apps import apps
from django.db import connection
from psycopg import sql

from rapport.audit.classes import AuditClass


def row_hashes() -> dict[str, str]:
    """Table name → hash of its rows, whatever their order; partitions count as the table they belong to."""
    hashes = {}
    with connection.cursor() as cursor:
        for table in hashed_tables():
            cursor.execute(hash_query(table))
            hashes[table] = cursor.fetchone()[0]
    return hashes


def hash_query(table: str) -> sql.Composed:
    return sql.SQL("select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) from {} t").format(
        sql.Identifier(table)
    )


def hashed_tables() -> list[str]:
    """The tables of every model that is not a log."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "audit_class", None) not in (None, AuditClass.LOG)
    )
