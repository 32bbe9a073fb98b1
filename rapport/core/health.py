"""Whether the parts that Rapport stands on are well."""

from __future__ import annotations

from django.db import DatabaseError, connection


def database_is_writable() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select not pg_is_in_recovery()")
            row = cursor.fetchone()
    except DatabaseError:
        return False
    return bool(row and row[0])
