"""The page of what is bought together, what a customer likely buys next, and the printed report of both."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.commerce.models import OrderLine, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.models import Source
from rapport.insight import actions, jobs, queries
from rapport.insight.preparing import prepare_newest
from rapport.insight.tests.shop import MICROS, make_customer, make_order
from rapport.insight.tests.test_commands import rapport

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh() -> None:
    actions.refresh(settings=queries.report_settings(), now=NOW)
    prepare_newest()


def buy(customer: Any, day: date, *products: Product) -> None:
    order = make_order(customer, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    with acting(SYSTEM):
        for number, product in enumerate(products, start=1):
            OrderLine.objects.create(
                order=order, number=number, product=product, quantity=1, unit_price_micros=MICROS, amount_micros=MICROS
            )


@pytest.fixture
def goods(home: Path, business: Any) -> dict[str, Product]:
    with acting(SYSTEM):
        source, _ = Source.objects.get_or_create(name="shop", defaults={"label": "Shop", "priority": 10})
        return {
            name: Product.objects.create(source_id=source.pk, code=f"CODE-{name}", name=f"{name} of the house")
            for name in ("Teapot", "Teacup", "Lantern")
        }


@pytest.fixture
def buyers(goods: dict[str, Product], alice: Any, charlie: Any) -> list[Any]:
    """Six customers who bought teapots with cups; two are Alice's, and the first of them bought a lantern later."""
    made = [make_customer(f"Customer {number}", owner=alice if number < 2 else charlie) for number in range(6)]
    for customer in made:
        buy(customer, date(2026, 2, 1), goods["Teapot"], goods["Teacup"])
        buy(customer, date(2026, 2, 3), goods["Teapot"])
    buy(made[0], date(2026, 2, 20), goods["Lantern"])
    return made


@pytest.fixture
def shop(buyers: list[Any]) -> list[Any]:
    refresh()
    return buyers


def test_pairs_are_shown_with_their_lift_and_lead_to_the_products(
    shop: Any, goods: Any, ada: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_user(ada)
    with django_assert_max_num_queries(11):
        page = client.get("/bought-together/").text

    assert "13 purchases looked at" in page
    assert f'<a href="/products/{goods["Teapot"].public_id}/">Teapot of the house</a>' in page
    assert page.count("Teacup of the house") == 1
    assert "Lantern of the house" not in page
    assert "fewer than 50 customers bought again" in page
    assert "From the marts product_pairs v1 and next_product v2" in page
    for words, is_found in (("teacup", True), ("code-tea", True), ("lantern", False), ("\0", True)):
        page = client.get("/bought-together/", {"q": words, "by": "lift"}).text
        assert ("Teapot of the house</a>" in page) is is_found
        assert ("Nothing goes often enough with a product of that name or code." in page) is not is_found


def test_a_customers_next_products_come_with_their_reasons(shop: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    href = f"/customers/{shop[0].public_id}/likely-next/"
    assert f'hx-get="{href}"' in client.get(f"/customers/{shop[0].public_id}/").text

    panel = client.get(href, headers=HTMX).text
    page = client.get(href).text

    assert panel.index("Teapot of the house") < panel.index("Lantern of the house") < panel.index("Teacup of the house")
    assert "Bought 2 times, last on 3 Feb 2026" in panel
    assert "Bought once, on 20 Feb 2026" in panel
    assert "<html" not in panel
    assert "Her own, then what everybody buys" in page


def test_nothing_is_foreseen_of_whoever_did_not_buy_is_restricted_or_belongs_to_others_nor_to_who_sees_no_products(
    shop: Any, alice: Any, as_user: Any
) -> None:
    other = make_customer("Bo Li", owner=alice)
    restrict_processing(shop[0], ground="objected", by=SYSTEM, now=NOW)
    client = as_user(alice)

    for customer in (other, shop[0]):
        assert client.get(f"/customers/{customer.public_id}/likely-next/", headers=HTMX).text.strip() == ""
        assert "Nothing is foreseen" in client.get(f"/customers/{customer.public_id}/likely-next/").text
    assert client.get(f"/customers/{shop[2].public_id}/likely-next/").status_code == 404
    assert "Teapot" in client.get(f"/customers/{shop[1].public_id}/likely-next/", headers=HTMX).text
    with acting(SYSTEM):
        alice.role.rights = [right for right in alice.role.rights if right != "commerce.view"]
        alice.role.save()
    assert "Products are not shown to you" in client.get("/bought-together/").text
    assert client.get(f"/customers/{shop[1].public_id}/likely-next/", headers=HTMX).text.strip() == ""


def test_the_worker_counts_pairs_after_each_refresh(buyers: list[Any], ada: Any, as_user: Any) -> None:
    client = as_user(ada)

    jobs.refresh_warehouse()
    assert "The pairs are being counted" in client.get("/bought-together/").text
    assert ProcrastinateJob.objects.filter(task_name="insight.prepare_products", status="todo").count() == 1
    jobs.prepare_products()

    assert "What goes with what" in client.get("/bought-together/").text


def test_without_numbers_or_orders_or_files_the_page_says_so(home: Path, business: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    assert "No numbers yet" in client.get("/bought-together/").text
    assert prepare_newest() is False
    refresh()
    assert "Nothing to compare yet" in client.get("/bought-together/").text

    shutil.rmtree(home / "warehouse")

    answer = client.get("/bought-together/")
    assert (answer.status_code, "The numbers have to be made anew" in answer.text) == (503, True)


def test_the_report_sets_the_ways_side_by_side(buyers: list[Any], capsys: Any) -> None:
    assert rapport("report", "next-product", "--as-of", "2026-03-02", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [row["method"] for row in report["methods"]] == [
        "everybodys",
        "own_first",
        "own_then_related",
        "together",
        "learned",
    ]
    assert (report["chosen"], report["verdict"], report["as_of"]) == ("own_first", "too_few", "2026-03-02")
    (pair,) = report["together"]["pairs"]
    assert (pair["product"], pair["together"], pair["lift"]) == (["CODE-Teapot", "Teapot of the house"], 6, 13 / 12)

    rapport("report", "next-product", "--as-of", "2026-03-02")
    text = capsys.readouterr().out
    assert "Teapot of the house + Teacup of the house" in text
    assert "is taken unchecked" in text


def test_orders_without_products_are_refused_in_words(home: Path, business: Any, capsys: Any) -> None:
    make_order(make_customer(), datetime(2026, 1, 5, tzinfo=UTC))

    assert rapport("report", "next-product", "--as-of", "2026-03-02", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert "no order up to then says which products were bought" in report["refused"]
    assert "methods" not in report

    rapport("report", "next-product", "--as-of", "2026-03-02")
    assert capsys.readouterr().out.strip() == report["refused"]


def test_a_reader_without_the_right_is_refused(home: Path, rita: Any, as_user: Any) -> None:
    assert as_user(rita).get("/bought-together/").status_code == 403
