"""Somebody is planted in every declared column, exported whole and erased without a trace; somebody else is not touched."""

from __future__ import annotations

import json
import logging
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rapport.audit.actions import heads_file, seal
from rapport.audit.verification import verify
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.customers.whole_person import whole_person
from rapport.insight.jobs import refresh_and_forget
from rapport.insight.queries import warehouse_folder
from rapport.insight.subscribers import forget_after_erasure
from rapport.insight.warehouse.refresh import make_snapshot
from rapport.privacy.events import CustomerErased
from rapport.privacy.models import JobState
from rapport.privacy.rows import with_rows
from rapport.privacy.tests.planting import (
    NAME,
    TRACES,
    Planted,
    dumped_lines,
    missing,
    pg_dump,
    plant_everywhere,
    rows_of_others,
    traces_in_database,
    traces_in_files,
    unpacked,
)
from rapport.privacy.tests.test_erasure import erase, exported, make_order, plant, planted
from tests.row_hashes import hashed_tables
from tests.world import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home", "cleared")]

# not hers to have: the same again, what the staff does, and what the machinery keeps for minutes
NOT_EXPORTED = {
    "insight_rfm_spare": "the next numbers, before they take the place of those that are exported",
    "insight_clv_spare": "the next numbers, before they take the place of those that are exported",
    "insight_leaving_spare": "the next numbers, before they take the place of those that are exported",
    "insight_five_spare": "the next numbers, before they take the place of those that are exported",
    "staging": "rows of a file that is exported",
    "procrastinate_jobs": "arguments of work under way",
    "django_session": "messages for the staff",
    "records_export": "what the staff looked for in lists",
    "records_selection": "what the staff looked for in lists",
    "audit_value": "exported as the trail of her rows; the planted event is about none",
}
OTHERS = ("moored", "lindqvist", "1908-04-12")


@pytest.fixture
def hers(ada: Any) -> Customer:
    return plant(ada)


@pytest.fixture
def another(ada: Any) -> Planted:
    """Somebody else, in all the same places."""
    customer = make_customer("Ana Lindqvist", email="ana@lindqvist.example", external_id="A1")
    make_order(customer, "moored-1", "moored: for Ana Lindqvist")
    who = planted(customer, ada, word="moored", name="Ana Lindqvist", born_on="1908-04-12")
    plant_everywhere(who)
    return who


def test_every_declared_column_is_planted(ada: Any, hers: Customer, another: Planted) -> None:
    again = planted(hers, ada)
    again.at.extend(another.at)

    assert missing(again) == []
    assert missing(another) == []


def test_everything_that_was_planted_is_in_the_export_and_nothing_of_anybody_else(
    ada: Any, hers: Customer, another: Planted
) -> None:
    who = planted(hers, ada)

    with exported(hers, ada) as archive:
        members = {name: b"".join(unpacked(archive.read(name))).decode(errors="replace") for name in archive.namelist()}

    wanted = {(table, column) for table, column in another.at if table not in NOT_EXPORTED}
    tables = "".join(text for name, text in members.items() if name.startswith("tables/"))
    files = "".join(text for name, text in members.items() if name.startswith("files/"))
    for place in (members["data.json"], tables):
        absent = {each for each in wanted if not any(sign in place for sign in _signs(who, *each))}
        assert absent == set()
    assert who.marker("a", "file") in files
    assert f"planted in an archive, by {NAME}" in files
    assert NAME in members["summary.html"]
    found = {(name, sign) for name, text in members.items() for sign in OTHERS if sign in text.lower()}
    assert found == set()


def _signs(who: Planted, table: str, column: str) -> tuple[str, ...]:
    if column in ("born_on", "first_purchase_on", "last_purchase_on", "due_on", "changed_on", "left_champions_on"):
        return (who.born_on,)
    if (table, column) == ("identity_blockedvalue", "value"):
        return (who.email,)
    return ("'planted'",) if column == "search" else (who.marker(table, column),)


def test_somebody_planted_everywhere_is_erased_without_a_trace_and_nobody_else_is(
    ada: Any, hers: Customer, another: Planted, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make_snapshot(zone=ZoneInfo("UTC"), currency="GBP", now=NOW - timedelta(hours=1))
    seal(now=NOW)
    with exported(hers, ada) as archive:
        assert isinstance(archive, zipfile.ZipFile)
    assert {table for table, _line in traces_in_database()} >= {table for table, _column in another.at} - {"staging"}
    assert len(traces_in_files(home)) >= 8
    person = with_rows(whole_person(hers.pk))
    others, settled = rows_of_others(dict(person.rows), hashed_tables()), lines_of_another()
    assert len(settled) > 40

    erased = erase(hers, ada)
    forget_after_erasure(CustomerErased(erased.pk, (hers.pk,), ()))
    refresh_and_forget()

    assert erased.state == JobState.DONE
    assert traces_in_database() == []
    dump = pg_dump().lower()
    assert [trace for trace in TRACES if trace in dump] == []
    assert "moored" in dump
    assert list(warehouse_folder().rglob("*.parquet"))
    assert traces_in_files(home) == []
    assert not [record for record in caplog.records if any(trace in record.getMessage().lower() for trace in TRACES)]
    assert verify(heads=heads_file()).findings == []
    assert lines_of_another() == settled
    after = rows_of_others(dict(person.rows), hashed_tables())
    changed = {table for table in others if others[table] != after[table]}
    known = {"privacy_erasure", "privacy_suppression", "insight_traitrun", "insight_rfm", "insight_snapshot"}
    known |= {"insight_learnedmodel", "insight_scorerun", "insight_clv", "insight_fiveworthsrun", "insight_five"}
    assert changed <= known | {"segments_segment"}  # one that asks for her by name asks for her no more


def lines_of_another() -> Counter[tuple[str, str]]:
    """Lists that were chosen or written as files go with anybody's erasure, and numbers are computed anew."""
    passing = (
        "records_export",
        "records_selection",
        "insight_rfm",
        "insight_rfm_spare",
        "insight_clv",
        "insight_clv_spare",
        "insight_leaving",
        "insight_leaving_spare",
        "insight_five",
        "insight_five_spare",
        "django_session",
    )
    return Counter(
        (table, line) for table, line in dumped_lines()
        if table not in passing and any(sign in line.lower() for sign in OTHERS)
    )  # fmt: skip


def test_what_the_export_says_is_the_same_as_json_and_as_csv(ada: Any, hers: Customer) -> None:
    with exported(hers, ada) as archive:
        whole = json.loads(archive.read("data.json"))["tables"]
        counted = {name: archive.read(f"tables/{name}.csv").decode().count("\r\n") for name in whole}

    assert set(counted) == set(whole)
    assert all(counted[name] >= len(rows) + 1 for name, rows in whole.items())
