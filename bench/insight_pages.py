"""Every page of insight in one business of BENCH_SCALE customers (1,000,000), asked in turns as `bench pages` asks the others.

Goals, for three of four: pages within 200 ms, dashboards and reports within 2 s, parts of a page within 100 ms. What is asked
of the engine for the first time is told once, without a goal. Whole requests through Django (session, gate, statements,
template) in one process, on an own, throw-away PostgreSQL.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import time
from datetime import date
from typing import Any

from django.db import connection

from bench import pages
from bench.apart import migrated_database, run_apart
from bench.shop import peak_megabytes, write_numbers, write_shop

GOAL_PAGE, GOAL_COUNTED, GOAL_PART = pages.GOAL_PAGE, 2000.0, pages.GOAL_PART
ROUNDS = 12
_BUILT = "/reports/new/?of=customer&by=segment&filter=segment.filled:&measure=count&measure=sum.value"


def run() -> None:
    run_apart("bench.insight_pages", int(os.environ.get("BENCH_SCALE", "1000000")))


def measure(customers: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    with migrated_database():
        people = write_shop(customers)
        write_numbers()
        print_pages(*people)


def print_pages(administrator: Any, seller: Any) -> None:
    """Where the numbers stand already."""
    own = _kept(administrator)
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # who may not enter a page is asked about it below
    asked = {
        f"{name}{who}": (pages._asked(user, url, part=part), goal)
        for who, user in (("", administrator), (", a team of ten", seller))
        for name, url, part, goal in (*_urls(user), *(own if user is administrator else ()))
        if _may_enter(user, url)
    }
    for name, url in _first_asked():
        seconds = pages._timed(pages._asked(administrator, url))
        worker = _work()
        by_whom = f"asked of the worker, which takes {1000 * worker:.0f} ms" if worker else "worked out by the engine"
        print(f"   {name:<60}{1000 * seconds:8.0f} ms, {by_whom}", flush=True)
    spent: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(2 + ROUNDS):
        for name, (page, _goal) in asked.items():
            seconds = pages._timed(page)
            if turn >= 2:
                spent[name].append(seconds)
    print(f"   {'ms':<60}{'half':>8}{'3 of 4':>8}{'most':>8}")
    for name, seconds_of in spent.items():
        half, three, most = (1000 * value for value in (*statistics.quantiles(seconds_of, n=4)[1:], max(seconds_of)))
        goal = asked[name][1]
        verdict = "reached" if three <= goal else "missed"
        print(f"   {name:<60}{half:8.1f}{three:8.1f}{most:8.1f}  goal {goal:.0f}: {verdict}", flush=True)
    print(f"   peak memory: {peak_megabytes():,.0f} MB")


def _urls(user: Any) -> list[tuple[str, str, bool, float]]:
    """(what it is, its address, whether a part of a page is asked for, its goal)."""
    customer = pages._page(7, owner=None if user.role.scope == "all" else user.pk)
    page, counted = GOAL_PAGE, GOAL_COUNTED
    return [
        ("worth", "/worth/", False, page),
        ("worth by the sum of purchases", "/worth/?monetary=total", False, page),
        ("worth in five ways", "/worth/five/", False, page),
        ("lifetime value", "/worth/lifetime/", False, page),
        ("forecast", "/worth/forecast/", False, page),
        ("lineage", "/worth/lineage/", False, page),
        ("risk of leaving", "/worth/leaving/", False, page),
        ("customer base", "/customer-base/", False, page),
        ("customer base, products", "/customer-base/?of=products", False, page),
        ("journeys", "/customer-journeys/", False, page),
        ("bought together", "/bought-together/", False, page),
        ("bought together, a word", "/bought-together/?q=product+12", False, page),
        ("unit values", "/settings/unit-values/", False, page),
        ("today", "/today/", False, page),
        ("customer page", customer, False, page),
        ("a customer's worth in five ways", f"{customer}worth/", False, page),
        ("likely next", f"{customer}likely-next/", False, page),
        ("customers by foretold revenue", "/customers/?sort=-expected_value", False, page),
        (
            "customers at risk, most likely first",
            "/customers/?sort=-leaving_percent&filter=leaving_percent.at_least:70",
            False,
            page,
        ),
        ("customers of a segment, by value", "/customers/?sort=-value&filter=segment.is:at_risk", False, page),
        ("dashboard at a glance", "/dashboards/", False, counted),
        ("a tile that comes after its dashboard", "/dashboards/tiles/orders/", True, counted),
        ("a new dashboard", "/dashboards/new/", False, page),
        ("reports", "/reports/", False, page),
        ("a new report", "/reports/new/", False, page),
        ("report builder, customers by segment", _BUILT, False, counted),
        (
            "report builder, orders by month and channel",
            "/reports/new/?of=order&by=placed.month&then=channel&measure=count",
            False,
            counted,
        ),
        (
            "report builder, a mart",
            "/reports/new/?of=mart-revenue&by=month.month&measure=sum.net_micros",
            False,
            counted,
        ),
    ]


def _first_asked() -> list[tuple[str, str]]:
    """Questions that nobody prepared."""
    day = date(2026, 9, 30).isoformat()
    return [
        ("worth as of another day, first asked", f"/worth/?as_of={day}"),
        ("customer base as of another day, first asked", f"/customer-base/?as_of={day}"),
        ("customer base, products, first asked", "/customer-base/?of=products"),
        ("journeys, first asked", "/customer-journeys/"),
        ("journeys of another day, first asked", f"/customer-journeys/?as_of={day}"),
    ]


def _work() -> float:
    """What the worker does where a page asked for something that takes long: in how many seconds."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    from rapport.insight.jobs import answer_page
    from rapport.insight.warehouse.asking import ANSWERING_TASK

    began = time.monotonic()
    waiting = list(ProcrastinateJob.objects.filter(task_name=ANSWERING_TASK, status="todo").values("id", "args"))
    for job in waiting:
        answer_page(**job["args"])
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs where id = any(%s)", [[job["id"] for job in waiting]])
    return time.monotonic() - began if waiting else 0.0


def _kept(administrator: Any) -> list[tuple[str, str, bool, float]]:
    """A report and a dashboard of one's own."""
    from urllib.parse import parse_qs

    from rapport.core.clock import utc_now
    from rapport.insight.dashboards.tiles import AT_A_GLANCE
    from rapport.insight.report_builder import actions

    asked = parse_qs(_BUILT.partition("?")[2], keep_blank_values=True)
    report = actions.save_report(name="Bench", asked=asked, by=administrator, now=utc_now())
    dashboard = actions.save_dashboard(name="Bench", tiles=AT_A_GLANCE, by=administrator, now=utc_now())
    return [
        ("a report of one's own", f"/reports/{report.public_id}/", False, GOAL_COUNTED),
        ("a report being changed", f"/reports/{report.public_id}/change/", False, GOAL_COUNTED),
        ("a dashboard of one's own", f"/dashboards/{dashboard.public_id}/", False, GOAL_COUNTED),
        ("a dashboard being changed", f"/dashboards/{dashboard.public_id}/change/", False, GOAL_PAGE),
    ]


def _may_enter(user: Any, url: str) -> bool:
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return bool(client.get(url).status_code != 403)


if __name__ == "__main__":
    measure(int(sys.argv[1]))
