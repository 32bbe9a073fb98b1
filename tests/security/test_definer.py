"""Functions that run with the owner's rights look nothing up where the application could have put something else."""

from __future__ import annotations

import pytest
from django.db import connection

SAFE = "search_path=pg_catalog, public, pg_temp"  # whatever is not named is searched first: above all pg_temp
_DEFINERS = """
select p.oid::regprocedure::text, coalesce(p.proconfig, '{}') from pg_proc p
where p.prosecdef and p.pronamespace <> 'pg_catalog'::regnamespace order by 1
"""
_TRAP = """
create function pg_temp.trap() returns boolean language plpgsql as $$
begin
    perform set_config('attack.ran_as', current_user::text, false);
    return true;
end $$;
create temp view customers_touchpoint_other as select timestamptz '2050-01-02' as occurred_at where pg_temp.trap();
"""


def test_every_function_with_the_owners_rights_searches_temporary_names_last(db):
    with connection.cursor() as cursor:
        cursor.execute(_DEFINERS)
        found = dict(cursor.fetchall())

    assert any(name.startswith("touchpoint_partitions") for name in found)
    assert any(name.startswith("audit_write") for name in found)
    assert [name for name, settings in found.items() if SAFE not in settings] == []


@pytest.mark.django_db
def test_a_temporary_view_does_not_run_its_code_as_the_owner():
    with connection.cursor() as cursor:
        cursor.execute("select set_config('attack.ran_as', '', false)")
        cursor.execute(_TRAP)

        cursor.execute("select touchpoint_partitions('2050-01-01', '2050-01-31')")
        assert cursor.fetchone() == (1,)

        cursor.execute("select current_setting('attack.ran_as'), to_regclass('public.customers_touchpoint_205001')")
        ran_as, made = cursor.fetchone()
    assert ran_as == ""
    assert made is not None
