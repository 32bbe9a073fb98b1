"""Every table says how it is audited, and what says "audited" has its trigger."""

from __future__ import annotations

from django.apps import apps
from django.db import connection, models

from rapport.audit.classes import AuditClass
from rapport.config.third_party_tables import SPARE_TABLES, THIRD_PARTY_TABLES

_TABLES = """
select c.relname, exists (
    select 1 from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'audit_row' and t.tgenabled = 'O' and t.tgtype & 29 = 29
) from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
"""


def declared(model):
    """The class of a model of ours, by itself; an inherited one would be a decision nobody took."""
    return vars(model).get("audit_class") or next(
        (vars(base)["audit_class"] for base in model.__mro__ if "audit_class" in vars(base)), None
    )


def undeclared(found):
    """Tables without a class, ours or a library's."""
    return [
        model._meta.db_table
        for model in found
        if not isinstance(declared(model), AuditClass) and model._meta.db_table not in THIRD_PARTY_TABLES
    ]


def tables():
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return dict(cursor.fetchall())


def test_every_model_declares_its_audit_class():
    assert undeclared(apps.get_models(include_auto_created=True)) == []


def test_a_model_without_a_class_is_noticed():
    class Forgotten(models.Model):
        class Meta:
            app_label = "core"
            managed = False

    try:
        assert undeclared([Forgotten]) == ["core_forgotten"]
    finally:
        del apps.all_models["core"]["forgotten"]
        apps.clear_cache()


def test_every_table_of_the_database_belongs_to_a_model_or_a_library(db):
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | {
        *THIRD_PARTY_TABLES,
        *SPARE_TABLES,
    }

    assert sorted(set(tables()) - known) == []


def test_every_audited_table_and_no_other_has_the_trigger(db):
    audited = {m._meta.db_table for m in apps.get_models() if declared(m) is AuditClass.AUDITED}

    assert {table for table, has_trigger in tables().items() if has_trigger} == audited


def test_the_application_may_only_read_the_trail(db):
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('is_superuser')")
        if cursor.fetchone() == ("on",):
            return
        cursor.execute(
            "select distinct privilege_type from information_schema.table_privileges"
            " where table_name in ('audit_event', 'audit_value') and grantee = current_user"
        )
        granted = {row[0] for row in cursor.fetchall()}
    assert granted <= {"SELECT", "TRUNCATE"}  # the tests' own clean-up truncates
