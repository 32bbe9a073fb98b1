"""Numbers lead to those whom they count: what can be asked, by whom, and that both sides say the same."""

from __future__ import annotations

import html
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from rapport.core.acting import SYSTEM, acting
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.models import Customer
from rapport.insight import actions, queries
from rapport.insight.behind import numbers as behind_numbers
from rapport.insight.behind.links import CUSTOMER, ORDER, behind_href
from rapport.insight.preparing import prepare_newest
from rapport.insight.queries import warehouse_folder
from rapport.insight.tests.returning_shop import open_returning_shop
from rapport.insight.tests.shop import make_customer, make_order
from rapport.insight.tests.test_journeys_page import touch
from rapport.insight.tests.test_together_page import buyers as buyers
from rapport.insight.tests.test_together_page import goods as goods
from rapport.records.custom_fields.actions import save_layout

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOST = behind_href(CUSTOMER, "group", as_of="2026-03-02", period="year", group="lost")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh(now: datetime = NOW) -> None:
    actions.refresh(settings=queries.report_settings(), now=now)


def numbers_of(page: str, of: str = "customers") -> dict[str, str]:
    """What each link to a list shows, by its address."""
    found = re.findall(rf'<a(?: class="[^"]*")? href="(/{of}/\?filter=behind[^"]+)">([^<]+)</a>', page)
    return {html.unescape(href): shown for href, shown in found}


def names_on(page: str) -> list[str]:
    return sorted(re.findall(r'class="row-link"[^>]*>\s*([^<]+?)\s*<', page))


@pytest.fixture
def lost_one(home: Path, business: Any, alice: Any, charlie: Any) -> Any:
    lost, kept = make_customer("Lost", owner=alice), make_customer("Kept", owner=charlie)
    for customer, day in ((lost, date(2024, 5, 1)), (kept, date(2024, 5, 1)), (kept, date(2026, 2, 1))):
        make_order(customer, datetime(day.year, day.month, day.day, 12, tzinfo=UTC), 10)
    refresh()
    return lost


def test_every_number_of_the_customer_base_is_that_of_the_list_it_leads_to(
    home: Path, business: Any, ada: Any, as_user: Any
) -> None:
    open_returning_shop(40)
    refresh(datetime(2025, 1, 1, 12, tzinfo=UTC))
    client = as_user(ada)

    found = numbers_of(client.get("/customer-base/?as_of=2024-10-31&period=quarter&grain=month").text)
    counts = {href: int(shown) for href, shown in found.items() if shown.isdigit()}
    seen = {href: len(names_on(client.get(href).text)) for href in counts}

    assert {href.partition("what%3D")[2].partition("%2C")[0] for href in counts} >= {"tenth", "group", "moved"}
    assert len(counts) > 15
    assert seen == counts


def test_a_list_says_what_the_number_counts_and_shows_those_whom_one_may_see(
    lost_one: Any, ada: Any, alice: Any, charlie: Any, as_user: Any
) -> None:
    page = as_user(ada).get(LOST).text

    assert names_on(page) == ["Lost"]
    assert "Behind a number" in page
    assert "lost: bought from 3 Mar 2024 to 2 Mar 2025, and not from 3 Mar 2025 to 2 Mar 2026" in page
    assert names_on(as_user(alice).get(LOST).text) == ["Lost"]
    assert names_on(as_user(charlie).get(LOST).text) == []


def test_whose_data_is_restricted_is_not_listed(lost_one: Any, ada: Any, as_user: Any) -> None:
    restrict_processing(Customer.objects.get(pk=lost_one.pk), ground="contested", by=SYSTEM, now=NOW)

    assert names_on(as_user(ada).get(LOST).text) == []


def test_the_filter_builder_keeps_it_as_it_is_and_offers_it_to_nobody(lost_one: Any, ada: Any, as_user: Any) -> None:
    client, asked = as_user(ada), LOST.partition("?")[2]

    page = client.get(f"{reverse('filter_build', args=['customer'])}?{asked}").text

    assert 'name="kept-0" value="behind.did:' in page
    assert "lost: bought from" in page
    assert '<option value="behind"' not in page


