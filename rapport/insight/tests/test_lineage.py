"""The lineage page: which mart comes from which rows, how these came here, and whether they were right."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from rapport.insight import actions, queries
from rapport.insight.models import Comparison, Snapshot
from rapport.insight.queries import snapshot_folder
from rapport.insight.tests.shop import make_customer, make_order, make_orders
from rapport.insight.warehouse.lineage import marts_made, tables_made
from rapport.insight.warehouse.refresh import How

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh(how: How = How.USUAL) -> Snapshot:
    return actions.refresh(settings=queries.report_settings(), now=NOW, how=how).snapshot


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_the_page_tells_tables_marts_and_the_comparison(home: Path, business: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    assert "No numbers yet" in client.get("/worth/lineage/").text

    customer = make_customer()
    make_orders(customer, [date(2026, 1, 5), date(2026, 2, 5)], 100)
    refresh()
    assert "The first time is on the coming Sunday".lower() in client.get("/worth/lineage/").text.lower()
    make_order(customer, NOW)
    refresh(How.COMPARING)
    assert "the same, row by row" in client.get("/worth/lineage/").text
    make_order(customer, NOW)
    made = refresh()

    page = client.get("/worth/lineage/")
    shown = text_of(page)
    assert "orders 4 what changed 1" in shown
    assert "products 0 nothing changed 0" in shown
    assert made.folder in shown
    assert made.made_by in shown
    assert re.search(
        r"rfm v\d+ 2026-03-02 · average orders, profile_customers — [\d.]+ .* DuckDB [\d.]+ · Rapport", shown
    )
    assert 'href="/worth/lineage/"' in client.get("/worth/").text
    tables = {table.name: table for table in tables_made(made)}
    assert (tables["orders"].rows, tables["orders"].changed, tables["orders"].reads) == (4, 1, ("commerce_order",))
    marts = {mart.name: mart for mart in marts_made(made)}
    assert marts["customers_20260302"].rows == 1
    assert marts["segmented_average_20260302"].reads == ("orders", "profile_customers")
    assert marts["newest_order"].engine.startswith("DuckDB")


def test_a_difference_is_told_first_of_all(home: Path, business: Any, ada: Any, as_user: Any) -> None:
    make_orders(make_customer(), [date(2026, 1, 5)])
    first = refresh()
    (snapshot_folder(first) / "answers" / "cut off.lineage").write_text("{")
    Comparison.objects.create(
        snapshot_folder=first.folder, is_equal=False,
        tables={"orders": {"carried": {"rows": 7, "sum": "a"}, "whole": {"rows": 8, "sum": "b"}}},
    )  # fmt: skip
    Snapshot.objects.filter(pk=first.pk).update(tables={}, made_by="")  # as an earlier version left it

    shown = text_of(as_user(ada).get("/worth/lineage/"))

    assert "The warehouse was not what the database holds" in shown
    assert "orders differed" in shown
    assert "differed: orders" in shown
