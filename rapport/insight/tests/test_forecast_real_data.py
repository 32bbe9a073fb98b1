"""The forecast of revenue tried on two published data sets: which way is believed, and how far off it would have been."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from ibis import ir
from ibis.backends.duckdb import Backend

from rapport.insight.forecast.computing import revenue_forecast
from rapport.insight.tests import cdnow
from rapport.insight.tests.test_real_data import retail  # noqa: F401 - the orders of the file
from rapport.insight.warehouse.engine import DescribingBackend, Warehouse

pytestmark = pytest.mark.real_data


class Shop(Warehouse):
    """A warehouse of nothing but orders, as marts start from them."""

    def orders(self) -> ir.Table:
        return self.backend.table("orders")


def forecast(shop: Shop, as_of: date) -> Any:
    answers: Any = SimpleNamespace(
        warehouse=shop,
        snapshot=SimpleNamespace(folder="", time_zone="UTC", currency=shop.currency),
        answer=lambda _name, _question, compute: compute(),
    )
    return revenue_forecast(answers, as_of=as_of)


def told(report: Any) -> dict[str, tuple[float, float]]:
    """Of each way MASE and WAPE over the days it was tried from."""
    return {each["name"]: (round(each["mase"], 2), round(each["wape"], 3)) for each in report["candidates"]}


def test_the_autumn_of_online_retail_beat_every_way_so_that_the_naive_one_stays(retail: Backend) -> None:  # noqa: F811
    shop = Shop(retail, "GBP")

    autumn, before = (forecast(shop, day) for day in (date(2011, 12, 9), date(2011, 9, 30)))

    assert (autumn["period"], autumn["periods"], len(autumn["forecast"]), len(autumn["origins"])) == ("week", 53, 13, 6)
    assert set(autumn["not_tried"]) == {"seasonal", "winters"}  # one year: nothing says what the next autumn brings
    assert (autumn["chosen"], autumn["baseline"]) == ("last", "last")
    assert told(autumn) == {
        "last": (1.46, 0.306), "mean": (1.41, 0.293), "drift": (2.01, 0.426), "damped": (1.51, 0.313),
        "customers": (1.33, 0.279),
    }  # fmt: skip
    assert autumn["held_out"]["within_80"] == pytest.approx(3 / 13)
    assert before["chosen"] == "mean"
    assert told(before)["mean"] == (0.73, 0.199)
    assert told(before)["last"] == (0.95, 0.259)


def test_what_cdnow_brings_is_told_best_by_its_customers_once_nobody_new_comes() -> None:
    backend = DescribingBackend().connect()
    cdnow.orders(backend)
    shop = Shop(backend, "USD")

    late, early = (forecast(shop, day) for day in (date(1998, 6, 30), date(1997, 12, 31)))

    assert (late["chosen"], late["periods"], len(late["forecast"])) == ("customers", 78, 13)
    assert told(late) == {
        "last": (1.12, 0.534), "mean": (0.61, 0.287), "drift": (0.98, 0.468), "damped": (1.09, 0.519),
        "customers": (0.54, 0.255),
    }  # fmt: skip
    assert round(late["held_out"]["wape"], 3) == 0.298 < late["held_out"]["baseline_wape"]
    assert early["chosen"] == "damped"
    assert told(early)["customers"] == (1.12, 0.556)  # newcomers were still counted on who had stopped coming in March
