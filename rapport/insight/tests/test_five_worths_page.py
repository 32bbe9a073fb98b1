"""Worth in five ways on pages, in lists and in the report; and what it is computed with."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rapport.audit.models import AuditEvent
from rapport.commerce.models import Order, OrderLine, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Relationship
from rapport.customers.tests.world import touch
from rapport.insight import queries
from rapport.insight.five_worths.actions import set_unit_values
from rapport.insight.models import CustomerFiveWorths, FiveWorthsRun, UnitValue
from rapport.insight.tests.shop import MICROS, make_customer, make_order
from rapport.insight.tests.test_commands import rapport
from rapport.insight.tests.test_traits import NOW, refresh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]
SET = {
    "service_minute": MICROS // 2, "minutes_call": 6 * MICROS, "cost_delivery": 4 * MICROS, "value_idea": 25 * MICROS,
    "referral_share": 20 * MICROS, "referral_next": 50 * MICROS,
}  # fmt: skip


def tie(one: Any, other: Any, since: date | None = date(2026, 1, 1)) -> None:
    with acting(SYSTEM):
        Relationship.objects.create(
            kind="referred",
            from_customer=one,
            to_customer=other,
            from_profile=one.profile,
            to_profile=other.profile,
            since=since,
        )


def a_small_business() -> tuple[Any, Any, Any]:
    """Mina bought for 100 of which 60 is its cost, called twice, had an idea and referred Jo, who referred Lee."""
    mina, jo, lee = make_customer("Mina"), make_customer("Jo"), make_customer("Lee")
    sold = make_order(mina, NOW - timedelta(days=40), 100)
    make_order(jo, NOW - timedelta(days=30), 50)
    make_order(lee, NOW - timedelta(days=20), 10)
    make_order(None, NOW - timedelta(days=10), 7)
    with acting(SYSTEM):
        product = Product.objects.create(
            source_id=sold.source_id, code="P", name="Grinder", cost_micros=60 * MICROS, currency="GBP"
        )
        OrderLine.objects.create(
            order=sold,
            number=1,
            product=product,
            quantity=1,
            unit_price_micros=100 * MICROS,
            amount_micros=100 * MICROS,
        )
        Order.objects.filter(pk=sold.pk).update(delivered_at=NOW - timedelta(days=38))
        set_unit_values(SET, by=SYSTEM)
    for kind in ("call", "call", "idea"):
        touch(mina, kind, days_ago=5)
    tie(mina, jo)
    tie(jo, lee)
    return mina, jo, lee


def test_a_refresh_writes_what_each_customer_is_worth(home: Path, business: Any) -> None:
    mina, jo, lee = a_small_business()

    refresh()

    hers = CustomerFiveWorths.objects.get(pk=mina.pk)
    assert (hers.net_micros, hers.goods_micros, hers.margin_micros) == (100 * MICROS, 60 * MICROS, 40 * MICROS)
    assert (hers.service_micros, hers.delivery_micros, hers.contribution_micros) == (
        6 * MICROS,
        4 * MICROS,
        30 * MICROS,
    )
    assert hers.contribution_percent == 30
    assert (hers.insight_items, hers.insight_micros) == (1, 25 * MICROS)
    assert (hers.referred, hers.referred_buying, hers.credits) == (1, 1, [10 * MICROS, MICROS, 0])
    assert CustomerFiveWorths.objects.get(pk=jo.pk).influence_micros == 2 * MICROS
    assert CustomerFiveWorths.objects.get(pk=lee.pk).uncosted_micros == 10 * MICROS


def test_customers_and_orders_of_nobody_are_the_ledger_to_the_micro(home: Path, business: Any) -> None:
    a_small_business()

    refresh()

    report = FiveWorthsRun.objects.get().report
    assert report["customers"]["net_micros"] + report["nobody"]["net_micros"] == sum(
        Order.objects.values_list("total_micros", flat=True)
    )
    assert (
        sum(CustomerFiveWorths.objects.values_list("contribution_micros", flat=True))
        == (report["customers"]["contribution_micros"])
    )
    assert report["lines"] == {"lines": 1, "costed": 1}


def test_each_tile_leads_to_its_arithmetic(home: Path, business: Any, as_user: Any, ada: Any) -> None:
    mina, _jo, _lee = a_small_business()
    refresh()
    client = as_user(ada)

    page = client.get(f"/customers/{mina.public_id}/").text
    for name in ("total", "potential", "profitability", "insight", "influence"):
        assert f'href="/customers/{mina.public_id}/worth/#{name}"' in page
    assert "30\u00a0%" in page
    assert "£30 after £10 to serve" in page

    arithmetic = client.get(f"/customers/{mina.public_id}/worth/").text
    for words in (
        "2 × £3.00",
        "−£6.00",
        "1 × £4.00",
        "£30.00",
        "1 × £25.00",
        "£11.00",
        "Nothing is foretold",
        "not added to it",
    ):
        assert words in arithmetic


def test_what_is_not_set_is_said(home: Path, business: Any, as_user: Any, ada: Any) -> None:
    mina, _jo, _lee = a_small_business()
    with acting(SYSTEM):
        set_unit_values(dict.fromkeys(SET, 0), by=SYSTEM)
    refresh()
    client = as_user(ada)

    assert "costs to serve are not set" in client.get(f"/customers/{mina.public_id}/").text
    page = client.get(f"/customers/{mina.public_id}/worth/").text
    assert "Not set, so counted as nothing: calls, deliveries." in page
    assert "No share is set for referrals" in page
    assert "is not set, so they count as nothing" in client.get("/worth/five/").text


def test_others_customers_and_readers_without_the_right_are_kept_out(
    home: Path, business: Any, as_user: Any, charlie: Any, bob: Any
) -> None:
    theirs = make_customer("Alone", owner=bob)

    assert as_user(charlie).get(f"/customers/{theirs.public_id}/worth/").status_code in (403, 404)
    assert as_user(bob).get("/settings/unit-values/").status_code == 403


def test_the_base_shows_sums_and_before_a_refresh_says_so(home: Path, business: Any, as_user: Any, ada: Any) -> None:
    client = as_user(ada)
    assert "No numbers yet" in client.get("/worth/five/").text
    assert "No numbers yet" in client.get(f"/customers/{make_customer('Nobody').public_id}/worth/").text
    a_small_business()
    refresh()

    page = client.get("/worth/five/").text

    for words in ("£167.00", "£160.00", "£7.00", "five_worths v1", "whale curve", "1 lesson", "/settings/unit-values/"):
        assert words in page
    for worth in ("value", "contribution", "insight_items", "influence"):
        assert f'href="/customers/?sort=-{worth}"' in page


def test_where_no_cost_of_goods_is_known_nothing_is_said_of_profitability(
    home: Path, business: Any, as_user: Any, ada: Any
) -> None:
    customer = make_customer("Known")
    make_order(customer, NOW - timedelta(days=40), 100)
    refresh()
    client = as_user(ada)

    assert "what the goods cost is not known" in client.get("/worth/five/").text
    assert "do not say what was in them" in client.get("/worth/five/").text
    assert "what the goods cost is not known" in client.get(f"/customers/{customer.public_id}/").text


def test_amounts_are_set_audited_and_what_is_too_much_is_refused(
    home: Path, business: Any, as_user: Any, ada: Any
) -> None:
    client, page = as_user(ada), "/settings/unit-values/"
    assert "An empty field is not set" in client.get(page).text
    assert "A call, in minutes" in client.get(page).text

    answer = client.post(page, {"service_minute": "0.75", "minutes_call": "6.5", "referral_share": "20"})

    assert answer.status_code == 302
    assert queries.unit_amounts() == {
        "service_minute": 750_000,
        "minutes_call": 6_500_000,
        "referral_share": 20 * MICROS,
    }
    assert 'value="0.75"' in client.get(page).text
    assert AuditEvent.objects.filter(table_name="insight_unitvalue").count() == 3
    assert client.post(page, {"minutes_call": "6.5"}).status_code == 302
    assert list(UnitValue.objects.values_list("name", flat=True)) == ["minutes_call"]
    for wrong in (
        {"service_minute": "-1"}, {"service_minute": "a lot"}, {"minutes_call": "2000"},
        {"referral_share": "60", "referral_next": "90"},
    ):  # fmt: skip
        assert client.post(page, wrong).status_code == 422
    assert queries.unit_amounts() == {"minutes_call": 6_500_000}


def test_lists_are_narrowed_by_what_customers_contribute(home: Path, business: Any, as_user: Any, ada: Any) -> None:
    mina, jo, _lee = a_small_business()
    refresh()

    page = as_user(ada).get("/customers/", {"filter": ["contribution.under:40", "influence.over:5"]}).text

    assert str(mina.public_id) in page
    assert str(jo.public_id) not in page


def test_the_report_is_printed_and_never_sees_the_future(home: Path, business: Any, capsys: Any) -> None:
    a_small_business()

    assert rapport("report", "worth", "--as-of", "2026-03-02", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["customers"]["contribution_micros"] == 90 * MICROS
    assert report["influence"]["generations"][0]["micros"] == 12 * MICROS

    assert rapport("report", "worth", "--as-of", "2026-01-25") == 0
    text = capsys.readouterr().out
    assert "0 customers" not in text
    assert "generation 1: 2 referred, £0.00 credited (20 %)" in text
    assert datetime(2026, 1, 25, tzinfo=UTC) < NOW
