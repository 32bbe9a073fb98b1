"""A day's stories in a real browser by keyboard alone among 100,000 customers: keystrokes and seconds of each.

The stories are those of tests/browser/test_keystrokes.py, on a site of their own with BENCH_SCALE customers (100,000), of whom
10,000 (half of them where there are fewer) are changed and that is undone, and once cancelled on the way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.apart import migrated_database

STORIES = "tests/browser/test_keystrokes.py"
CUSTOMERS, MANY = 100_000, 10_000
_FIRST = 1_001  # the ids of those who are written here begin behind the small world's
_CUSTOMERS = """
insert into customers_customer (id, kind, owner_id, name, organization, email, phone, city, country, provenance, sort_key, search)
select n, 'person', (array(select id from accounts_user order by id))[1 + n %% 5], name, organization, email, phone, city, 'GB',
       jsonb_build_object('*', n), customer_sort_key(name, organization, email, phone),
       search_vector(concat_ws(' ', name, organization, email), phone)
  from (select n, concat_ws(' ', (array['Anna','Ben','Chiara','Dara','Élodie','Fatima','박지훈','王芳'])[1 + n %% 8],
                            'W' || n / 40, chr(65 + n %% 26) || (n::bigint * 7919) %% 99991) as name,
               'Shop ' || n %% 5003 as organization, 'user' || n || '@example' || n %% 5000 || '.com' as email,
               '+44' || (2000000000 + n) as phone, case when n < %s then 'Leeds' else 'York' end as city
          from generate_series(%s, %s) n) made
"""
_PROFILES = """
insert into customers_profile (id, customer_id, source_id, external_id, name, organization, email, phone, city, country, seen_at)
select c.id, c.id, (select id from customers_source where name = 'shop'), 'N' || c.id, name, organization, email, phone, city,
       country, now()
  from customers_customer c where c.id >= %s
"""


def run() -> None:
    customers = int(os.environ.get("BENCH_SCALE", str(CUSTOMERS)))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        _tell_stories(folder, customers)


def _tell_stories(folder: Path, customers: int) -> None:
    from tests.browser.site import free_port, served

    port, site, log = free_port(), folder / "site.json", folder / "stories.jsonl"
    origin = f"http://localhost:{port}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("RAPPORT_", "DATABASE_"))}
    environment = kept | {
        "RAPPORT_HOME": str(folder / "home"), "RAPPORT_ORIGIN": origin, "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "rapport.config.settings",
    }  # fmt: skip
    _run(environment | {"RAPPORT_DATABASE_ROLE": "owner"}, "-m", "bench.stories", origin, str(site), str(customers))
    print(f"   {customers:,} customers, {os.cpu_count()} cores", flush=True)
    with served(environment, port):
        _run(
            kept | {
                "RAPPORT_TEST_HOME": str(folder / "test"), "RAPPORT_TEST_SITE": str(site), "RAPPORT_STORIES": str(log),
            },
            "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", STORIES,
        )  # fmt: skip
    for line in log.read_text().splitlines():
        told = json.loads(line)
        print(f"   {told['story']}: {told['keystrokes']} keystrokes, {told['seconds']:.1f} s")


def _run(environment: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr)[-3000:])


def write_site(origin: str, target: Path, customers: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty: the small world of the browser tests, and many customers more."""
    from django.db import connection

    from tests.browser.site_world import make_world

    many = min(MANY, customers // 2)
    with migrated_database():
        world = make_world()
        with connection.cursor() as cursor:
            cursor.execute("alter table customers_customer disable trigger user")
            cursor.execute(_CUSTOMERS, [_FIRST + many, _FIRST, _FIRST + customers - 1])
            cursor.execute(_PROFILES, [_FIRST])
            cursor.execute("alter table customers_customer enable trigger user")
            for table in ("customers_customer", "customers_profile"):
                cursor.execute("select setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, _FIRST + customers])
            cursor.execute("vacuum (analyze) customers_customer, customers_profile")
        connection.close()
    world["many"] = "/customers/?filter=city.is:Leeds"
    target.write_text(json.dumps({"origin": origin, "world": world}))


if __name__ == "__main__":
    write_site(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
