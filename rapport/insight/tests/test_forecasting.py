"""Ways to go on, weeks and months, back-tests and intervals: by hand, and what always holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.insight.forecast.computing import planned
from rapport.insight.forecast.periods import MONTHS, WEEKS, grain_of, periods_of
from rapport.insight.marts.revenue_days import revenue_days
from rapport.insight.scores import back_testing, forecasting
from rapport.insight.scores.back_testing import Origin
from rapport.insight.scores.histories import UnableToFit
from rapport.insight.tests.shop import MICROS, order, orders, rows_of

KNOWN = np.array([10.0, 20.0, 30.0, 40.0, 12.0, 22.0, 32.0, 42.0])


def test_the_plain_ways_by_hand() -> None:
    assert forecasting.last(KNOWN, 3, 4).tolist() == [42, 42, 42]
    assert forecasting.mean(KNOWN, 2, 8).tolist() == [37, 37]
    assert forecasting.seasonal(KNOWN, 6, 4).tolist() == [12, 22, 32, 42, 12, 22]
    assert forecasting.drift(KNOWN, 2, 4).tolist() == pytest.approx([42 + 32 / 7, 42 + 64 / 7])


def test_holt_winters_finds_seasons_and_a_level_goes_on() -> None:
    seasons = np.tile([100.0, 140.0, 90.0, 70.0], 8)

    assert forecasting.winters(seasons, 6, 4).tolist() == pytest.approx([100, 140, 90, 70, 100, 140], rel=0.01)
    assert forecasting.damped(np.full(12, 5.0) + np.tile([0.1, -0.1], 6), 3, 1).tolist() == pytest.approx(
        [5, 5, 5], rel=0.03
    )
    assert forecasting.damped(np.zeros(9), 2, 1).tolist() == [0, 0]


@given(st.lists(st.floats(1, 1000), min_size=4, max_size=24), st.floats(0.01, 1e6))
def test_a_forecast_is_in_the_unit_of_what_is_known(values: list[float], unit: float) -> None:
    known = np.array(values)
    for way in (forecasting.last, forecasting.mean, forecasting.seasonal, forecasting.drift):
        one, other = way(known, 3, 4), way(known * unit, 3, 4)
        assert other.tolist() == pytest.approx((one * unit).tolist(), rel=1e-6, abs=1e-6 * unit)


def test_a_fading_trend_is_in_the_unit_of_what_is_known_too() -> None:
    assert forecasting.damped(KNOWN * 1e6, 3, 1).tolist() == pytest.approx(
        (forecasting.damped(KNOWN, 3, 1) * 1e6).tolist()
    )


def test_intervals_are_made_of_errors_and_grow_with_the_steps() -> None:
    said = np.full(4, 10.0)
    origins = [Origin(8, said + np.array([1, 2, 3, 4]) * sign, {"a": said}, 2.0) for sign in (1, -1, 1, -1, 1)]

    spread = back_testing.spread_of(origins, "a")

    assert (np.diff(spread.halves(0.8)) > 0).all()
    assert (spread.halves(0.95) >= spread.halves(0.8)).all()
    found = back_testing.checked(origins, "a")
    assert (found.mase, found.wape) == (pytest.approx(2.5 / 2), pytest.approx(50 / (5 * 40 + 10)))
    assert found.bias == pytest.approx(-10 / 210)
    assert found.coverage[0.95] == 1.0


def test_a_way_is_believed_only_where_it_was_nearer_from_most_days() -> None:
    def origin(near: float, naive: float) -> Origin:
        came = np.array([10.0, 10.0])
        return Origin(9, came, {"near": came + near, "naive": came + naive}, 1.0)

    assert back_testing.chosen([origin(1, 2), origin(1, 2), origin(3, 2)], "naive") == "near"
    assert back_testing.chosen([origin(0, 9), origin(3, 2), origin(3, 2)], "naive") == "naive"


def test_weeks_are_counted_back_from_the_day_and_months_are_whole() -> None:
    days = [{"placed_on": date(2026, 1, 20) + timedelta(days=each), "net_micros": 1 + each} for each in range(60)]
    as_of = date(2026, 3, 20)

    weeks, months = periods_of(WEEKS, days, as_of=as_of), periods_of(MONTHS, days, as_of=as_of)

    assert (len(weeks), weeks[-1].until, weeks[-1].first) == (8, as_of, date(2026, 3, 14))
    assert weeks[0].first == date(2026, 1, 24)
    assert sum(each.net_micros for each in weeks) == sum(range(5, 61))
    assert [(each.first, each.until) for each in months] == [(date(2026, 2, 1), date(2026, 2, 28))]
    assert months[0].net_micros == sum(range(13, 41))
    ahead = MONTHS.ahead(date(2026, 2, 28), 2)
    assert [(each.first.day, each.until) for each in ahead] == [(1, date(2026, 3, 31)), (1, date(2026, 4, 30))]
    assert WEEKS.ahead(as_of, 1)[0].until == date(2026, 3, 27)
    assert grain_of(date(2024, 1, 1), date(2025, 12, 31), asked=None) is MONTHS
    assert grain_of(date(2024, 1, 2), date(2025, 12, 31), asked=None) is WEEKS
    assert grain_of(date(2024, 1, 1), date(2025, 12, 31), asked="week") is WEEKS


def test_periods_without_orders_are_zero() -> None:
    days = [{"placed_on": date(2026, 1, 1), "net_micros": 5}, {"placed_on": date(2026, 4, 30), "net_micros": 7}]

    assert [each.net_micros for each in periods_of(MONTHS, days, as_of=date(2026, 5, 7))] == [5, 0, 0, 7]


@pytest.mark.parametrize("periods", [0, 5, 20])
def test_too_short_a_past_is_refused_in_words(periods: int) -> None:
    with pytest.raises(UnableToFit, match=f"{periods} complete periods are known"):
        planned(periods, 13, 13)


def test_a_day_is_tried_from_only_where_what_came_after_it_is_known() -> None:
    for periods in range(26, 160):
        plan = planned(periods, 13, 13)
        assert plan.known[0] >= 13
        assert plan.known[-1] + plan.steps == periods
        assert len(plan.known) >= 3


def test_days_say_what_came_in_who_bought_and_who_was_new() -> None:
    table = orders(
        order(1, date(2026, 1, 1), 10),
        order(1, date(2026, 1, 1), 5),
        order(2, date(2026, 1, 1), 7),
        order(None, date(2026, 1, 1), 3),
        order(1, date(2026, 1, 3), 4),
        order(3, date(2026, 1, 3), 2),
        order(2, date(2026, 1, 3), -7, "return"),
        order(4, date(2026, 1, 4), 99),
    )

    found: list[Any] = rows_of(revenue_days(table, as_of=date(2026, 1, 3)), by="placed_on")

    assert [tuple(row.values()) for row in found] == [
        (date(2026, 1, 1), 25 * MICROS, 4, 2, 2),
        (date(2026, 1, 3), -1 * MICROS, 2, 2, 1),
    ]
