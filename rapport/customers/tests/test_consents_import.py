"""Consents from files: each row its answer, the same file nothing new, undo everything, and opt-outs never a yes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rapport.core.acting import SYSTEM
from rapport.core.clock import utc_now
from rapport.customers.channels import CHANNELS, channel_code
from rapport.customers.consents import ledger as consents
from rapport.customers.models import Consent, Customer
from rapport.records.models import Import, ImportProblem
from tests.import_files import import_text, undo
from tests.row_hashes import row_hashes

pytestmark = pytest.mark.usefixtures("db", "home")

PEOPLE = "id,name,e-mail\n1,Ada,ada@example.com\n2,Bob,bob@example.com\n"
CONSENTS = (
    "customer id,purpose,channel,status,when,expires,text,proof\n"
    "1,Newsletter,E-mail,opt-in,2026-01-05 10:00,,Yes please,form 12\n"
    "1,newsletter,sms,no,2026-01-06 10:00,,,\n"
    "2,offers,phone,granted,2026-01-05 10:00,2026-01-07 10:00,,\n"
)


def people(text: str = PEOPLE, **answers: Any) -> Import:
    return import_text(text, preset="people", **answers)


def ledger(text: str = CONSENTS, **answers: Any) -> Import:
    return import_text(text, preset="consents", dates="ymd", time_zone="UTC", **answers)


def may(name: str, purpose: str, channel: str, now: datetime | None = None) -> bool:
    return consents.may_contact(Customer.objects.get(name=name).pk, purpose, channel, now=now or utc_now())


def test_rows_become_entries_of_the_ledger() -> None:
    people()

    job = ledger()

    assert job.counts["phases"]["consents"] == {"rows": 3, "new": 3, "changed": 0, "same": 0}
    assert may("Ada", "newsletter", "email")
    assert not may("Ada", "newsletter", "sms")
    assert not may("Bob", "offers", "call_center")
    assert may("Bob", "offers", "call_center", datetime(2026, 1, 6, tzinfo=UTC))
    entry = Consent.objects.get(channel="email")
    assert (entry.wording, entry.proof, entry.origin) == ("Yes please", {"proof": "form 12", "line": 2}, "import")


def test_the_same_file_again_changes_nothing_and_undo_takes_it_back() -> None:
    people()
    before = row_hashes()
    job = ledger()
    first = row_hashes()

    again = ledger()

    assert row_hashes() == first
    assert again.counts["phases"]["consents"]["same"] == 3
    undo(again)
    assert row_hashes() == first
    undo(job)
    assert row_hashes() == before


def test_rows_that_cannot_be_placed_are_refused_each_by_its_line() -> None:
    people()
    tomorrow = (utc_now() + timedelta(days=1)).strftime("%Y-%m-%d 10:00")

    job = ledger(
        "customer id,purpose,channel,status,when\n"
        "9,newsletter,email,yes,2026-01-05\n"
        "1,world peace,email,yes,2026-01-05\n"
        f"1,newsletter,email,yes,{tomorrow}\n"
        "1,newsletter,pigeon,yes,2026-01-05\n"
        "1,newsletter,email,perhaps,2026-01-05\n"
        "2,newsletter,email,yes,2026-01-05\n"
    )

    found = ImportProblem.objects.filter(job=job).order_by("line").values_list("line", "column", "value", "code")
    assert [(line, column, code) for line, column, _value, code in found] == [
        (2, "customer id", "unknown_customer"),
        (3, "purpose", "unknown_purpose"),
        (4, "when", "ahead"),
        (5, "channel", "choice"),
        (6, "status", "choice"),
    ]
    job.refresh_from_db()
    assert (job.problem_count, job.counts["refused"]) == (5, 5)
    assert list(Consent.objects.values_list("customer__name", flat=True)) == ["Bob"]
    kept = ImportProblem.objects.get(job=job, line=2).row
    assert kept[:4] == ["9", "newsletter", "email", "granted"]


def test_a_dry_run_counts_and_writes_nothing() -> None:
    people()
    before = row_hashes()

    job = ledger(dry_run=True)

    assert job.counts["preview"]["new"] == 3
    assert row_hashes() == before


OPT_OUT = "id,name,Email Opt Out,Do Not Call\n1,Ada,true,\n2,Bob,false,1\n3,Cy,,no\n"


def test_an_opt_out_column_takes_back_and_never_grants() -> None:
    job = people(OPT_OUT)

    said = set(Consent.objects.values_list("customer__name", "channel", "purpose", "status"))
    assert said == {
        ("Ada", "email", "newsletter", "withdrawn"),
        ("Ada", "email", "offers", "withdrawn"),
        ("Bob", "call_center", "newsletter", "withdrawn"),
        ("Bob", "call_center", "offers", "withdrawn"),
    }
    assert job.counts["phases"]["opt_outs"]["new"] == 4


@pytest.mark.parametrize(
    "header", ["HasOptedOutOfEmail", "Unsubscribed", "unsubscribed from all email", "Email Opt Out"]
)
@pytest.mark.parametrize(
    ("value", "count"), [("TRUE", 2), ("2024-05-01", 2), ("FALSE", 0), ("0", 0), ("", 0), ("No", 0)]
)
def test_the_opt_out_columns_of_others_are_known(header: str, value: str, count: int) -> None:
    people(f"id,name,{header}\n1,Ada,{value}\n")

    assert Consent.objects.filter(status="withdrawn").count() == count
    assert not Consent.objects.filter(status="granted").exists()


def test_reading_the_same_opt_out_again_does_not_take_back_a_yes_that_was_given_since() -> None:
    people(OPT_OUT)
    ada = Customer.objects.get(name="Ada")
    consents.record_consent(ada, "newsletter", "email", "granted", by=SYSTEM, now=utc_now(), origin="a call")
    before = row_hashes()

    people(OPT_OUT)

    assert row_hashes() == before
    assert may("Ada", "newsletter", "email")


def test_undoing_people_takes_their_opt_outs_along() -> None:
    before = row_hashes()
    job = people(OPT_OUT)

    undo(job)

    assert row_hashes() == before


def test_undoing_a_later_file_takes_only_its_opt_outs() -> None:
    people()
    before = row_hashes()
    job = people("id,name,Unsubscribed\n1,Ada,yes\n")
    assert not may("Ada", "newsletter", "email")

    undo(job)

    assert row_hashes() == before


def test_the_preferred_channel_is_brought_to_our_words() -> None:
    people("id,name,preferred channel\n1,Ada,Phone\n2,Bob,carrier pigeon\n")

    assert Customer.objects.get(name="Ada").preferred_channel == "call_center"
    assert Customer.objects.get(name="Bob").preferred_channel == "carrier pigeon"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("E-Mail", "email"),
        ("mail", "email"),
        ("WhatsApp", "chat"),
        ("Téléphone", "call_center"),
        ("text_message", "sms"),
    ],
)
def test_common_words_for_channels_are_understood(said: str, code: str) -> None:
    assert channel_code(said) == code
    assert all(channel_code(name) == name for name in CHANNELS)