@pytest.mark.parametrize(
    "wrong",
    [
        "", "what=", "what=everything", "what=group,as_of=2026-03-02,period=year",
        "what=group,as_of=2026-03-02,period=week,group=lost", "what=group,as_of=2026-02-31,period=year,group=lost",
        "what=group,as_of=9999-12-31,period=year,group=lost", "what=group,as_of=2026-03-02,period=year,group=unknown",
        "what=group,as_of=2026-03-02,period=year,group=lost,more=1", "what=tenth,as_of=2026-03-02,period=year,tenth=11",
        "what=tenth,as_of=2026-03-02,period=year,tenth=1,tenth=2", "what=times,as_of=2026-03-02,period=year,from=1,to=x",
        "what=cohort,as_of=2026-03-02,grain=year,cohort=2024", "what=active,as_of=2026-03-02,grain=year,at=--",
        "what=moved,as_of=2026-03-02,since=2025-03-02,from=x,to=loyal",
        "what=both,as_of=2026-03-02,product=1,with=2", "what=step,as_of=2026-03-02,gap=0,step=order,how=taken",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(lost_one: Any, ada: Any, as_user: Any, wrong: str) -> None:
    assert as_user(ada).get("/customers/", {"filter": f"behind.did:{wrong}"}).status_code == 400


def test_a_number_of_other_records_and_one_that_its_reader_may_not_see_are_refused(
    lost_one: Any, ada: Any, rita: Any, as_user: Any
) -> None:
    of_orders = behind_href(ORDER, "group", as_of="2026-03-02", period="year", group="lost")

    assert as_user(ada).get(of_orders).status_code == 400
    assert as_user(rita).get(LOST).status_code == 200
    with acting(SYSTEM):
        rita.role.rights.remove("insight.traits")
        rita.role.save()
    assert as_user(rita).get(LOST).status_code == 400


def test_what_a_field_that_is_hidden_from_a_role_would_tell_is_not_told(
    lost_one: Any, ada: Any, alice: Any, as_user: Any
) -> None:
    save_layout(
        alice.role, "customer", hidden=["last_purchase_on"], ordering=[], columns=None, hidden_panels=[],
        panel_ordering=[], by=ada,
    )  # fmt: skip

    answer = as_user(alice).get(LOST)

    assert (answer.status_code, "not shown to your role" in answer.text) == (400, True)


def test_without_a_warehouse_the_list_says_so(lost_one: Any, ada: Any, as_user: Any) -> None:
    shutil.rmtree(warehouse_folder())

    answer = as_user(ada).get(LOST)

    assert answer.status_code == 400
    assert "are missing" in answer.text


def test_before_the_first_refresh_the_list_says_that_there_are_no_numbers(
    home: Path, business: Any, ada: Any, as_user: Any
) -> None:
    answer = as_user(ada).get(LOST)

    assert (answer.status_code, "There are no numbers yet." in answer.text) == (400, True)


def test_steps_and_ways_of_journeys_lead_to_the_customers_who_took_them(
    home: Path, business: Any, ada: Any, as_user: Any
) -> None:
    for number in range(1, 4):
        customer = make_customer(f"Traveler {number}")
        touch(customer, (20, "page_view", "web"), *([(19, "order", "web")] if number < 3 else []))
    refresh()
    client = as_user(ada)

    found = numbers_of(client.get("/customer-journeys/").text)
    seen = {href: names_on(client.get(href).text) for href in found}

    assert {href: len(names) for href, names in seen.items()} == {href: int(shown) for href, shown in found.items()}
    by_words = {re.sub(r".*did%3A|what%3D|as_of%3D[\d-]+%2C|gap%3D90%2C", "", href): seen[href] for href in seen}
    assert by_words["step%2Cstep%3Dpage_view%2Chow%3Dended"] == ["Traveler 3"]
    assert by_words["way%2Cfrom%3Dpage_view%2Cto%3Dorder"] == ["Traveler 1", "Traveler 2"]


def test_pairs_of_products_lead_to_the_purchases_with_both(
    buyers: list[Any], goods: Any, ada: Any, as_user: Any
) -> None:
    refresh()
    prepare_newest()
    client = as_user(ada)

    found = numbers_of(client.get("/bought-together/").text, of="orders")
    customers = {"as_of": "2026-03-02", "product": goods["Teapot"].public_id, "with": goods["Teacup"].public_id}

    assert list(found.values()) == ["6"]
    (orders,) = (client.get(href).text for href in found)
    assert orders.count('class="row-link"') == 6
    assert "a purchase with both" in orders
    assert len(names_on(client.get(behind_href(CUSTOMER, "both", **customers)).text)) == 6


def test_many_keys_are_kept_as_bits_and_answered_like_few(
    home: Path, business: Any, ada: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        customer = make_customer(f"Buyer {number:02}")
        make_order(customer, NOW - timedelta(days=number * 20), 10)
    refresh()
    bought = behind_href(CUSTOMER, "bought", as_of="2026-03-02", period="year")
    client = as_user(ada)
    few = names_on(client.get(bought).text)

    shutil.rmtree(next(warehouse_folder().glob("*/answers")))
    monkeypatch.setattr(behind_numbers, "FEW", 3)
    kept = behind_numbers.keys_behind(
        behind_numbers.read_number("what=bought,as_of=2026-03-02,period=year", of=CUSTOMER),
        "what=bought,as_of=2026-03-02,period=year",
        of=CUSTOMER,
    )

    assert (kept.few, kept.count) == (None, 19)
    assert names_on(client.get(bought).text) == few == [f"Buyer {number:02}" for number in range(19)]
    with acting(SYSTEM):
        gone = Customer.objects.get(name="Buyer 03")
    restrict_processing(gone, ground="contested", by=SYSTEM, now=NOW)
    assert len(names_on(client.get(bought).text)) == 18
    assert behind_numbers.without(kept, [gone.pk, gone.pk + 10**6, -5]).count == 18
