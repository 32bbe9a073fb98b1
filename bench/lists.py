"""The customer list, whole-word search and the customer page at 10,000 customers and at a hundred times as many, hot.

BENCH_SCALE is the larger number of customers (1,000,000). The goal: each at most 2 times slower than at 10,000.
Whole pages through Django (session, gate, statements, template) in one process, on an own, throw-away PostgreSQL.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from bench.apart import migrated_database, run_apart

SMALL, GOAL = 10_000, 2.0
ROUNDS, PER_ROUND = 3, 12
COMPARED = (
    "list, everyone by name",
    "list, a team of ten",
    "whole-word search",
    "customer page",
    "sorted by an own number",
)

_CUSTOMERS = """
insert into customers_customer (id, kind, owner_id, name, organization, email, phone, city, country, custom, provenance, sort_key,
                                search)
select n, 'person', (select min(id) from accounts_user) + n %% 100, name, organization, email, phone, city, 'GB',
       jsonb_build_object('c_grade', (array['gold','silver','bronze','none'])[1 + n %% 4],
                          'c_shoe_size', trim_scale(30 + (n %% 2000) / 100.0)::text,
                          'c_contract_until', (date '2026-01-01' + n %% 1000)::text, 'c_ticket', 'T' || n),
       jsonb_build_object('*', n), customer_sort_key(name, organization, email, phone),
       search_vector(concat_ws(' ', name, organization, email), phone)
  from (select n, concat_ws(' ', (array['Anna','Ben','Chiara','Dara','Élodie','Fatima','Georg','Hana'])[1 + n %% 8],
                            'W' || n / 40, chr(65 + n %% 26) || (n::bigint * 7919) %% 99991) as name,
               'Shop ' || n %% 5003 as organization, 'user' || n || '@example' || n %% 5000 || '.com' as email,
               '+44' || (2000000000 + n) as phone, (array['London','Leeds','York','Köln','Seoul'])[1 + n %% 5] as city
          from generate_series(1, %s) n) made
"""
_PROFILES = """
insert into customers_profile (id, customer_id, source_id, external_id, name, organization, email, phone, city, country, seen_at)
select c.id, c.id, (select max(id) from customers_source), 'C' || c.id, name, organization, email, phone, city, country, now()
  from customers_customer c
"""
_TOUCHPOINTS = """
insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, summary)
select timestamptz '2026-11-01' - make_interval(days => (c * 37 + t * 131) %% 720, secs => c %% 86400), c, c,
       (array['page_view','campaign','call'])[1 + t %% 3], 'web', 'touchpoint ' || t
  from generate_series(1, %s) c, generate_series(1, 6) t
"""


def run() -> None:
    large = int(os.environ.get("BENCH_SCALE", "1000000"))
    run_apart("bench.lists", large)


def measure(large: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty: two databases of one server, asked in turns."""
    from django.db import connection

    with migrated_database():
        people = write_staff()
        sizes = {connection.settings_dict["NAME"]: large, "small": SMALL}
        _copy_database(connection.settings_dict["NAME"], "small")
        for database, customers in sizes.items():
            _connect(database)
            started = time.perf_counter()
            write_customers(customers)
            print(f"   {customers:,} customers written in {time.perf_counter() - started:.0f} s", flush=True)
        _print(_times(sizes, people), large)
        connection.close()


def _times(sizes: dict[str, int], people: tuple[Any, Any]) -> dict[str, dict[int, list[float]]]:
    """Seconds of each request by kind of page and size; every round warms up before it counts."""
    times: dict[str, dict[int, list[float]]] = {}
    for _round in range(ROUNDS):
        for database, customers in sizes.items():
            _connect(database)
            for name, pages in _pages(*people, customers).items():
                for page in pages:
                    page()
                spent = times.setdefault(name, {}).setdefault(customers, [])
                for page in pages:
                    started = time.perf_counter()
                    page()
                    spent.append(time.perf_counter() - started)
    return times


def _print(times: dict[str, dict[int, list[float]]], large: int) -> None:
    print(f"   {'hot medians, ms':<44}{SMALL:>12,}{large:>12,}   ratio")
    for name, spent in times.items():
        small, big = statistics.median(spent[SMALL]) * 1000, statistics.median(spent[large]) * 1000
        verdict = (
            f"goal {GOAL:.0f}: {'reached' if big <= GOAL * small else 'missed'}" if name in COMPARED else "more to do"
        )
        print(f"   {name:<44}{small:12.1f}{big:12.1f}   {big / small:5.2f}  {verdict}")


def _connect(database: str) -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = database


def _copy_database(template: str, name: str) -> None:
    from django.db import connection
    from psycopg import sql

    _connect("postgres")
    with connection.cursor() as cursor:
        copy = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        cursor.execute(copy.as_string(connection.connection))


