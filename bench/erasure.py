"""Export and erasure of one person in a database of very many, with what each statement took.

BENCH_SCALE is the number of people (1,000,000). Half of them have an order, each has two contacts with us; the file was
imported a second time with a tenth changed, so that the journal of undo is long too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.apart import migrated_database
from bench.imports import write_people

SLOW_SECONDS, SHOWN = 0.02, 15

_CONTACTS = """
select touchpoint_partitions(current_date - 400, current_date);
insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel)
select now() - (p.id %% 380) * interval '1 day' - n * interval '1 hour', p.customer_id, p.id, 'page_view', 'web'
  from customers_profile p, generate_series(1, 2) n;
insert into commerce_order (public_id, source_id, external_id, kind, customer_id, profile_id, channel, currency, total_micros,
                            line_count, placed_at)
select gen_random_uuid(), p.source_id, 'O' || p.id, 'sale', p.customer_id, p.id, 'web_shop', 'GBP', 5000000, 1, now()
  from customers_profile p where p.id %% 2 = 0;
insert into commerce_orderline (order_id, number, description, quantity, unit_price_micros, amount_micros)
select id, 1, 'a thing', 1, 5000000, 5000000 from commerce_order;
insert into customers_consent (public_id, profile_id, customer_id, purpose, channel, status, occurred_at, origin)
select gen_random_uuid(), p.id, p.customer_id, 'newsletter', 'email', 'granted', now() - interval '9 days', 'file'
  from customers_profile p where p.id %% 3 = 0;
"""


def run() -> None:
    scale = int(os.environ.get("BENCH_SCALE", "1000000"))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        home, path = Path(folder) / "home", Path(folder) / "people.csv"
        home.mkdir(mode=0o700)
        Path(folder).chmod(0o755)
        write_people(path, scale)
        environment = os.environ | {"RAPPORT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
        environment.pop("DATABASE_URL", None)
        subprocess.run([sys.executable, "-m", "bench.erasure", str(path)], check=True, env=environment)


def measure(path: Path) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    with migrated_database():
        fill(path)
        erase_some()


def fill(path: Path) -> None:
    from bench.identity import _import
    from rapport.core.acting import SYSTEM, acting

    _import(path, "shop")
    changed = path.with_name("changed.csv")
    changed.write_text(path.read_text().replace("5 High Street", "5 Low Street"))
    _import(changed, "shop")
    from django.db import connection

    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("select set_config('rapport.bulk', 'on', true)")
        cursor.execute(_CONTACTS.replace("%%", "%"))
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
        cursor.execute("select count(*) from customers_customer")
        customers = cursor.fetchone()[0]
        cursor.execute("select count(*), pg_size_pretty(pg_database_size(current_database())) from records_importundo")
        journal, size = cursor.fetchone()
    print(f"   {customers:,} customers, {journal:,} rows in the journal of undo, {size}")


def erase_some() -> None:
    from rapport.core.acting import SYSTEM
    from rapport.core.clock import utc_now
    from rapport.customers.models import Customer
    from rapport.privacy import actions
    from rapport.privacy.models import Erasure, PersonExport

    for place in (7, 5_000, 100_000):
        person = Customer.objects.filter(pk__gt=place).order_by("pk").first()
        assert person is not None
        asker = _administrator()
        asked = PersonExport.objects.create(
            customer_id=person.pk, asked_by=asker, asked_at=utc_now(), expires_at=utc_now()
        )
        seconds, slow, _made = timed(lambda a=asked: actions.build_export(a, title="x", now=utc_now()))
        _tell("export of one person", seconds, slow)
        erasure = Erasure.objects.create(customer_id=person.pk, ground="asked", asked_at=utc_now())
        seconds, slow, done = timed(lambda e=erasure: actions.erase(e, by=SYSTEM, now=utc_now()))
        _tell(f"erasure of one person, {done.row_count} rows", seconds, slow)


def _administrator() -> Any:
    from rapport.accounts.models import Role, User
    from rapport.core.acting import SYSTEM, acting
    from rapport.core.clock import utc_now

    known = User.objects.first()
    if known is not None:
        return known
    with acting(SYSTEM):
        role = Role.objects.get(name="Administrator")
        return User.objects.create_user(
            "ada@example.com", "correct horse battery", name="Ada", role=role, joined_at=utc_now()
        )


def _tell(what: str, seconds: float, statements: list[tuple[float, str]]) -> None:
    inside = sum(spent for spent, _text in statements)
    print(f"   {what:<48}{seconds:8.2f} s  ({len(statements)} statements, {inside:.2f} s of it)")
    for spent, text in sorted(statements, reverse=True)[:SHOWN]:
        if spent >= SLOW_SECONDS:
            print(f"      {spent * 1000:7.0f} ms  {' '.join(text.split())[:150]}")


def timed(deed: Callable[[], Any]) -> tuple[float, list[tuple[float, str]], Any]:
    """Seconds, what each statement took, and what came of it."""
    from django.db.backends.utils import CursorWrapper

    statements: list[tuple[float, str]] = []
    original = CursorWrapper.execute

    def execute(cursor: Any, query: Any, params: Any = None) -> Any:
        began = time.perf_counter()
        try:
            return original(cursor, query, params)
        finally:
            statements.append((time.perf_counter() - began, query if isinstance(query, str) else query.as_string(None)))

    CursorWrapper.execute = execute  # type: ignore[method-assign]
    try:
        began = time.perf_counter()
        result = deed()
        return time.perf_counter() - began, statements, result
    finally:
        CursorWrapper.execute = original  # type: ignore[method-assign]


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
