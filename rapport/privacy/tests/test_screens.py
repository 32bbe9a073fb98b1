"""No file of any kind brings in again who was erased, whatever it names her by; and nobody else is kept out."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.commerce.models import Order
from rapport.core.rooms import contributions
from rapport.customers.models import Customer, Profile, Relationship
from rapport.customers.tests.world import make_customer
from rapport.privacy import screens
from rapport.privacy.tests.planting import EMAIL, NAME, PHONE, traces_in_database
from rapport.privacy.tests.test_erasure import erase
from rapport.records.imports.importing import ColumnKind, Importer
from rapport.records.models import ImportProblem
from tests.import_files import import_text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home", "cleared")]

# codes and addresses in rows that say nothing of whose the row is
OF_NO_PERSON = {
    ("tasks", "external_id"), ("tasks", "assignee"), ("people", "owner"), ("retail-lines", "order_number"),
    ("retail-lines", "stock_code"), ("products", "code"), ("products", "rapport_id"), ("orders", "order_number"),
    ("purchases", "order_number"),
    ("orders", "stock_code"), ("orders", "rapport_id"),
    ("baskets", "order_number"), ("baskets", "stock_code"), ("baskets", "rapport_id"),
}  # fmt: skip


def test_every_column_by_which_a_row_can_name_somebody_is_looked_at() -> None:
    unknown = set()
    for importer in contributions("importers", "IMPORTERS", Importer):
        own = {"external_id"} if importer.object in screens.NUMBER_OF_PERSON else set()
        looked_at = {*screens.NUMBERS, *screens.BESIDES, *screens.EMAILS, *screens.ENDS, *own}
        if importer.object == "customer" and any(name == screens.POINTS for name, _type in importer.staged):
            # further addresses are staged as points, the first ones normalized
            looked_at |= {c.name for c in importer.columns if c.kind in (ColumnKind.EMAIL, ColumnKind.PHONE)}
            looked_at |= {screens.RAPPORT_ID}
        for column in importer.columns:
            if column.kind in (ColumnKind.CODE, ColumnKind.EMAIL, ColumnKind.PHONE) and column.name not in looked_at:
                unknown.add((importer.name, column.name))

    assert {each for each in unknown if not each[0].startswith("greeting")} <= OF_NO_PERSON


@pytest.fixture
def erased(ada: Any) -> str:
    """Somebody whom the shop knew as 77, and who is gone; returns her public id."""
    import_text(f"id,name,e-mail,phone\n77,{NAME},{EMAIL},{PHONE}\n78,Ana Souza,ana@souza.example,\n", preset="people")
    hers = Customer.objects.get(email=EMAIL)
    erase(hers, ada)
    return str(hers.public_id)


FILES = {
    "her number": ("people", f"id,name\n77,{NAME}\n"),
    "her address, by another source": ("people", f"id,name,e-mail\n5,{NAME},{EMAIL.upper()}\n"),
    "her phone, in another spelling": ("people", f"id,name,phone,country\n5,{NAME},020 7946 0958,GB\n"),
    "a further address": ("people", f"id,name,e-mail,email 2\n5,{NAME},new@one.example,{EMAIL}\n"),
    "a further number": ("people", f"id,name,e-mail,mobile,country\n5,{NAME},new@one.example,020 7946 0958,GB\n"),
    "a row that cannot be read": ("people", f"id,name,e-mail,date of birth\n5,{NAME},{EMAIL},yesterday\n"),
    "her number in a row that cannot be read": ("people", f"id,name,date of birth\n77,{NAME},yesterday\n"),
    "a tie from her": ("relationships", "from,to,type,role\n77,78,works at,planted role\n"),
    "a tie to her": ("relationships", "from,to,type,role\n78,77,works at,planted role\n"),
    "a consent of hers": (
        "consents",
        "customer id,purpose,channel,status,consent date,proof\n77,newsletter,email,granted,2026-01-02 10:00,planted\n",
    ),
    "a contact by her number": ("touchpoints", "customer id,kind,date,note\n77,call,2026-01-02 10:00,planted call\n"),
    "a contact by her address": ("touchpoints", f"email,kind,date,note\n{EMAIL},call,2026-01-02 10:00,planted call\n"),
    "a task for her": ("tasks", "task id,task,customer id\nT1,planted task,77\n"),
}
OF_THE_TILL = {
    "her address, by another source",
    "her phone, in another spelling",
    "a further address",
    "a further number",
}


@pytest.mark.parametrize("named", FILES)
def test_a_file_that_names_her_brings_nothing_of_her(erased: str, named: str) -> None:
    preset, text = FILES[named]

    job = import_text(text, preset=preset, source="till" if named in OF_THE_TILL else "shop", time_zone="UTC")

    assert job.counts.get("suppressed") == 1, job.counts
    assert [t for t in traces_in_database() if t[0] != "records_import"] == []
    assert not ImportProblem.objects.exists()
    assert set(Customer.objects.values_list("name", flat=True)) == {"Ana Souza"}
    assert not Relationship.objects.exists()


def test_an_exported_list_that_comes_back_does_not_bring_her(erased: str) -> None:
    job = import_text(f"Rapport customer id,name\n{erased},{NAME}\n", preset="people", source="spreadsheet")

    assert job.counts.get("suppressed") == 1
    assert not Customer.objects.filter(name=NAME).exists()


ORDER_FILES = {
    "her number": f"order number,order date,customer id,customer name,total,currency\nO1,2026-01-02,77,{NAME},9,GBP\n",
    "her address": f"order number,order date,email,customer name,total,currency\nO1,2026-01-02,{EMAIL},{NAME},9,GBP\n",
    "both": f"order number,order date,customer id,email,customer name,total,currency\nO1,2026-01-02,77,{EMAIL},{NAME},9,GBP\n",
}


@pytest.mark.parametrize("named", ORDER_FILES)
def test_an_order_of_hers_comes_in_without_her(erased: str, named: str) -> None:
    job = import_text(ORDER_FILES[named], preset="orders", currency="GBP", time_zone="UTC")

    order = Order.objects.get(external_id="O1")
    assert (order.customer_id, order.total_micros) == (None, 9_000_000)
    assert job.counts.get("suppressed") == 1
    assert set(Customer.objects.values_list("name", flat=True)) == {"Ana Souza"}
    assert [t for t in traces_in_database() if t[0] != "records_import"] == []


def test_a_purchase_of_hers_comes_in_without_her_and_once(erased: str) -> None:
    text = "customer id,date,units,amount\n77,2026-01-02,1,9\n"
    jobs = [import_text(text, preset="purchases", currency="GBP", time_zone="UTC") for _time in range(2)]

    order = Order.objects.get()
    assert (order.customer_id, order.total_micros) == (None, 9_000_000)
    assert [job.counts.get("suppressed") for job in jobs] == [1, 1]
    assert jobs[1].counts["phases"]["orders"]["same"] == 1
    assert set(Customer.objects.values_list("name", flat=True)) == {"Ana Souza"}


def test_rows_about_others_come_in_from_the_same_files(erased: str) -> None:
    import_text(f"id,name,e-mail\n77,{NAME},{EMAIL}\n90,Uzor Nwosu,uzor@nwosu.example\n", preset="people")
    import_text("from,to,type\n77,78,works at\n90,78,works at\n", preset="relationships")

    assert Profile.objects.filter(external_id="90").exists()
    assert Relationship.objects.count() == 1


def test_who_came_back_by_herself_is_spoken_of_again(erased: str) -> None:
    make_customer(NAME, email=EMAIL, source="shop", external_id="77")

    import_text("from,to,type\n77,78,works at\n", preset="relationships")
    import_text("task id,task,customer id\nT1,call her,77\n", preset="tasks")

    assert Relationship.objects.count() == 1
