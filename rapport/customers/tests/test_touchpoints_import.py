"""Files of calls, notes and mails: on whose timeline they come, once, and away again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rapport.customers.models import Customer, Touchpoint
from rapport.records.models import ImportProblem
from tests.import_files import import_text, undo

pytestmark = pytest.mark.usefixtures("db", "home")
FILE = """customer id,email,type,date,direction,subject
7,,Call,2024-03-12 09:14,outbound,Asked for a quote
,ada@example.com,Lunch,2024-03-13 12:00,,Agreed
8,nobody@example.com,Call,2024-03-13 12:00,,Nobody here
7,,Carrier pigeon,2024-03-14 08:00,,Coo
,,Call,2024-03-14 08:00,,Whose?
"""


def people(*rows: str) -> list[Customer]:
    import_text("\n".join(["id,name,email", *rows, ""]), preset="people")
    return list(Customer.objects.order_by("pk"))


def bring_in(text: str = FILE, **answers: Any) -> Any:
    return import_text(text, preset="touchpoints", time_zone="UTC", **answers)


def test_contacts_come_to_the_customers_they_name_by_number_or_address() -> None:
    grace, ada = people("7,Grace,", "9,Ada,ada@example.com")

    job = bring_in()

    said = Touchpoint.objects.order_by("occurred_at").values_list(
        "customer_id", "kind", "channel", "direction", "summary", "occurred_at"
    )
    assert list(said) == [
        (grace.pk, "call", "phone", "out", "Asked for a quote", datetime(2024, 3, 12, 9, 14, tzinfo=UTC)),
        (ada.pk, "meeting", "field_sales", "in", "Agreed", datetime(2024, 3, 13, 12, 0, tzinfo=UTC)),
        (grace.pk, "note", "other", "in", "Carrier pigeon: Coo", datetime(2024, 3, 14, 8, 0, tzinfo=UTC)),
    ]
    assert job.counts["phases"]["touchpoints"] == {"rows": 4, "new": 3, "same": 0, "unknown_customers": 1}
    assert [problem.line for problem in ImportProblem.objects.all()] == [6]


def test_the_same_file_again_brings_nothing_and_undo_takes_all_of_it() -> None:
    people("7,Grace,")

    first = bring_in()
    second = bring_in()

    assert second.counts["phases"]["touchpoints"]["new"] == 0
    assert Touchpoint.objects.count() == 2
    undo(second)
    assert Touchpoint.objects.count() == 2
    undo(first)
    assert not Touchpoint.objects.exists()


def test_an_address_that_two_customers_share_finds_neither() -> None:
    people("1,Ada,info@example.com", "2,Bob,info@example.com")

    bring_in("email,date,subject\ninfo@example.com,2024-03-12,Hello\n")

    assert not Touchpoint.objects.exists()


def test_a_dry_run_counts_and_says_by_what_customers_are_found(ada: Any) -> None:
    people("9,Ada,ada@example.com")

    job = bring_in("email,date,subject\nada@example.com,2024-03-12,Hello\n", dry_run=True)

    assert job.counts["preview"] == {"new": 1, "unknown_customers": 0}
    assert not Touchpoint.objects.exists()


def test_a_contact_of_nobody_names_the_columns_that_would_tell_of_whom_it_is() -> None:
    text = "customer id,customer email,date,text\n,,2026-01-05,Called\n"
    import_text(text, preset="touchpoints", time_zone="UTC")

    problem = ImportProblem.objects.get()
    assert (problem.line, problem.column, problem.code) == (2, "customer id, customer email", "no_customer")
    assert problem.reason.startswith("The row says of no customer: fill one of these columns in")


def test_a_file_of_contacts_without_anybody_is_asked_for_a_column() -> None:
    with pytest.raises(AssertionError, match="The file must have one of them"):
        import_text("date,text\n2026-01-05,Called\n", preset="touchpoints", time_zone="UTC")
