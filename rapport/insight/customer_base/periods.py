"""The periods that an audit of the customer base looks at: the one that ends with a day, and the calendar's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from rapport.insight.queries import months_before

MONTHS = {"month": 1, "quarter": 3, "year": 12}
GRAIN_OF = {"month": "month", "quarter": "quarter", "year": "quarter"}
CUSTOMERS, PRODUCTS = "customers", "products"


@dataclass(frozen=True)
class BaseQuestion:
    """What is looked at: the period that ends with `as_of` and the one before, cohorts of calendar periods of `grain`."""

    as_of: date
    period: str = "year"
    grain: str = "quarter"
    of: str = CUSTOMERS

    @property
    def first(self) -> date:
        """The first day of the period; of a day that ends a month it is the first of one."""
        return self._begins(MONTHS[self.period])

    @property
    def before(self) -> date:
        """The first day of the period before."""
        return self._begins(2 * MONTHS[self.period])

    @property
    def last_before(self) -> date:
        """The last day of the period before."""
        return self.first - timedelta(days=1)

    def _begins(self, months: int) -> date:
        return months_before(self.as_of + timedelta(days=1), months)


def period_number(day: date, grain: str) -> int:
    """Calendar periods counted from the year 0 on, as the mart `cohorts` counts them."""
    return (day.year * 12 + day.month - 1) // MONTHS[grain]


def period_days(number: int, grain: str) -> tuple[date, date]:
    """The first and the last day of a calendar period."""
    first, after = _first(number, grain), _first(number + 1, grain)
    return first, after - timedelta(days=1)


def period_key(number: int, grain: str) -> str:
    """2011, 2011-Q1, 2011-01."""
    first = _first(number, grain)
    if grain == "year":
        return str(first.year)
    return f"{first.year}-Q{(first.month + 2) // 3}" if grain == "quarter" else f"{first:%Y-%m}"


def _first(number: int, grain: str) -> date:
    year, month = divmod(number * MONTHS[grain], 12)
    return date(year, month + 1, 1)