def write_staff() -> tuple[Any, Any]:
    from rapport.accounts.models import Business, Role, Team, User
    from rapport.core.acting import SYSTEM, acting
    from rapport.core.clock import utc_now

    with acting(SYSTEM):
        Business.objects.create(id=1, name="Bench Ltd", time_zone="Europe/London", currency="GBP", set_up_at=utc_now())
        teams = [Team.objects.create(name=f"Team {number}") for number in range(10)]
        users = [
            User.objects.create(
                email=f"u{number}@example.com",
                name=f"User {number}",
                role=Role.objects.get(name="Sales"),
                team=teams[number // 10],
                joined_at=utc_now(),
            )
            for number in range(100)
        ]
        administrator = User.objects.create(
            email="admin@example.com", name="Admin", role=Role.objects.get(name="Administrator"), joined_at=utc_now()
        )
    return administrator, users[0]


def write_customers(customers: int) -> None:
    from django.db import connection

    from rapport.core.acting import SYSTEM, acting
    from rapport.customers.actions import ensure_source

    with acting(SYSTEM):
        ensure_source("shop", label="Shop")
    with connection.cursor() as cursor:
        cursor.execute("alter table customers_customer disable trigger user")
        cursor.execute("select touchpoint_partitions('2024-10-01', '2026-12-01')")
        cursor.execute(_CUSTOMERS, [customers])
        cursor.execute(_PROFILES, [])
        cursor.execute(_TOUCHPOINTS, [customers])
        cursor.execute(
            "insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, summary)"
            " select timestamptz '2026-11-01' - make_interval(mins => n * 10), 1, 1, 'page_view', 'web', 'page ' || n"
            " from generate_series(1, 100000) n"
        )
        cursor.execute("alter table customers_customer enable trigger user")
    _write_fields()
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) customers_customer, customers_profile, customers_touchpoint")


def _write_fields() -> None:
    """Three columns of the business's own, one of them sorted, and a filter that the index answers."""
    from rapport.accounts.models import User
    from rapport.core.clock import utc_now
    from rapport.records.custom_fields.actions import add_field, choices_from
    from rapport.records.custom_fields.indexes import follow_index

    administrator = User.objects.get(email="admin@example.com")
    grades = choices_from(["Gold", "Silver", "Bronze", "None"], [])
    add_field("customer", label="Grade", kind="choice", choices=grades, is_column=True, by=administrator)
    size = add_field("customer", label="Shoe size", kind="number", is_column=True, is_sorted=True, by=administrator)
    add_field("customer", label="Contract until", kind="date", is_column=True, by=administrator)
    ticket = add_field("customer", label="Ticket", kind="text", by=administrator)
    assert (size.name, ticket.name) == ("c_shoe_size", "c_ticket")
    follow_index(size, now=utc_now())


def _pages(administrator: Any, seller: Any, customers: int) -> dict[str, list[Callable[[], Any]]]:
    """Twelve different requests of each kind, so that no answer is the very last one again."""
    from django.db import connection
    from django.test import Client

    with connection.cursor() as cursor:
        cursor.execute(
            "select public_id from customers_customer where id > 1 and id %% %s = 0 limit %s",
            [customers // 20, PER_ROUND],
        )
        ids = [str(row[0]) for row in cursor.fetchall()]
        cursor.execute("select public_id from customers_customer where id = 1")
        busy = str(cursor.fetchone()[0])

    def addresses(number: int) -> str:
        return f"/customers/?q=user{number + 7}@example{number + 7}.com"

    def get(user: Any, urls: Iterable[str]) -> list[Callable[[], Any]]:
        client = Client(HTTP_HOST="localhost")
        client.force_login(user)
        return [lambda url=url: expect(client.get(url)) for url in urls]  # type: ignore[misc]

    places = [customers // 40 // PER_ROUND * number for number in range(PER_ROUND)]
    return {
        "list, everyone by name": get(administrator, ["/customers/"] * PER_ROUND),
        "list, a team of ten": get(seller, ["/customers/"] * PER_ROUND),
        "list, newest first": get(administrator, ["/customers/?sort=-created"] * PER_ROUND),
        "whole-word search": get(administrator, [f"/customers/?q=w{place}+" for place in places]),
        "search for one e-mail address": get(administrator, map(addresses, range(PER_ROUND))),
        "customer page": get(administrator, [f"/customers/{public_id}/" for public_id in ids]),
        "customer page with 100,000 touchpoints": get(administrator, [f"/customers/{busy}/"] * PER_ROUND),
        "search for a common beginning (capped)": get(administrator, ["/customers/?q=anna"] * PER_ROUND),
        "filter: one grade of four (own field), by name": get(
            administrator, ["/customers/?filter=c_grade.is:gold"] * PER_ROUND
        ),
        "sorted by an own number": get(administrator, ["/customers/?sort=-c_shoe_size"] * PER_ROUND),
        "filter: own number of a few": get(
            administrator,
            [f"/customers/?filter=c_shoe_size.is:{30 + place * 7 / 100}" for place in range(PER_ROUND)],
        ),
        "filter: one city of five, by name": get(administrator, ["/customers/?filter=city.is:Leeds"] * PER_ROUND),
    }


def expect(response: Any) -> None:
    if response.status_code != 200:
        raise RuntimeError(
            f"{response.status_code} for {response.request['PATH_INFO']}?{response.request['QUERY_STRING']}"
        )


if __name__ == "__main__":
    measure(int(sys.argv[1]))
