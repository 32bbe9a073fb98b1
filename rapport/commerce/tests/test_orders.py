"""Orders: placing, fulfilling, and the pages that show them."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from rapport.commerce.actions import Line, NewOrder, OrderExists, OrderRefused, place_order, record_fulfilment
from rapport.commerce.models import Order, OrderLine, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer, Touchpoint
from rapport.customers.tests.world import make_customer
from tests.world import NOW

FLOUR = Line("Oat flour 25 kg", Decimal(2), 38_500_000, code="OAT-25")
DELIVERY = Line("Delivery", Decimal(1), 4_950_000)


def an_order(customer: Customer | None = None, **changes: Any) -> NewOrder:
    usual = NewOrder(
        source="shop",
        external_id="10482",
        kind="sale",
        channel="web_shop",
        currency="EUR",
        placed_at=NOW - timedelta(days=9),
        lines=[FLOUR, DELIVERY],
        customer_id=customer.pk if customer is not None else None,
        promised_on=date(2026, 2, 25),
    )
    return replace(usual, **changes)


def test_placing_an_order_keeps_lines_total_and_a_touchpoint(alice: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)

    order = place_order(an_order(customer), by=SYSTEM, now=NOW)

    assert (order.total_micros, order.line_count, order.customer_id) == (81_950_000, 2, customer.pk)
    lines = OrderLine.objects.filter(order=order).order_by("number")
    assert [(line.number, line.description, line.amount_micros) for line in lines] == [
        (1, "Oat flour 25 kg", 77_000_000),
        (2, "Delivery", 4_950_000),
    ]
    assert lines[0].product == Product.objects.get(code="OAT-25")
    assert lines[1].product is None
    touchpoint = Touchpoint.objects.get(customer_id=customer.pk)
    assert (touchpoint.kind, touchpoint.channel, touchpoint.record_id) == ("order", "web_shop", order.pk)
    assert touchpoint.summary == "10482 · €81.95"


def test_amounts_of_parts_are_rounded_to_the_even_micro() -> None:
    assert Line("", Decimal("0.5"), 3).amount_micros == 2
    assert Line("", Decimal("-0.5"), 5).amount_micros == -2


def test_an_order_without_a_customer_is_kept_without_a_touchpoint(ada: Any) -> None:
    order = place_order(an_order(), by=SYSTEM, now=NOW)

    assert order.customer_id is None
    assert Touchpoint.objects.count() == 0


def test_the_same_number_of_a_source_twice_is_refused(ada: Any) -> None:
    place_order(an_order(), by=SYSTEM, now=NOW)

    with pytest.raises(OrderExists):
        place_order(an_order(), by=SYSTEM, now=NOW)

    assert Order.objects.count() == 1
    assert OrderLine.objects.count() == 2
    place_order(an_order(source="till"), by=SYSTEM, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": []},
        {"kind": "gift"},
        {"external_id": ""},
        {"currency": "euro"},
        {"placed_at": datetime(2026, 1, 1)},
    ],
)
def test_an_order_that_says_too_little_is_refused(changes: dict[str, Any], ada: Any) -> None:
    with pytest.raises(OrderRefused):
        place_order(an_order(**changes), by=SYSTEM, now=NOW)

    assert Order.objects.count() == 0


def test_a_return_reverses_an_order_of_the_same_customer_only(alice: Any) -> None:
    ana, bruno = make_customer("Ana Souza", owner=alice), make_customer("Bruno Lima", owner=alice)
    sale = place_order(an_order(ana), by=SYSTEM, now=NOW)
    back = Line("Oat flour 25 kg", Decimal(-1), 38_500_000, code="OAT-25")

    with pytest.raises(OrderRefused):
        place_order(an_order(bruno, external_id="R1", kind="return", reverses=sale, lines=[back]), by=SYSTEM, now=NOW)
    with pytest.raises(OrderRefused):
        place_order(an_order(ana, external_id="R1", reverses=sale, lines=[back]), by=SYSTEM, now=NOW)
    returned = place_order(
        an_order(ana, external_id="R1", kind="return", reverses=sale, lines=[back]), by=SYSTEM, now=NOW
    )

    assert (returned.total_micros, returned.reverses) == (-38_500_000, sale)


def test_a_delivery_is_a_touchpoint_once(alice: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    order = place_order(an_order(customer), by=SYSTEM, now=NOW)
    delivered = datetime(2026, 2, 27, 16, 40, tzinfo=UTC)

    record_fulfilment(order, by=SYSTEM, shipped_at=delivered - timedelta(days=2))
    record_fulfilment(order, by=SYSTEM, delivered_at=delivered)
    record_fulfilment(order, by=SYSTEM, delivered_at=delivered)

    order.refresh_from_db()
    assert (order.delivered_at, order.promised_on) == (delivered, date(2026, 2, 25))
    assert list(Touchpoint.objects.filter(kind="delivery").values_list("occurred_at", "direction")) == [
        (delivered, "out")
    ]


def test_dates_that_cannot_be_are_refused(alice: Any) -> None:
    order = place_order(an_order(make_customer("Ana Souza", owner=alice)), by=SYSTEM, now=NOW)

    with pytest.raises(OrderRefused):
        record_fulfilment(order, by=SYSTEM, shipped_at=NOW, delivered_at=NOW - timedelta(days=1))
    with pytest.raises(OrderRefused):
        record_fulfilment(order, by=SYSTEM, shipped_at=order.placed_at - timedelta(days=1))

    order.refresh_from_db()
    assert order.shipped_at is None


@pytest.mark.django_db(transaction=True)
def test_the_same_order_from_two_sides_at_once_is_placed_once() -> None:
    customer = make_customer("Ana Souza")
    results: list[str] = []

    def place() -> None:
        try:
            place_order(an_order(customer), by=SYSTEM, now=NOW)
            results.append("placed")
        except OrderExists:
            results.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=place) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["placed", "refused", "refused", "refused"]
    assert (Order.objects.count(), OrderLine.objects.count(), Touchpoint.objects.count()) == (1, 2, 1)


def test_the_order_page_shows_lines_and_how_late_it_came(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    order = place_order(an_order(customer), by=SYSTEM, now=NOW)
    record_fulfilment(order, by=SYSTEM, delivered_at=datetime(2026, 2, 27, 16, 40, tzinfo=UTC))

    text = as_user(alice).get(reverse("order", args=[order.public_id])).content.decode()

    assert "Order 10482" in text
    assert "2 days late" in text
    assert "€81.95" in text
    assert "Oat flour 25 kg" in text
    assert reverse("customer", args=[customer.public_id]) in text


def test_a_long_order_shows_its_lines_page_by_page(ada: Any, as_user: Any) -> None:
    order = place_order(
        an_order(lines=[Line(f"line {n:03}", Decimal(1), 1_000_000) for n in range(1, 131)]), by=SYSTEM, now=NOW
    )
    client, url = as_user(ada), reverse("order", args=[order.public_id])

    first = client.get(url).content.decode()
    second = client.get(f"{url}?after=100").content.decode()

    assert ("line 100" in first, "line 101" in first) == (True, False)
    assert re.findall(r"line (\d{3})<", second) == [f"{n:03}" for n in range(101, 131)]
    assert client.get(f"{url}?after=x").status_code == 404


def test_a_stranger_and_nobody_get_the_same_answer_for_an_order(alice: Any, charlie: Any, as_user: Any) -> None:
    order = place_order(an_order(make_customer("Ana Souza", owner=alice)), by=SYSTEM, now=NOW)
    loose = place_order(an_order(external_id="2"), by=SYSTEM, now=NOW)

    for public_id in (order.public_id, loose.public_id, uuid.uuid4()):
        assert as_user(charlie).get(reverse("order", args=[public_id])).status_code == 404
    assert as_user(alice).get(reverse("order", args=[order.public_id])).status_code == 200


def test_the_list_of_orders_shows_those_of_visible_customers(ada: Any, alice: Any, charlie: Any, as_user: Any) -> None:
    place_order(an_order(make_customer("Ana Souza", owner=alice), external_id="mine-1"), by=SYSTEM, now=NOW)
    place_order(an_order(make_customer("Carl Ott", owner=charlie), external_id="other-1"), by=SYSTEM, now=NOW)
    place_order(an_order(external_id="loose-1"), by=SYSTEM, now=NOW)

    mine = as_user(alice).get(reverse("orders")).content.decode()
    everything = as_user(ada).get(reverse("orders")).content.decode()

    assert [number in mine for number in ("mine-1", "other-1", "loose-1")] == [True, False, False]
    assert all(number in everything for number in ("mine-1", "other-1", "loose-1"))
    assert "loose-1" in as_user(ada).get(reverse("orders") + "?q=loose").content.decode()
    assert "No order found" in as_user(alice).get(reverse("orders") + "?q=loose").content.decode()
    assert "mine-1" in as_user(alice).get(reverse("orders") + "?filter=channel.is:web_shop").content.decode()
    assert as_user(alice).get(reverse("orders") + "?filter=owner.is:me").status_code == 400


def test_an_order_is_found_by_either_end_of_its_number_and_by_its_customer(ada: Any, alice: Any, as_user: Any) -> None:
    place_order(an_order(make_customer("Ana Souza", owner=alice), external_id="KB-2024-C50737"), by=SYSTEM, now=NOW)
    place_order(an_order(make_customer("Carl Ott"), external_id="KB-2024-99999"), by=SYSTEM, now=NOW)

    for words in ("KB-2024-C", "50737", "c50737", "ana", "souza an"):
        page = as_user(alice).get(reverse("orders"), {"q": words}).content.decode()
        assert "KB-2024-C50737" in page, words
        assert "KB-2024-99999" not in page
    for words in ("5073", "ott"):
        assert "beginning or the end" in as_user(alice).get(reverse("orders"), {"q": words}).content.decode()
    assert "KB-2024-99999" in as_user(ada).get(reverse("orders"), {"q": "ott"}).content.decode()


def test_who_may_not_see_customers_finds_no_order_by_their_names(alice: Any, as_user: Any) -> None:
    place_order(an_order(make_customer("Ana Souza", owner=alice)), by=SYSTEM, now=NOW)
    with acting(SYSTEM):
        alice.role.rights = [right for right in alice.role.rights if right != "customers.view"]
        alice.role.save()

    assert "No order found" in as_user(alice).get(reverse("orders"), {"q": "souza"}).content.decode()
    assert "10482" in as_user(alice).get(reverse("orders"), {"q": "482"}).content.decode()


def test_products_of_two_sources_are_told_apart(ada: Any, as_user: Any) -> None:
    place_order(an_order(), by=SYSTEM, now=NOW)
    place_order(an_order(source="till"), by=SYSTEM, now=NOW)

    client = as_user(ada)
    both = client.get(reverse("products")).content.decode()
    one = client.get(reverse("products") + "?filter=source.is:till").content.decode()
    orders = client.get(reverse("orders") + "?filter=source.is:till").content.decode()

    assert both.count("OAT-25") == 2
    assert '<td class="wide-only">till</td>' in both
    assert one.count("OAT-25") == 1
    assert orders.count('class="row-link"') == 1
    assert "10482" in orders


def test_the_customer_page_lists_the_orders_with_their_net_total(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    for number in range(22):
        place_order(
            an_order(customer, external_id=f"N{number:02}", placed_at=NOW - timedelta(days=number)), by=SYSTEM, now=NOW
        )
    client, url = as_user(alice), reverse("customer", args=[customer.public_id]) + "?tab=orders"

    first = client.get(url).content.decode()
    earlier = re.search(r'href="([^"]*before=[^"]*)"', first)
    assert earlier is not None
    second = client.get(earlier[1].replace("&amp;", "&")).content.decode()

    assert "€1,802.90" in first
    assert re.findall(r"Order (N\d\d)<", first) == [f"N{number:02}" for number in range(20)]
    assert re.findall(r"Order (N\d\d)<", second) == ["N20", "N21"]
    assert client.get(url + "&before=x").status_code == 404


def test_the_timeline_leads_to_the_order(alice: Any, as_user: Any, django_assert_max_num_queries: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    order = place_order(an_order(customer), by=SYSTEM, now=NOW)
    record_fulfilment(order, by=SYSTEM, delivered_at=datetime(2026, 2, 27, 16, 40, tzinfo=UTC))
    client, url = as_user(alice), reverse("customer", args=[customer.public_id])
    client.get(url)

    with django_assert_max_num_queries(40):
        text = client.get(url).content.decode()

    assert "Order 10482 delivered" in text
    assert "2 days late" in text
    assert reverse("order", args=[order.public_id]) in text


def test_who_may_not_see_orders_sees_only_that_there_was_one(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    place_order(an_order(customer), by=SYSTEM, now=NOW)
    with acting(SYSTEM):
        alice.role.rights = [right for right in alice.role.rights if right != "commerce.view"]
        alice.role.save()
    client, url = as_user(alice), reverse("customer", args=[customer.public_id])

    text = client.get(url).content.decode()

    assert "<b>Order</b>" in text
    assert "10482" not in text
    assert "81.95" not in text
    assert client.get(f"{url}?tab=orders").status_code == 404
    assert client.get(reverse("orders")).status_code == 403


def test_pages_take_few_statements(ada: Any, as_user: Any, django_assert_max_num_queries: Any) -> None:
    order = place_order(an_order(make_customer("Ana Souza")), by=SYSTEM, now=NOW)
    client = as_user(ada)
    for url in (reverse("orders"), reverse("order", args=[order.public_id]), reverse("products")):
        client.get(url)
        with django_assert_max_num_queries(20):
            client.get(url)


def test_products_are_found_by_code_and_name(ada: Any, as_user: Any) -> None:
    place_order(an_order(), by=SYSTEM, now=NOW)
    product = Product.objects.get()
    client = as_user(ada)

    for words in ("oat", "OAT-25", "flour 25"):
        assert "Oat flour 25 kg" in client.get(reverse("products"), {"q": words}).content.decode()
    assert "No product found" in client.get(reverse("products"), {"q": "rye"}).content.decode()
    page = client.get(reverse("product", args=[product.public_id])).content.decode()
    assert "OAT-25" in page
    assert "€38.50" in page
    assert client.get(reverse("product", args=[uuid.uuid4()])).status_code == 404


def test_empty_lists_say_how_things_come_in(ada: Any, as_user: Any) -> None:
    assert "No orders yet" in as_user(ada).get(reverse("orders")).content.decode()
    assert "No products yet" in as_user(ada).get(reverse("products")).content.decode()


@pytest.mark.parametrize("placed_at", [datetime(9999, 12, 31, 23, 30, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_an_order_at_the_end_of_the_calendar_takes_no_page_away(
    alice: Any, as_user: Any, zone: str, placed_at: datetime
) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    order = place_order(an_order(customer, placed_at=placed_at, promised_on=None), by=SYSTEM, now=NOW)
    with acting(SYSTEM):
        alice.time_zone = zone
        alice.save(update_fields=["time_zone"])
    client = as_user(alice)

    paths = ("/orders/", f"/orders/{order.public_id}/", f"/customers/{customer.public_id}/", "/customers/")
    assert [client.get(path).status_code for path in paths] == [200] * 4
