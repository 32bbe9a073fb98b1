"""Erasing: what goes, what stays of whom, what no file brings again, and what a restore does."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from rapport.commerce.models import Order, OrderKind, OrderLine
from rapport.core.acting import SYSTEM, acting
from rapport.core.files import StoredFile
from rapport.customers.actions import edit_customer
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import make_customer, touch
from rapport.privacy import actions
from rapport.privacy.erasure_log import log_file
from rapport.privacy.models import Erasure, Suppression
from rapport.privacy.tests.planting import (
    BORN_ON,
    EMAIL,
    NAME,
    PHONE,
    TRACES,
    Planted,
    plant_everywhere,
)
from rapport.records.models import Import, ImportProblem
from tests.import_files import draft, import_text
from tests.world import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home", "cleared")]

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
    make_order(hers, "planted-4711", "planted: for Quinevere")
    plant_everywhere(planted(hers, ada))
    return hers


def planted(
    customer: Customer, ada: Any, *, word: str = "planted", name: str = NAME, born_on: str = BORN_ON
) -> Planted:
    profile = Profile.objects.filter(customer=customer).exclude(source__name="staff").order_by("pk").first()
    assert profile is not None
    order = Order.objects.filter(customer=customer).order_by("pk").first()
    assert order is not None
    return Planted(
        word=word, name=name, email=customer.email or "", born_on=born_on, customer=customer.pk, profile=profile.pk,
        order=order.pk, user=ada.pk, source=profile.source_id,
    )  # fmt: skip


def make_order(customer: Customer, number: str, description: str) -> Order:
    profile = Profile.objects.filter(customer=customer).order_by("pk").first()
    assert profile is not None
    with acting(SYSTEM):
        order: Order = Order.objects.create(
            source_id=profile.source_id, external_id=number, kind=OrderKind.SALE, customer=customer, profile_id=profile.pk,
            channel="web_shop", currency="GBP", total_micros=5_000_000, line_count=1, placed_at=NOW,
        )  # fmt: skip
        OrderLine.objects.create(
            order=order, number=1, description=description, quantity=1, unit_price_micros=5_000_000,
            amount_micros=5_000_000,
        )  # fmt: skip
    return order


def ask(hers: Customer, ada: Any) -> Erasure:
    return actions.ask_for_erasure(hers.pk, public_id=str(hers.public_id), ground="asked", by=ada, now=timezone.now())


def erase(hers: Customer, ada: Any) -> Erasure:
    return actions.erase(ask(hers, ada), by=ada, now=timezone.now())


def exported(hers: Customer, ada: Any) -> zipfile.ZipFile:
    asked = actions.ask_for_export(hers.pk, public_id=str(hers.public_id), by=ada, now=NOW)
    built = actions.build_export(asked, title=NAME, now=NOW)
    return zipfile.ZipFile(BytesIO(StoredFile(built.file_digest, 0).path.read_bytes()))


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
