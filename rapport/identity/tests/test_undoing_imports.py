"""Taking an import back takes its joins back: as if it had never been, whatever was joined with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from rapport.customers.actions import edit_customer
from rapport.customers.models import Customer, Identifier, Profile
from rapport.identity.models import Doubt
from rapport.identity.queries import profiles_to_resolve
from rapport.identity.resolving import IDENTITY, resolve_profiles
from rapport.records.imports.undoing import UnableToUndo
from tests.import_files import import_text
from tests.import_files import undo as take_back
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db", "home")

SHOP = "id,name,e-mail,phone\n1,Ana Souza,ana@souza.br,+442079460958\n2,Bea Lima,bea@lima.pt,\n"
TILL = "id,name,e-mail,city\nT1,A. Souza,ana@souza.br,Leeds\nT3,Cia Reis,cia@reis.pt,York\n"
NEWS = "id,name,e-mail,phone\nN1,Ana Souza,other@souza.br,+442079460958\nN2,Bea L.,bea@lima.pt,\n"


def people(text: str, source: str) -> Any:
    job = import_text(text, preset="people", source=source)
    resolve_profiles(profiles_to_resolve(job.pk), by=IDENTITY, now=NOW)
    return job


def undo(job: Any) -> None:
    """As the worker does: take back, then look again at whom the events name."""
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
        take_back(job)
        cursor.execute("select args::text from procrastinate_jobs where task_name = 'core.deliver' order by id")
        payloads = [json.loads(row[0])["payload"] for row in cursor.fetchall()]
    named = sorted({profile for payload in payloads for profile in payload.get("profile_ids", ())})
    alive = list(Profile.objects.filter(pk__in=named).values_list("pk", flat=True))
    resolve_profiles(alive, by=IDENTITY, now=NOW)


def picture() -> set[Any]:
    """Who is there and what is known, in words that need no ids: the sources of each customer, and what it shows."""
    seen = set()
    for customer in Customer.objects.filter(merged_into=None):
        profiles = Profile.objects.filter(customer=customer)
        sources = frozenset(profiles.exclude(source__name="staff").values_list("source__name", "external_id"))
        identifiers = frozenset(Identifier.objects.filter(customer=customer).values_list("kind", "value_norm"))
        seen.add(
            (sources, identifiers, customer.name, customer.email, customer.phone, customer.city, customer.job_title)
        )
    return seen


def test_one_of_three_overlapping_imports_goes_as_if_it_had_never_come(ada) -> None:
    def tell(name: str) -> None:
        customer = Customer.objects.get(merged_into=None, pk=Profile.objects.get(external_id=name).customer_id)
        edit_customer(customer, {"job_title": "Buyer"}, version=customer.version, by=ada, now=NOW)

    shop = people(SHOP, "shop")
    people(TILL, "till")
    people(NEWS, "news")
    assert Customer.objects.filter(merged_into=None).count() == 3
    tell("T1")

    undo(shop)
    with_undo = picture()

    assert {frozenset(name for name, _id in sources) for sources, *_ in with_undo} == {
        frozenset({"till"}), frozenset({"news"}),
    }  # fmt: skip
    assert [row[-1] for row in with_undo if ("till", "T1") in row[0]] == ["Buyer"]
    assert not Profile.objects.exclude(home=None).exists()


@pytest.mark.parametrize("gone", ["shop", "till", "news"])
def test_undo_equals_never_having_imported(gone) -> None:
    files = {"shop": SHOP, "till": TILL, "news": NEWS}
    jobs = {source: people(text, source) for source, text in files.items()}
    undo(jobs[gone])
    with_undo = picture()
    for source in reversed([name for name in files if name != gone]):
        undo(jobs[source])
    assert not Customer.objects.exists()

    for source, text in files.items():
        if source != gone:
            people(text, source)

    assert picture() == with_undo


def test_an_import_that_changed_a_joined_profile_is_taken_back() -> None:
    people(SHOP, "shop")
    people(TILL, "till")
    before = picture()

    changed = people(SHOP.replace("ana@souza.br", "new@souza.br").replace("Ana Souza", "Ana Reis"), "shop")
    assert Customer.objects.filter(merged_into=None).count() == 4
    undo(changed)

    assert picture() == before


def test_what_stands_for_nothing_else_is_kept_when_staff_edited_it(ada) -> None:
    shop = people(SHOP, "shop")
    people(TILL, "till")
    bea = Customer.objects.get(name="Bea Lima")
    edit_customer(bea, {"job_title": "Buyer"}, version=bea.version, by=ada, now=NOW)
    before = picture()

    with pytest.raises(UnableToUndo, match="Ada has edited 1"):
        undo(shop)

    assert picture() == before


def test_who_states_a_value_that_a_file_takes_from_another_is_looked_at_again() -> None:
    """Of three who state one mailbox one contradicts, so the nameless one is in doubt; once he no longer does it is not."""
    people("id,name,e-mail\n1,Ana Souza,ana@souza.br\n2,Rui Lima,ana@souza.br\n", "shop")
    people("id,name,e-mail\nT1,,ana@souza.br\n", "till")
    assert "ambiguous" in set(Doubt.objects.values_list("reason", flat=True))

    people("id,name,e-mail\n2,Rui Lima,rui@lima.pt\n", "shop")

    assert not Doubt.objects.exists()
    assert Profile.objects.get(external_id="T1").customer_id == Profile.objects.get(external_id="1").customer_id
