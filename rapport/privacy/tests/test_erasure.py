"""Somebody is planted everywhere, exported with every trace, erased without one, and erased again after a restore."""

from __future__ import annotations

import json
import logging
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from rapport.audit.actions import heads_file, seal
from rapport.audit.verification import verify
from rapport.commerce.models import Order, OrderKind, OrderLine
from rapport.core.acting import SYSTEM, acting
from rapport.core.files import StoredFile
from rapport.customers.actions import edit_customer
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import make_customer, touch
from rapport.customers.whole_person import whole_person
from rapport.privacy import actions
from rapport.privacy.erasure_log import log_file
from rapport.privacy.models import Erasure, JobState, Suppression
from rapport.privacy.rows import with_rows
from rapport.privacy.tests.planting import (
    EMAIL,
    NAME,
    PHONE,
    TRACES,
    plant_everywhere,
    rows_of_others,
    traces_in_database,
    traces_in_files,
)
from rapport.records.models import Import, ImportProblem
from tests.import_files import draft, import_text
from tests.row_hashes import hashed_tables
from tests.world import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]

HEAD = "id,name,e-mail,phone,country,remark\n"
ROW = f"77,{NAME},{EMAIL},+44 20 7946 0958,GB,planted in a column that is kept\n"
OTHER = "78,Ana Souza,ana@souza.example,+44 20 7946 0111,GB,\n"
REFUSED = f"79,{NAME},{EMAIL},,GB,\n"


def shop_file(*rows: str) -> str:
    return HEAD + "".join(rows)


def plant(ada: Any) -> Customer:
    """In files and journals first, as life does it, then one row in each declared table."""
    import_text(shop_file(ROW, OTHER), preset="people", keep=["remark"])
    import_text(shop_file(ROW.replace("a column", "the column"), OTHER), preset="people", keep=["remark"])
    import_text(shop_file(OTHER), preset="people", keep=["remark"])
    hers = Customer.objects.get(email=EMAIL)
    edit_customer(hers, {"job_title": "planted title"}, version=hers.version, by=ada, now=NOW)
    draft(shop_file(ROW), preset="people", keep=["remark"], name="quinevere_okonkwo.csv")
    Import.objects.filter(state="waiting").update(state="draft")
    job = Import.objects.order_by("pk").first()
    assert job is not None
    ImportProblem.objects.create(job=job, line=9, code="x", reason="planted", row=REFUSED.split(","), value=EMAIL)
    ImportProblem.objects.create(job=job, line=10, code="x", reason="other", row=OTHER.split(","), value="")
    for days in (1, 40, 200):
        touch(hers, days_ago=days, summary=f"planted visit of {NAME}")
    with acting(SYSTEM):
        order = Order.objects.create(
            source_id=Profile.objects.filter(customer=hers).first().source_id, external_id="planted-4711",
            kind=OrderKind.SALE, customer=hers, profile_id=Profile.objects.filter(customer=hers).first().pk,
            channel="web_shop", currency="GBP", total_micros=5_000_000, line_count=1, placed_at=NOW,
        )  # fmt: skip
        OrderLine.objects.create(
            order=order, number=1, description="planted: for Quinevere", quantity=1, unit_price_micros=5_000_000,
            amount_micros=5_000_000,
        )  # fmt: skip
    profile = Profile.objects.filter(customer=hers).exclude(source__name="staff").get()
    plant_everywhere(customer=hers.pk, profile=profile.pk, user=ada.pk, order=order.pk)
    session = SessionStore()
    session["toasts"] = [f"{NAME} was added."]
    session["kept"] = "yes"
    session.create()
    return hers


def ask(hers: Customer, ada: Any) -> Erasure:
    return actions.ask_for_erasure(hers.pk, public_id=str(hers.public_id), ground="asked", by=ada, now=timezone.now())


def erase(hers: Customer, ada: Any) -> Erasure:
    return actions.erase(ask(hers, ada), by=ada, now=timezone.now())


def exported(hers: Customer, ada: Any) -> zipfile.ZipFile:
    asked = actions.ask_for_export(hers.pk, public_id=str(hers.public_id), by=ada, now=NOW)
    built = actions.build_export(asked, title=NAME, now=NOW)
    return zipfile.ZipFile(BytesIO(StoredFile(built.file_digest, 0).path.read_bytes()))


