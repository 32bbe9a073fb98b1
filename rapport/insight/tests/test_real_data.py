"""The published numbers of the Online Retail data set, and other days of it against a definition in plain Python."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from rapport.insight.marts.rfm import AVERAGE, TOTAL, rfm
from rapport.insight.tests.test_rfm import plainly
from rapport.insight.warehouse.engine import DescribingBackend

DATA = Path(__file__).parents[4] / "shared" / "data" / "online_retail.csv.gz"

pytestmark = pytest.mark.real_data

# one order per invoice; a C before its number marks a cancellation, an A an adjustment; the earlier of two minutes counts
_ORDERS = """
create table orders as
select row_number() over (order by InvoiceNo) as order_id, max(try_cast(CustomerID as bigint)) as customer_id,
       case left(InvoiceNo, 1) when 'C' then 'cancellation' when 'A' then 'adjustment' else 'sale' end as kind,
       min(strptime(InvoiceDate, '%m/%d/%Y %H:%M'))::date as placed_on,
       sum(Quantity::bigint * (UnitPrice::decimal(18, 6) * 1000000)::bigint)::bigint as total_micros,
       null::bigint as reverses_id -- the file does not say which order a cancellation takes back
  from read_csv('{path}', all_varchar = true) group by InvoiceNo
"""


@pytest.fixture(scope="module")
def retail() -> Iterator[Backend]:
    if not DATA.exists():
        warnings.warn(f"THE PUBLISHED NUMBERS WERE NOT CHECKED: {DATA} is missing.", stacklevel=1)
        pytest.skip(f"{DATA} is missing")
    backend = DescribingBackend().connect()
    backend.con.execute(_ORDERS.format(path=DATA))
    yield backend
    backend.disconnect()


@pytest.mark.parametrize("threads", [1, 4])
def test_the_bands_of_online_retail_are_the_published_ones(retail: Backend, threads: int) -> None:
    retail.con.execute(f"set threads = {threads}")

    rows = _rows(retail, date(2011, 12, 10), AVERAGE)

    assert len(rows) == 4_339
    assert _counts(rows, "recency") == [869, 889, 866, 889, 826]
    assert _counts(rows, "frequency") == [1_494, 835, 508, 802, 700]
    assert sum(row["value_micros"] for row in rows) == 8_310_477_054_000


def test_every_order_and_the_net_total_are_there(retail: Backend) -> None:
    (found,) = retail.con.execute("select count(*), sum(total_micros)::bigint from orders").fetchall()

    assert found == (25_900, 9_747_747_934_000)


@pytest.mark.parametrize("monetary", [AVERAGE, TOTAL])
@pytest.mark.parametrize(
    "day",
    [date(2010, 12, 1), date(2011, 2, 28), date(2011, 6, 30), date(2011, 10, 30), date(2011, 12, 9), date(2012, 2, 29)],
)
def test_other_days_hold_the_bands_of_the_plain_definition(retail: Backend, day: date, monetary: str) -> None:
    orders = retail.table("orders").to_pyarrow().to_pylist()

    found = {
        row["customer_id"]: (row["recency_band"], row["frequency_band"], row["monetary_band"])
        for row in _rows(retail, day, monetary)
    }

    assert found == plainly(orders, as_of=day, monetary=monetary)


def test_before_the_first_order_there_is_nobody(retail: Backend) -> None:
    assert _rows(retail, date(2010, 11, 30), AVERAGE) == []


def _rows(retail: Backend, day: date, monetary: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rfm(retail.table("orders"), as_of=day, monetary=monetary).to_pyarrow().to_pylist()
    return found


def _counts(rows: list[dict[str, Any]], name: str) -> list[int]:
    counted = Counter(row[f"{name}_band"] for row in rows)
    return [counted[band] for band in range(1, 6)]
