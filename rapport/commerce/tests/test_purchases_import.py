"""Files of purchases as the CDNOW data set has them: no header, no order numbers, columns below each other."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.db.models.functions import TruncDate

from rapport.commerce.models import Order, OrderLine
from rapport.customers.models import Customer, Profile, Touchpoint
from rapport.records.commands import COMMANDS
from rapport.records.models import Import, ImportProblem
from tests.import_files import NOW, draft, import_text, undo
from tests.row_hashes import row_hashes

pytestmark = pytest.mark.usefixtures("db", "home")

CDNOW = Path(__file__).parents[4] / "shared" / "data" / "cdnow"
SAMPLE = """ 00004 0001 19970101  2   29.33\r
 00004 0001 19970118  2   29.73\r
 00021 0002 19970101  3   63.34\r
 00021 0002 19970101  3   63.34\r
 00050 0003 19970101  1    0.00\r
"""
WHERE = {"currency": "USD", "time_zone": "America/New_York"}


def bring_in(text: str = SAMPLE, **answers: Any) -> Import:
    return import_text(text, **{**WHERE, "source": "cdnow", **answers})


def counts(job: Import) -> dict[str, int]:
    return {name: job.counts["phases"]["orders"][name] for name in ("new", "changed", "same")}


def test_each_row_is_an_order_with_its_customer_day_and_amount() -> None:
    job = bring_in()

    assert (job.importer, job.answers["format"], job.answers["mapping"]) == (
        "purchases", "purchases", {"customer_number": 0, "placed_at": 2, "units": 3, "amount": 4},
    )  # fmt: skip
    assert set(Profile.objects.values_list("external_id", flat=True)) == {"00004", "00021", "00050"}
    first = Order.objects.get(customer__in=_customers("00004"), placed_at=datetime(1997, 1, 1, 5, tzinfo=UTC))
    assert (first.kind, first.total_micros, first.currency, first.line_count) == ("sale", 29_330_000, "USD", 1)
    assert first.external_id.startswith("19970101-")
    line = OrderLine.objects.get(order=first)
    assert (int(line.quantity), line.unit_price_micros, line.amount_micros, line.line) == (
        2, 14_665_000, 29_330_000, 1,
    )  # fmt: skip
    assert Touchpoint.objects.filter(kind="order").count() == 5


def test_two_equal_rows_are_two_purchases_and_a_purchase_of_nothing_is_one() -> None:
    bring_in()

    twins = Order.objects.filter(customer__in=_customers("00021")).order_by("external_id")
    assert [order.external_id.partition("#")[1:] for order in twins] == [("", ""), ("#", "2")]
    assert {order.total_micros for order in twins} == {63_340_000}
    assert Order.objects.get(total_micros=0).kind == "sale"


def test_the_same_file_twice_changes_nothing_however_it_is_divided_and_sorted() -> None:
    bring_in()
    before = row_hashes()

    again = bring_in()
    comma = "".join(",".join(line.split()) + "\n" for line in SAMPLE.splitlines())
    other = bring_in(comma)
    headed = bring_in("customer id,date,units,amount\n00004,1997-01-01,2.0,29.330\n")

    assert counts(again) == counts(other) == {"new": 0, "changed": 0, "same": 5}
    assert counts(headed) == {"new": 0, "changed": 0, "same": 1}
    assert row_hashes() == before
    third = bring_in("".join(reversed((SAMPLE + " 00021 0002 19970101  3   63.34\r\n").splitlines(keepends=True))))
    assert counts(third)["new"] == 1


def test_undo_leaves_nothing() -> None:
    before = row_hashes()
    job = bring_in()

    undo(job)

    assert row_hashes() == before


def test_bad_rows_are_told_by_line_column_and_value_and_come_in_when_mended() -> None:
    job = bring_in(
        SAMPLE + " 00060 0004 19970231  1   9.00\r\n 00061 0005 19970201  one  9x0\r\n 00062 0006 19970201\r\n"
    )

    problems = ImportProblem.objects.filter(job=job).order_by("line", "column")
    assert [(p.line, p.column, p.value, p.code) for p in problems] == [
        (6, "date", "19970231", "date_range"),
        (7, "amount", "9x0", "number"),
        (7, "units", "one", "number"),
        (8, "units", "", "too_few_cells"),
    ]
    assert Order.objects.count() == 5


def test_what_comes_back_is_a_return_and_what_is_beyond_every_number_is_refused_by_its_row() -> None:
    job = bring_in(
        "customer id,date,units,amount\n4,1997-01-01,-1,-5.00\n5,1997-01-01,0,5.00\n6,1997-01-01,1,99999999999\n"
        "7,1997-01-01,0.000001,9999999\n,1997-01-01,1,1\n"
    )

    assert sorted(Order.objects.values_list("kind", "total_micros", "line_count")) == [
        ("return", -5_000_000, 1), ("sale", 5_000_000, 0),
    ]  # fmt: skip
    assert list(ImportProblem.objects.filter(job=job).order_by("line").values_list("line", "column", "code")) == [
        (4, "amount", "too_large"), (5, "units", "too_large_together"), (6, "customer id", "missing"),
    ]  # fmt: skip


def test_orders_with_numbers_of_their_own_keep_them() -> None:
    text = "order no,customer id,bought on,total\nA1,4,1997-01-01 10:30,5\nA2,4,1997-01-01 10:30,5\n"
    bring_in(text, preset="purchases")

    assert set(Order.objects.values_list("external_id", "line_count")) == {("A1", 0), ("A2", 0)}


def test_a_file_that_says_only_who_bought_when_has_purchases_of_nothing() -> None:
    job = bring_in("id,date\n1,2005-01-02\n1,2005-01-02\n2,2005-02-03\n", preset="purchases")

    assert job.answers["mapping"] == {"customer_number": 0, "placed_at": 1}
    assert sorted(Order.objects.values_list("kind", "total_micros", "line_count")) == [("sale", 0, 0)] * 3
    assert Profile.objects.count() == 2


def test_an_amount_that_may_be_under_another_name_is_asked_for_and_an_empty_one_is_refused() -> None:
    with pytest.raises(AssertionError, match="mapping\\.amount"):
        draft("id,date,brought in\n1,2005-01-02,5\n", preset="purchases", **WHERE)

    job = bring_in("id,date,amount\n1,2005-01-02,5\n2,2005-01-02,\n", preset="purchases")

    assert list(Order.objects.values_list("total_micros", flat=True)) == [5_000_000]
    assert list(ImportProblem.objects.filter(job=job).values_list("line", "column", "code")) == [
        (3, "amount", "missing")
    ]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("id date cds spend\n00001 19970101 1 11.77\n00002 19970112 1 12.00\n", {}),
        ("id,date,cds,spend\n1,1/1/97,1,11.77\n2,1/13/97,1,12.00\n", {}),
        ("cust;date;sales\n1;1.1.97;11,77\n2;13.1.97;12,00\n", {"preset": "purchases"}),
        ("Cust\tDate\tSales\n1\t19970101\t11.77\n2\t19970112\t12.00\n", {"preset": "purchases"}),
        ("Donor ID,Gift date,Gift amount\n1,1997-01-01,11.77\n2,1997-01-12,12.00\n", {"preset": "purchases"}),
    ],
)
def test_logs_of_purchases_are_understood_however_they_are_headed_and_divided(text: str, answers: Any) -> None:
    bring_in(text, **answers)

    first, second = Order.objects.order_by("placed_at")
    assert (first.placed_at, first.total_micros) == (datetime(1997, 1, 1, 5, tzinfo=UTC), 11_770_000)
    assert (second.placed_at.month, second.total_micros) == (1, 12_000_000)


def test_the_page_shows_what_each_column_is_taken_for_and_another_can_be_chosen(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    client.post("/imports/", {"file": SimpleUploadedFile("sample.txt", SAMPLE.encode())})
    job = Import.objects.get()
    page = client.get(f"/imports/{job.public_id}/").text
    assert "The file does not name its columns" in page
    assert "each row is an order, and what it says makes its number" in page
    assert "second id" in page
    columns = ("", "customer_number", "placed_at", "units", "amount")

    client.post(
        f"/imports/{job.public_id}/answers/",
        {"save": "", **WHERE, "source": "cdnow", **{f"column-{place}": name for place, name in enumerate(columns)}},
    )

    job.refresh_from_db()
    assert job.answers["mapping"]["customer_number"] == 1


def test_amounts_that_no_report_can_count_are_told_before_they_come_in(ada: Any, as_user: Any, business: Any) -> None:
    client = as_user(ada)
    client.post("/imports/", {"file": SimpleUploadedFile("sample.txt", SAMPLE.encode())})
    here = f"/imports/{Import.objects.get().public_id}/"
    answers = {"save": "", "source": "cdnow", "time_zone": "America/New_York"}

    abroad = client.post(f"{here}answers/", {**answers, "currency": "USD"}, follow=True).text
    at_home = client.post(f"{here}answers/", {**answers, "currency": "GBP"}, follow=True).text

    words = "These amounts are in USD, and the business counts in GBP. There is no rate between them"
    assert words in abroad
    assert "There is no rate" not in at_home


def test_a_dry_run_counts_and_changes_nothing() -> None:
    before = row_hashes()

    job = bring_in(dry_run=True)

    assert job.counts["preview"] == {
        "orders": 5, "known_orders": 0, "cancellations": 0, "customers": 3, "net_micros": 185_740_000,
    }  # fmt: skip
    assert row_hashes() == before


@pytest.mark.real_data
@pytest.mark.django_db(transaction=True)
def test_the_sample_of_cdnow_comes_in_by_the_command_line(
    transactional_db: None, capsys: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    if not CDNOW.exists():
        pytest.skip(f"THE REAL FILES ARE MISSING: {CDNOW}")
    monkeypatch.chdir(tmp_path)
    parser = ArgumentParser()
    COMMANDS[0].configure(parser)
    words = [
        "--preset",
        "purchases",
        "--currency",
        "USD",
        "--time-zone",
        "America/New_York",
        "--source",
        "cdnow",
        "--json",
    ]

    assert COMMANDS[0].run(parser.parse_args([str(CDNOW / "CDNOW_sample.txt"), *words])) == 0

    result = json.loads(capsys.readouterr().out)
    assert (result["rows"], result["refused"]) == (6_919, 0)
    assert (Customer.objects.count(), Order.objects.count()) == (2_357, 6_919)
    assert OrderLine.objects.aggregate(units=Sum("quantity"))["units"] == 16_479
    assert Order.objects.aggregate(total=Sum("total_micros"))["total"] == 244_091_940_000
    assert _by_frequency(date(1997, 9, 30)) == [1_411, 439, 214, 100, 62, 38, 29, 64]
    before = row_hashes()
    assert COMMANDS[0].run(parser.parse_args([str(CDNOW / "CDNOW_sample.txt"), *words])) == 0
    assert row_hashes() == before


@pytest.mark.real_data
def test_the_master_file_of_cdnow_is_known_with_its_header() -> None:
    if not CDNOW.exists():
        pytest.skip(f"THE REAL FILES ARE MISSING: {CDNOW}")

    job = draft((CDNOW / "CDNOW_master.txt").read_bytes(), name="CDNOW_master.txt", **{**WHERE, "source": "cdnow"})

    assert job.answers["header"] == ["customer_id", "date", "number_of_cds", "dollar_value"]
    assert job.answers["mapping"] == {"customer_number": 0, "placed_at": 1, "units": 2, "amount": 3}
    assert job.created_at == NOW


def _customers(number: str) -> Any:
    return Profile.objects.filter(external_id=number).values("customer_id")


def _by_frequency(until: date) -> list[int]:
    """Customers by how many purchase days came after their first one, 7 and more together."""
    days = (
        Order.objects.annotate(day=TruncDate("placed_at", tzinfo=ZoneInfo("America/New_York")))
        .filter(day__lte=until)
        .values_list("customer_id", "day")
        .distinct()
    )
    repeated = Counter(Counter(customer for customer, _day in days).values())
    return [
        sum(customers for bought, customers in repeated.items() if min(bought - 1, 7) == times) for times in range(8)
    ]
