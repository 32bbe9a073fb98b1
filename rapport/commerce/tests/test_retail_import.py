"""Retail lines, with the traps of real shop files."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from rapport.commerce.models import Order, OrderLine, Product
from rapport.core.acting import SYSTEM
from rapport.core.files import store_path
from rapport.customers.models import Customer, Profile, Touchpoint
from rapport.records.imports.actions import MOST_BYTES, answer_import, begin_import, start_import
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.running import run_import
from rapport.records.imports.undoing import UnableToUndo
from rapport.records.models import Import, ImportProblem, ImportState
from tests.import_files import NOW, import_text, silently, undo
from tests.row_hashes import row_hashes

pytestmark = pytest.mark.usefixtures("db", "home")

REAL = Path(__file__).parents[4] / "shared" / "data" / "online_retail.csv.gz"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def retail(lines: str, **answers: Any) -> Import:
    answers = {"dates": "mdy", "currency": "GBP", "time_zone": "Europe/London", "preset": "retail-lines"} | answers
    return import_text(HEADER + lines, **answers)


def test_lines_become_orders_with_products_a_customer_and_a_touchpoint() -> None:
    job = retail(
        "536365,85123A,LANTERN,6,12/1/2010 8:26,2.55,17850,United Kingdom\n"
        "536365,71053,MUG,2,12/1/2010 8:26,3.39,17850,United Kingdom\n"
    )

    order = Order.objects.get()
    assert (order.external_id, order.kind, order.channel, order.currency) == ("536365", "sale", "web_shop", "GBP")
    assert (order.total_micros, order.line_count) == (22_080_000, 2)
    assert order.placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    customer = Customer.objects.get()
    assert (customer.name, customer.country, order.customer_id) == (None, "GB", customer.pk)
    touchpoint = Touchpoint.objects.get()
    assert (touchpoint.kind, touchpoint.record_id, touchpoint.customer_id) == ("order", order.pk, customer.pk)
    assert touchpoint.import_id == job.pk


def test_the_same_line_twice_is_two_lines() -> None:
    retail("1,A,MUG,1,12/1/2010 8:26,2,5,UK\n" * 3)

    assert list(OrderLine.objects.order_by("number").values_list("number", "line")) == [(1, 2), (2, 3), (3, 4)]
    assert Order.objects.get().total_micros == 6_000_000


def test_an_order_with_two_minutes_was_placed_at_the_earlier_one() -> None:
    retail("1,A,MUG,1,12/1/2010 8:27,2,5,UK\n1,B,CUP,1,12/1/2010 8:26,2,5,UK\n")

    assert Order.objects.get().placed_at.minute == 26


def test_an_order_whose_lines_are_apart_is_one_order_in_the_order_of_the_file() -> None:
    retail("1,A,MUG,1,12/1/2010 8:26,2,5,UK\n2,A,MUG,1,12/1/2010 9:00,2,5,UK\n1,B,CUP,1,12/1/2010 8:26,2,5,UK\n")

    lines = OrderLine.objects.filter(order__external_id="1").order_by("number")
    assert list(lines.values_list("product__code", "line")) == [("A", 2), ("B", 4)]


def test_codes_that_differ_only_by_case_are_two_products() -> None:
    retail("1,85123A,MUG,1,12/1/2010 8:26,2,5,UK\n1,85123a,CUP,1,12/1/2010 8:26,2,5,UK\n")

    assert set(Product.objects.values_list("code", "name")) == {("85123A", "MUG"), ("85123a", "CUP")}


def test_a_product_is_named_by_its_latest_description_that_is_not_empty() -> None:
    retail("1,A,OLD,1,12/1/2010 8:26,2,5,UK\n3,A,,1,12/3/2010 8:26,2,5,UK\n2,A,NEW,1,12/2/2010 8:26,2,5,UK\n")

    assert Product.objects.get().name == "NEW"
    assert list(OrderLine.objects.order_by("line").values_list("description", flat=True)) == ["OLD", "", "NEW"]


def test_the_latest_country_of_a_customer_counts() -> None:
    retail("1,A,MUG,1,12/2/2010 8:26,2,5,Spain\n2,A,MUG,1,12/1/2010 8:26,2,5,France\n")

    assert Profile.objects.get(external_id="5").country == "ES"


def test_cancellations_and_adjustments_are_told_by_their_numbers() -> None:
    retail(
        "C1,A,MUG,-1,12/1/2010 8:26,2,5,UK\n"
        "A2,B,Adjust bad debt,1,12/1/2010 8:26,-11062.06,,UK\n"
        "CASH7,A,MUG,1,12/1/2010 8:26,2,,UK\n"
    )

    assert dict(Order.objects.values_list("external_id", "kind")) == {
        "C1": "cancellation",
        "A2": "adjustment",
        "CASH7": "sale",
    }
    assert Order.objects.aggregate(total=Sum("total_micros"))["total"] == -11_062_060_000


def test_prices_in_thousandths_are_exact() -> None:
    retail("1,A,MUG,7,12/1/2010 8:26,0.001,5,UK\n1,B,CUP,3,12/1/2010 8:26,649.125,5,UK\n")

    assert list(OrderLine.objects.order_by("number").values_list("unit_price_micros", "amount_micros")) == [
        (1_000, 7_000), (649_125_000, 1_947_375_000),
    ]  # fmt: skip


def test_lines_without_a_customer_are_kept_on_an_order_without_one() -> None:
    retail("1,A,MUG,1,12/1/2010 8:26,2,,UK\n")

    order = Order.objects.get()
    assert (order.customer_id, order.profile_id, order.line_count) == (None, None, 1)
    assert not Touchpoint.objects.exists()
    assert not Customer.objects.exists()


def test_times_take_the_zone_that_was_asked_for() -> None:
    retail("1,A,MUG,1,7/1/2011 8:26,2,5,UK\n")

    assert Order.objects.get().placed_at == datetime(2011, 7, 1, 7, 26, tzinfo=UTC)


def test_the_same_file_twice_changes_nothing() -> None:
    lines = "1,A,MUG,1,12/1/2010 8:26,2,5,UK\n1,A,MUG,1,12/1/2010 8:26,2,5,UK\n2,B,CUP,0.5,12/1/2010 8:26,1.999,,UK\n"
    retail(lines)
    before = row_hashes()

    retail(lines)

    assert row_hashes() == before
    assert OrderLine.objects.get(line=4).quantity == Decimal("0.5")


def test_an_order_that_a_later_file_tells_differently_is_replaced_and_comes_back_by_undo() -> None:
    retail("1,A,MUG,1,12/1/2010 8:26,2,5,UK\n2,A,MUG,1,12/1/2010 8:26,2,5,UK\n")
    before = row_hashes()

    job = retail(
        "1,A,MUG,2,12/1/2010 8:25,2,5,UK\n"
        "1,B,CUP,1,12/1/2010 8:26,3,5,UK\n"
        "2,A,MUG,1,12/1/2010 8:26,2,5,UK\n"
        "3,A,MUG,1,12/9/2010 8:26,2,6,UK\n"
    )

    assert {name: job.counts["phases"]["orders"][name] for name in ("new", "changed", "same")} == {
        "new": 1,
        "changed": 1,
        "same": 1,
    }
    changed = Order.objects.get(external_id="1")
    assert (changed.total_micros, changed.line_count) == (7_000_000, 2)
    assert Touchpoint.objects.get(record_id=changed.pk).occurred_at.minute == 25
    undo(job)
    assert row_hashes() == before


def test_undo_leaves_every_table_as_it_was() -> None:
    import_text("id,name,email\n5,Ada,ada@example.com\n", preset="people", source="crm")
    before = row_hashes()

    job = retail("1,A,MUG,1,12/1/2010 8:26,2,5,UK\nC2,A,MUG,-1,12/1/2010 8:26,2,5,UK\n")

    undo(job)
    assert row_hashes() == before


def test_undo_leaves_no_empty_months_behind_in_the_timeline() -> None:
    before = months()

    job = retail("1,A,MUG,1,12/1/1999 8:26,2,5,UK\n")

    assert months() - before == {"customers_touchpoint_199912"}
    undo(job)
    assert months() == before


def test_a_month_in_which_something_else_has_come_stays() -> None:
    job = retail("1,A,MUG,1,12/1/1999 8:26,2,5,UK\n")
    other = retail("2,B,CUP,1,12/2/1999 8:26,2,6,UK\n", source="till")

    undo(job)

    assert "customers_touchpoint_199912" in months()
    assert Touchpoint.objects.get().import_id == other.pk


def months() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'customers_touchpoint'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}


def test_a_file_on_which_a_later_one_builds_is_not_undone_before_it() -> None:
    first = retail("1,A,MUG,1,12/1/2010 8:26,2,5,UK\n")
    later = retail("2,A,MUG,1,1/1/2011 8:26,2,5,UK\n")

    with pytest.raises(UnableToUndo, match="order lines of import"):
        undo(first)

    undo(later)
    undo(first)
    assert not Order.objects.exists()


def test_rows_with_bad_cells_are_refused_with_their_reason() -> None:
    job = retail(
        "1,A,MUG,one,13/13/2010 8:26,2.00.1,5,UK\n,A,MUG,1,12/1/2010 8:26,2,5,UK\n2,A,MUG,1,12/1/2010 8:26,2,5,UK\n"
    )

    problems = ImportProblem.objects.filter(job=job).order_by("line", "column")
    assert [(p.line, p.column, p.value, p.code) for p in problems] == [
        (2, "InvoiceDate", "13/13/2010 8:26", "date_range"),
        (2, "Quantity", "one", "number"),
        (2, "UnitPrice", "2.00.1", "number"),
        (3, "InvoiceNo", "", "missing"),
    ]
    assert Order.objects.count() == 1


def test_products_come_in_with_price_and_cost_and_the_last_row_of_a_code_wins() -> None:
    text = 'sku,name,category,price,cost\nA,Mug,Kitchen,"1,234.50",1.10\nB,Cup,Kitchen,2,1\nA,Mug 2,Kitchen,3.25,1.10\n'
    before = row_hashes()

    job = import_text(text, currency="GBP")

    assert set(Product.objects.values_list("code", "name", "price_micros", "cost_micros", "currency")) == {
        ("A", "Mug 2", 3_250_000, 1_100_000, "GBP"), ("B", "Cup", 2_000_000, 1_000_000, "GBP"),
    }  # fmt: skip
    after = row_hashes()
    import_text(text, currency="GBP")
    assert row_hashes() == after
    undo(job)
    assert row_hashes() == before


def test_a_products_file_changes_only_its_columns_and_is_undone_exactly() -> None:
    retail("1,A,MUG,1,12/1/2010 8:26,2,5,UK\n")
    before = row_hashes()

    job = import_text("sku,price\nA,3.25\n", preset="products", currency="GBP")

    assert Product.objects.get().name == "MUG"
    assert Product.objects.get().price_micros == 3_250_000
    undo(job)
    assert row_hashes() == before


def _months_with_room() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select right(inhrelid::regclass::text, 6) from pg_inherits where inhparent = 'customers_touchpoint'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}


def test_the_timeline_gets_room_for_the_months_that_occur_and_no_others() -> None:
    before = _months_with_room()

    job = retail("1,A,MUG,1,1/1/1990 8:26,2,5,UK\n2,A,MUG,1,1/1/2099 8:26,2,5,UK\n")

    assert _months_with_room() - before == {"199001", "209901"}
    undo(job)
    assert _months_with_room() == before


def test_the_timeline_never_has_more_than_fifty_years_of_months() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select touchpoint_partitions('1990-01-01', '2100-01-01')")
        cursor.execute("select touchpoint_partitions('2100-01-01', '2100-01-01')")
        assert cursor.fetchone()[0] == 0
    assert len(_months_with_room()) == 600


@pytest.mark.real_data
@pytest.mark.django_db(transaction=True)
def test_the_real_file_comes_in_whole_and_goes_again(transactional_db: None) -> None:
    if not REAL.exists():
        pytest.skip(f"THE REAL FILE IS MISSING: {REAL}")
    before = row_hashes()
    stored = store_path(REAL, at_most=MOST_BYTES)
    job = begin_import(stored, file_name=REAL.name, by=None, now=NOW)
    answers = {
        "preset": "retail-lines",
        "dates": "mdy",
        "encoding": "utf-8",
        "currency": "GBP",
        "time_zone": "Europe/London",
    }
    start_import(job, answer_import(job, {**answers, "source": "shop"}))

    job = run_import(job, by=SYSTEM, report=silently)

    assert (job.counts["rows"], job.counts["refused"]) == (541_909, 0)
    assert (OrderLine.objects.count(), Order.objects.count()) == (541_909, 25_900)
    assert Order.objects.filter(kind="cancellation").count() == 3_836
    assert (Customer.objects.count(), Product.objects.count()) == (4_372, 4_070)
    assert Order.objects.aggregate(total=Sum("total_micros"))["total"] == 9_747_747_934_000
    with_customer = Order.objects.filter(customer__isnull=False).aggregate(total=Sum("total_micros"))["total"]
    assert with_customer == 8_300_065_814_000
    undo(job)
    assert row_hashes() == before


def test_each_bad_value_refuses_its_own_line_and_the_others_come_in() -> None:
    job = retail(
        "1,A,MUG,1,12/1/2010 8:26,1e9999999,5,UK\n"
        "2,A,MUG,1e-999999,12/1/2010 8:26,2,5,UK\n"
        "3,A,MUG,1,2026-01-02 10:00+99:99,2,5,UK\n"
        "4,A,MUG,1,0001-01-01 00:00,2,5,UK\n"
        "5,A,MUG,1,9999-12-31 23:30,2,5,UK\n"
        "6,A,MUG,99999999999,12/1/2010 8:26,999999999999,5,UK\n"
        "7,A,MUG,1,12/1/2010 8:26,2,5,UK\n",
        time_zone="Europe/Amsterdam",
    )

    assert job.state == ImportState.DONE
    assert list(Order.objects.values_list("external_id", flat=True)) == ["7"]
    assert list(ImportProblem.objects.order_by("line").values_list("line", "column", "code")) == [
        (2, "UnitPrice", "too_large"),
        (3, "Quantity", "number"),
        (4, "InvoiceDate", "instant"),
        (5, "InvoiceDate", "instant_range"),
        (6, "InvoiceDate", "instant_range"),
        (7, "Quantity", "too_large_together"),
    ]


def test_a_line_comes_to_ten_billion_at_most_in_either_direction() -> None:
    job = retail(
        "1,A,MUG,10,12/1/2010 8:26,1000000000,5,UK\n"
        "2,A,MUG,-10,12/1/2010 8:26,1000000000,5,UK\n"
        "3,A,MUG,-10,12/1/2010 8:26,1000000000.1,5,UK\n"
    )

    assert (job.counts["staged"], job.counts["refused"]) == (2, 1)
    assert Order.objects.get(external_id="1").total_micros == 10**16


def test_an_order_of_more_than_can_be_counted_fails_the_import_by_name() -> None:
    lines = "77,A,MUG,10,12/1/2010 8:26,1000000000,5,UK\n" * 101

    with pytest.raises(FileRefused, match="“77”"):
        retail(lines)

    job = Import.objects.get()
    assert (job.state, "“77”" in job.failure) == (ImportState.FAILED, True)
    assert not Order.objects.exists()
