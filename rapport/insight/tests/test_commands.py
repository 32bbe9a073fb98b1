"""`rapport refresh` and `rapport report rfm`."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from rapport.insight.commands import COMMANDS
from rapport.insight.models import Snapshot
from rapport.insight.tests.shop import MICROS, make_customer, make_order, make_orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def rapport(verb: str, *arguments: str) -> int:
    _settle()
    command = next(each for each in COMMANDS if each.name == verb)
    parser = ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))


def _settle() -> None:
    """Let the server's statistics know now what it would know a second later."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_force_next_flush()")


def test_a_report_counts_customers_bands_cells_and_segments(home: Path, business: Any, capsys: Any) -> None:
    for number in range(1, 6):
        make_orders(
            make_customer(str(number)), [date(2026, 1, 10 * number) if number < 4 else date(2026, 2, number)], number
        )

    assert rapport("report", "rfm", "--as-of", "2026-02-28", "--json") == 0

    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report["customers"] == 5
    assert report["bands"]["recency"] == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1}
    assert report["bands"]["frequency"] == {"1": 5, "2": 0, "3": 0, "4": 0, "5": 0}
    assert report["bands"]["monetary"] == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1}
    assert report["matrix"]["5"] == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 0}
    assert [(row["segment"], row["customers"]) for row in report["segments"] if row["customers"]] == [
        ("new", 2), ("needs_attention", 1), ("hibernating", 2),
    ]  # fmt: skip
    assert (report["as_of"], report["currency"], report["time_zone"]) == ("2026-02-28", "GBP", "Europe/London")
    assert report["value_micros"] == 15 * MICROS
    assert "refreshing it first" in err


def test_the_same_report_comes_out_the_same_with_one_thread_and_with_four(
    home: Path, business: Any, capsys: Any
) -> None:
    for number in range(30):
        make_orders(make_customer(str(number)), [date(2026, 1, 1 + number % 7)] * (1 + number % 3), number % 4)
    said = []
    for threads in ("1", "4", "4"):
        rapport("report", "rfm", "--as-of", "2026-02-28", "--threads", threads, "--json")
        said.append(capsys.readouterr().out)

    assert said[0] == said[1] == said[2]


def test_a_report_refreshes_again_once_something_changed(home: Path, business: Any, capsys: Any) -> None:
    customer = make_customer()
    make_order(customer, datetime(2026, 1, 1, tzinfo=UTC))
    rapport("report", "rfm", "--as-of", "2026-02-28", "--json")
    rapport("report", "rfm", "--as-of", "2026-02-28", "--json")
    assert Snapshot.objects.count() == 1

    make_order(make_customer("Bo Li"), datetime(2026, 1, 1, tzinfo=UTC))
    capsys.readouterr()
    rapport("report", "rfm", "--as-of", "2026-02-28", "--json")

    assert json.loads(capsys.readouterr().out)["customers"] == 2


def test_before_set_up_the_zone_and_the_currency_come_from_the_call_and_the_orders(home: Path, capsys: Any) -> None:
    make_order(make_customer(), datetime(2026, 1, 1, 16, tzinfo=UTC), currency="EUR")

    rapport("report", "rfm", "--as-of", "2026-01-01", "--time-zone", "Asia/Tokyo", "--json")
    in_tokyo = json.loads(capsys.readouterr().out)
    rapport("report", "rfm", "--as-of", "2026-01-01", "--json")
    in_utc = json.loads(capsys.readouterr().out)

    assert (in_tokyo["customers"], in_tokyo["currency"], in_tokyo["time_zone"]) == (0, "EUR", "Asia/Tokyo")
    assert (in_utc["customers"], in_utc["time_zone"]) == (1, "UTC")


def test_before_set_up_the_zone_of_the_newest_import_is_taken(home: Path, capsys: Any) -> None:
    from rapport.records.models import Import, ImportState

    for zone, state in (("Europe/Paris", ImportState.DONE), ("Asia/Tokyo", ImportState.FAILED), ("", ImportState.DONE)):
        Import.objects.create(file_name="a", file_digest="a", file_size=1, state=state, answers={"time_zone": zone})

    rapport("report", "rfm", "--as-of", "2026-01-01", "--json")

    out, err = capsys.readouterr()
    assert json.loads(out)["time_zone"] == "Europe/Paris"
    assert "the newest import" in err


def test_an_empty_database_is_reported_as_empty(home: Path, capsys: Any) -> None:
    assert rapport("report", "rfm", "--as-of", "2026-01-01", "--json") == 0
    assert rapport("report", "rfm", "--as-of", "2026-01-01") == 0

    assert "0 customers who bought" in capsys.readouterr().out


def test_a_report_reads_well_on_a_terminal(home: Path, business: Any, capsys: Any) -> None:
    make_orders(make_customer(), [date(2026, 1, 1)], 12)
    make_order(make_customer("Bo Li"), datetime(2026, 1, 1, tzinfo=UTC), currency="USD")

    rapport("report", "rfm", "--as-of", "2026-02-28")

    out = capsys.readouterr().out
    assert "1 customers who bought, as of 2026-02-28 (mart rfm v1)" in out
    assert "£12.00" in out
    assert "Left out: 1 orders in USD" in out


def test_a_refresh_says_what_it_did(home: Path, business: Any, capsys: Any) -> None:
    make_orders(make_customer(), [date(2026, 1, 1)])

    assert rapport("refresh", "--json") == 0

    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert answer["tables"]["orders"] == 1
    assert answer["traits"]["customers"] == 1
    assert "orders: 1 rows" in err


@pytest.mark.parametrize(
    "wrong",
    [
        ("--as-of", "10/12/2011"), ("--as-of", "2011-02-30"), ("--monetary", "median"), ("--threads", "0"),
        ("--threads", "many"), ("--time-zone", "Mars/Olympus"), ("--time-zone", "../../etc/passwd"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(db: None, wrong: tuple[str, str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as refusal:
        rapport("report", "rfm", *wrong)

    assert refusal.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_a_report_makes_lost_files_anew(home: Path, business: Any, capsys: Any) -> None:
    make_orders(make_customer(), [date(2026, 1, 1)])
    rapport("refresh")
    shutil.rmtree(home / "warehouse")
    capsys.readouterr()

    assert rapport("report", "rfm", "--as-of", "2026-02-28", "--json") == 0
    assert json.loads(capsys.readouterr().out)["customers"] == 1