def test_somebody_planted_everywhere_is_exported_whole_and_erased_without_a_trace(
    ada: Any, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hers = plant(ada)
    other = Customer.objects.get(email="ana@souza.example")
    planted = {table for table, _line in traces_in_database()}
    assert len(planted) > 20
    seal(now=NOW)

    with exported(hers, ada) as archive:
        whole = json.loads(archive.read("data.json"))
        names = archive.namelist()
    shown = json.dumps(whole, ensure_ascii=False)
    person = with_rows(whole_person(hers.pk))
    others = rows_of_others(dict(person.rows), hashed_tables())

    erased = erase(hers, ada)

    for table, line in ((table, line) for table, line in _lines_before(planted) if table in whole["tables"]):
        assert line in shown, table
    assert "summary.html" in names
    assert "tables/customers_profile.csv" in names
    assert erased.state == JobState.DONE
    assert traces_in_database() == []
    assert traces_in_files(home) == []
    assert not [record for record in caplog.records if any(trace in record.getMessage().lower() for trace in TRACES)]
    assert verify(heads=heads_file()).findings == []
    assert Customer.objects.filter(pk=other.pk).exists()
    after = rows_of_others(dict(person.rows), hashed_tables())
    changed = {table: (others[table] ^ after[table]) for table in others if others[table] != after[table]}
    assert set(changed) <= {"privacy_erasure", "privacy_suppression"}


def _lines_before(planted: set[str]) -> list[tuple[str, str]]:
    return [(table, f"planted {table}.") for table in sorted(planted) if table.startswith(("work_", "customers_co"))]


def test_orders_keep_their_amounts_without_the_person(ada: Any) -> None:
    hers = plant(ada)
    number = Order.objects.get(external_id="planted-4711").pk

    erase(hers, ada)

    order = Order.objects.get(pk=number)
    assert (order.customer_id, order.profile_id, order.total_micros) == (None, None, 5_000_000)
    assert order.external_id.startswith("erased-")
    assert list(OrderLine.objects.filter(order=order, number=1).values_list("description", "amount_micros")) == [
        ("", 5_000_000)
    ]


def test_the_files_keep_every_other_row_on_its_line(ada: Any) -> None:
    hers = plant(ada)

    erase(hers, ada)

    job = Import.objects.order_by("pk").first()
    assert job is not None
    assert StoredFile(job.file_digest, 0).path.read_text() == HEAD + "\n" + OTHER
    assert job.counts["erased_rows"] == 1
    assert ImportProblem.objects.filter(job=job).count() == 1


def test_a_file_does_not_bring_her_in_again_but_counts_her(ada: Any) -> None:
    hers = plant(ada)
    erase(hers, ada)
    before = Customer.objects.count()

    job = import_text(shop_file(ROW, OTHER, "80,New One,new@one.example,,GB,\n"), preset="people", keep=["remark"])
    again = import_text(
        shop_file(ROW.replace("77,", "77x,").replace(EMAIL, EMAIL.upper())), preset="people", source="till"
    )

    assert Customer.objects.count() == before + 1
    assert job.counts["suppressed"] == 1
    assert again.counts["suppressed"] == 1
    assert not Customer.objects.filter(email__iexact=EMAIL).exists()


def test_somebody_who_comes_back_by_herself_may_be_imported_again(ada: Any) -> None:
    hers = plant(ada)
    erase(hers, ada)
    make_customer(NAME, email=EMAIL, source="staff", external_id="by-hand")

    job = import_text(shop_file(ROW), preset="people")

    assert "suppressed" not in job.counts
    assert Profile.objects.filter(external_id="77").exists()


def test_an_address_that_somebody_else_has_too_is_not_suppressed(ada: Any) -> None:
    import_text(shop_file(ROW, f"90,Uzor Okonkwo,{EMAIL},,GB,\n"), preset="people")
    hers = Customer.objects.get(name=NAME)

    erase(hers, ada)

    assert not Suppression.objects.filter(kind="email").exists()
    assert Customer.objects.filter(name="Uzor Okonkwo").exists()


def test_everybody_merged_into_her_goes_too(ada: Any) -> None:
    survivor = make_customer("Quin Okonkwo", external_id="1")
    merged = make_customer(NAME, external_id="2")
    with acting(SYSTEM):
        Profile.objects.filter(customer=merged).update(customer=survivor, home=merged)
        Customer.objects.filter(pk=merged.pk).update(merged_into=survivor)

    erase(merged, ada)

    assert not Customer.objects.filter(pk__in=[survivor.pk, merged.pk]).exists()
    assert not Profile.objects.filter(external_id__in=["1", "2"], source__name="shop").exists()


def test_what_a_restore_brings_back_is_erased_again(ada: Any) -> None:
    import_text(shop_file(ROW, OTHER), preset="people")
    hers = Customer.objects.get(email=EMAIL)
    erase(hers, ada)
    _restore(hers)
    other = Customer.objects.get(email="ana@souza.example")

    assert actions.replay_erasures(now=timezone.now()) == 1

    assert not Customer.objects.filter(public_id=hers.public_id).exists()
    assert Customer.objects.filter(pk=other.pk).exists()
    assert [erasure.actor_label for erasure in Erasure.objects.order_by("done_at")] == [ada.actor_label, "restore"]
    assert Suppression.objects.count() > 1
    assert actions.replay_erasures(now=timezone.now()) == 0
    assert not any(trace in log_file().read_text().lower() for trace in TRACES)


def _restore(hers: Customer) -> None:
    """As from a backup of the day before: she is there, and nothing of this room is."""
    Erasure.objects.all().delete()
    Suppression.objects.all().delete()
    make_customer(NAME, email=EMAIL, phone=PHONE, external_id="77")
    with acting(SYSTEM):
        Customer.objects.filter(name=NAME).update(public_id=hers.public_id, created_at=hers.created_at)


def test_an_erasure_waits_for_the_end_of_imports(ada: Any) -> None:
    hers = make_customer(NAME)
    draft(shop_file(OTHER), preset="people")
    asked = ask(hers, ada)

    with pytest.raises(actions.ImportUnderWay):
        actions.erase(asked, by=ada, now=NOW)

    assert Customer.objects.filter(pk=hers.pk).exists()


def test_asked_twice_it_is_one_erasure(ada: Any) -> None:
    hers = make_customer(NAME)

    assert ask(hers, ada) == ask(hers, ada)


def test_the_rows_of_an_import_are_in_the_export_with_their_line(ada: Any) -> None:
    hers = plant(ada)

    with exported(hers, ada) as archive:
        rows = json.loads(archive.read("data.json"))["tables"]["import_rows"]

    assert {(row["line"], row["row"]["e-mail"]) for row in rows} == {(2, EMAIL)}
    assert len(rows) == 3


def test_cells_of_an_export_are_harmless_in_a_spreadsheet(ada: Any) -> None:
    hers = make_customer("=1+1")

    with exported(hers, ada) as archive:
        text = archive.read("tables/customers_customer.csv").decode()

    assert '"\'=1+1"' in text
    assert '"=1+1"' not in text
