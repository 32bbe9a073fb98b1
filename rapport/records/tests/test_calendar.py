"""A list as a calendar: whole weeks, days as the business counts them, the first records of each and how many more there are."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from rapport.accounts.models import Business
from rapport.commerce.lists import ORDERS
from rapport.commerce.models import Order
from rapport.core.acting import SYSTEM, acting
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.lists import calendar
from rapport.records.lists.page import list_page_of


def look(user: Any, query: str, of: Any = CUSTOMERS, path: str = "/customers/") -> Any:
    return list_page_of(QueryDict(query), path, of, user=user).looked


def on(shown: Any, day: date) -> Any:
    return next(each for each in shown.days if each.day == day)


def test_a_month_is_shown_in_whole_weeks_with_the_first_of_each_day(alice: Any, charlie: Any, as_user: Any) -> None:
    for number in range(6):
        make_customer(f"Born {number}", owner=alice, born_on=date(2026, 3, 5))
    make_customer("Of the south", owner=charlie, born_on=date(2026, 3, 5))
    make_customer("At the edge", owner=alice, born_on=date(2026, 4, 5))

    shown = look(alice, "as=calendar&by=born_on&day=2026-03-15")
    page = as_user(alice).get("/customers/?as=calendar&by=born_on&day=2026-03-15").content.decode()

    assert [(week[0].day, week[-1].day) for week in shown.weeks][::5] == [
        (date(2026, 2, 23), date(2026, 3, 1)),
        (date(2026, 3, 30), date(2026, 4, 5)),
    ]
    assert [card.name for card in on(shown, date(2026, 3, 5)).cards] == [f"Born {number}" for number in range(4)]
    assert (on(shown, date(2026, 3, 5)).count, on(shown, date(2026, 4, 5)).count) == (6, 1)
    assert "+2 more" in page
    following = re.search(r'href="(/customers/\?filter=born_on.each_year:2026-03-05)"', page)
    assert following is not None
    assert as_user(alice).get(following[1].replace("&amp;", "&")).content.decode().count("Born ") >= 6
    week = look(alice, "as=calendar&by=born_on&day=2026-03-05&span=week")
    assert len(week.days) == 7
    assert len(on(week, date(2026, 3, 5)).cards) == 6


def test_a_birthday_is_shown_every_year_and_the_calendar_opens_today(alice: Any, as_user: Any) -> None:
    make_customer("Of March", owner=alice, born_on=date(1950, 3, 5))
    make_customer("Of a leap day", owner=alice, born_on=date(1988, 2, 29))
    make_customer("Not born yet", owner=alice, born_on=date(2031, 3, 5))
    make_customer("Of January", owner=alice, born_on=date(1990, 1, 1))

    names = {
        day: [card.name for card in on(look(alice, f"as=calendar&by=born_on&day={day}"), date.fromisoformat(day)).cards]
        for day in ("2026-03-05", "2031-03-05", "2026-02-28", "2028-02-28", "2028-02-29", "2027-01-01", "1949-03-05")
    }
    opened = look(alice, "as=calendar&by=born_on")
    listed = {day: _behind(alice, day) for day in names}
    week = look(alice, "as=calendar&by=born_on&day=2026-12-30&span=week")
    page = as_user(alice).get("/customers/?as=calendar&by=born_on&day=2026-03-05").content.decode()

    assert names == {
        "2026-03-05": ["Of March"], "2031-03-05": ["Not born yet", "Of March"], "2026-02-28": ["Of a leap day"],
        "2028-02-28": [], "2028-02-29": ["Of a leap day"], "2027-01-01": ["Of January"], "1949-03-05": [],
    }  # fmt: skip
    assert listed == {day: set(found) for day, found in names.items()}
    assert [card.name for card in on(week, date(2027, 1, 1)).cards] == ["Of January"]
    assert opened.at == opened.today
    assert 'draggable="true"' not in page


def _behind(user: Any, day: str) -> set[str]:
    """The names in the list that “more” of a day of the week leads to."""
    week = list_page_of(QueryDict(f"as=calendar&by=born_on&span=week&day={day}"), "/customers/", CUSTOMERS, user=user)
    _path, _mark, query = week.ways.day_url(date.fromisoformat(day)).partition("?")
    listed = list_page_of(QueryDict(query), "/customers/", CUSTOMERS, user=user)
    return {row["name"] for row in listed.page.rows}


def test_an_instant_stands_on_the_day_of_the_business_with_the_time_of_its_reader(ada: Any, as_user: Any) -> None:
    late = datetime(2026, 3, 4, 20, 30, tzinfo=UTC)  # in Tokyo it is the day after
    with acting(SYSTEM):
        Business.objects.update(time_zone="Asia/Tokyo")
        Order.objects.create(
            source_id=1, external_id="Night", kind="sale", channel="store", currency="JPY", total_micros=10**6,
            line_count=1, placed_at=late,
        )  # fmt: skip

    shown = look(ada, "as=calendar&by=placed&day=2026-03-05", ORDERS, "/orders/")
    with acting(SYSTEM):
        ada.time_zone = "America/New_York"
        ada.save(update_fields=["time_zone"])
    page = as_user(ada).get("/orders/?as=calendar&by=placed&day=2026-03-05").content.decode()

    assert [card.name for card in on(shown, date(2026, 3, 5)).cards] == ["Order Night"]
    assert not shown.is_movable
    assert ">15:30</time>" in page
    assert "data-move" not in page


def test_a_record_is_moved_to_another_day_and_the_day_is_read_again(alice: Any, as_user: Any) -> None:
    born = make_customer("Ann", owner=alice, born_on=date(2026, 3, 5))
    address = reverse("cell", args=["customer", born.public_id, "born_on"])
    sent = {"was": "2026-03-05", "query": "as=calendar&by=born_on&day=2026-03-05"}
    client = as_user(alice)

    answer = client.post(address, {"to": "2026-03-12", **sent}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert 'data-value="2026-03-12"' in answer.content.decode()
    assert Customer.objects.get(pk=born.pk).born_on == date(2026, 3, 12)
    assert client.post(address, {"to": "2026-03-13", **sent}, headers={"HX-Request": "true"}).status_code == 409
    for wrong in ("2026-02-30", "tomorrow"):
        again = {**sent, "was": "2026-03-12"}
        assert client.post(address, {"to": wrong, **again}, headers={"HX-Request": "true"}).status_code == 422
    assert Customer.objects.get(pk=born.pk).born_on == date(2026, 3, 12)


def test_weeks_begin_as_they_do_where_the_language_is_spoken(settings: Any) -> None:
    from django.utils import translation

    with translation.override("en-us"):
        assert calendar._week_begins(date(2026, 3, 4)) == date(2026, 3, 1)
    with translation.override("en-gb"):
        assert calendar._week_begins(date(2026, 3, 4)) == date(2026, 3, 2)


def test_more_than_can_be_looked_at_is_said(alice: Any, monkeypatch: pytest.MonkeyPatch, as_user: Any) -> None:
    monkeypatch.setattr(calendar, "LOOKS_AT", 2)
    for number in range(4):
        make_customer(f"Born {number}", owner=alice, born_on=date(2026, 3, 5))

    assert look(alice, "as=calendar&by=born_on&day=2026-03-05").is_capped
    assert (
        "too many to count" in as_user(alice).get("/customers/?as=calendar&by=born_on&day=2026-03-05").content.decode()
    )
