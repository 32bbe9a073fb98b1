"""How the page of the customer base writes periods, shares and money."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from rapport.insight.behind.links import CUSTOMER, PRODUCT, behind_href
from rapport.insight.customer_base.periods import CUSTOMERS, BaseQuestion
from rapport.ui.formats import money_short, number, percent

_STYLES = {"year": "y", "quarter": "QQQ y", "month": "MMM y"}


def of_whom(of: str, customers: str, products: str) -> str:
    return customers if of == CUSTOMERS else products


def period_label(first: date | str, grain: str) -> str:
    """2011, Q1 2011, Jan 2011, of the first day."""
    day = date.fromisoformat(first) if isinstance(first, str) else first
    return format_date(day, _STYLES[grain], locale=to_locale(get_language() or "en"))


def shown_money(micros: int | None, currency: str, *, signed: bool = False) -> str:
    if micros is None or not currency:
        return "—"
    return ("+" if signed and micros > 0 else "") + money_short(micros, currency)


def share_of(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def shown_share(part: float, whole: float) -> str:
    return percent(share_of(part, whole))


def shown_change(now: float, before: float) -> str:
    """+14 %, −3 %; nothing where there is nothing to compare with."""
    if before <= 0:
        return ""
    ratio = (now - before) / before
    return ("+" if ratio >= 0 else "−") + percent(abs(ratio))


def bracket_label(low: int, high: int | None) -> str:
    if high is None:
        return _("%(count)s or more") % {"count": number(low)}
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def behind_period(question: BaseQuestion, what: str, **asked: object) -> str:
    """The list of those whom a number of a period counts."""
    return behind_href(listed_as(question), what, as_of=question.as_of, period=question.period, **asked)


def behind_cohort(question: BaseQuestion, what: str, **asked: object) -> str:
    """The list of those whom a number of a cohort, or of a calendar period, counts."""
    return behind_href(listed_as(question), what, as_of=question.as_of, grain=question.grain, **asked)


def listed_as(question: BaseQuestion) -> str:
    """In which list the members stand."""
    return CUSTOMER if question.of == CUSTOMERS else PRODUCT
