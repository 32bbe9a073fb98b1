"""The CDNOW data set as the facts that marts start from."""

from __future__ import annotations

import warnings
from datetime import date
from pathlib import Path

import pytest
from ibis import ir
from ibis.backends.duckdb import Backend

SAMPLE = Path(__file__).parents[4] / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
AS_OF, WEEKS = date(1997, 9, 30), 39

# customer, her number in the sample, day, pieces, money: one order per row
_ORDERS = """
create table orders as
select row_number() over () as order_id, parts[2]::bigint as customer_id, 'sale' as kind,
       strptime(parts[3], '%Y%m%d')::date as placed_on, (parts[5]::decimal(18, 2) * 1000000)::bigint as total_micros,
       null::bigint as reverses_id
  from (select regexp_split_to_array(trim(line), ' +') as parts
          from read_csv('{path}', header = false, columns = {{'line': 'varchar'}}, delim = '|'))
"""


def orders(backend: Backend) -> ir.Table:
    """Skips, loudly, where the data set is not there."""
    if not SAMPLE.exists():
        warnings.warn(f"THE PUBLISHED NUMBERS WERE NOT CHECKED: {SAMPLE} is missing.", stacklevel=2)
        pytest.skip(f"{SAMPLE} is missing")
    backend.con.execute(_ORDERS.format(path=SAMPLE))
    return backend.table("orders")
