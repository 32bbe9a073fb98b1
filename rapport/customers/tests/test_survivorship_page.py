"""The settings page of sources and rules: what it shows, what it would do, what it saves, and the pass that follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from rapport.core.acting import SYSTEM, acting
from rapport.customers.jobs import derive_again
from rapport.customers.models import (
    Customer,
    Derivation,
    DerivationState,
    FieldPriority,
    FieldRule,
    Source,
)
from rapport.customers.survivorship.rederiving import run_derivation
from rapport.customers.tests.test_actions import changes
from rapport.customers.tests.world import add_profile, make_customer
from tests.world import NOW


def two_sources(name: str = "Ana") -> Customer:
    """The till says it later, and stands beside the shop."""
    customer = make_customer(name, job_title="Head of baking", email=f"{name}@shop.example".lower())
    later = NOW + timedelta(days=1)
    add_profile(customer, source="till", external_id=name, seen_at=later, job_title="Baker", email="ana@till.example")
    return customer


def sent(**changed: Any) -> dict[str, Any]:
    """The form as it opens, with changes."""
    order = [str(source.pk) for source in Source.objects.order_by("priority", "label", "pk")]
    labels = {f"label-{source.pk}": source.label for source in Source.objects.all()}
    return {"act": "save", "source": order, "shares": [order[-1]], **labels, **changed}


def key(name: str) -> str:
    return str(Source.objects.get(name=name).pk)


def test_the_page_shows_the_order_of_the_sources_and_every_field(ada: Any, as_user: Any) -> None:
    two_sources()

    text = as_user(ada).get(reverse("survivorship")).content.decode()

    assert text.index('value="Staff"') < text.index('value="Shop"') < text.index('value="Till"')
    assert 'name="rule-address"' in text
    assert 'name="rule-street"' not in text
    assert "Move Till up" in text


def test_a_change_can_be_looked_at_before_it_is_saved(ada: Any, as_user: Any) -> None:
    two_sources()

    page = as_user(ada).post(reverse("survivorship"), sent(act="preview", **{"rule-job_title": "longest"}))

    text = page.content.decode()
    assert page.status_code == 200
    assert "1 of 1 customer with several sources would show another value." in text
    assert "Job title: 1" in text
    assert not FieldRule.objects.exists()
    assert not Derivation.objects.exists()


def test_saving_a_rule_derives_every_customer_again_in_a_job(ada: Any, as_user: Any) -> None:
    customers = [two_sources(name) for name in ("Ana", "Bea", "Cleo")]
    make_customer("Dora", external_id="d")
    client = as_user(ada)

    saved = client.post(reverse("survivorship"), sent(**{"rule-job_title": "longest"}))
    running = client.get(reverse("survivorship")).content.decode()
    derive_again(Derivation.objects.get().pk)
    done = client.get(reverse("survivorship")).content.decode()

    assert saved.status_code == 302
    assert "The shown values are being chosen again" in running
    assert {Customer.objects.get(pk=each.pk).job_title for each in customers} == {"Head of baking"}
    derivation = Derivation.objects.get()
    assert (derivation.state, derivation.total, derivation.derived, derivation.changed) == ("done", 3, 3, 3)
    assert "3 customers then showed something else" in done
    assert FieldRule.objects.get().rule == "longest"
    assert changes("customers_fieldrule")[-1][1:] == ("Ada", "customers.rules_changed")


def test_sources_move_in_the_form_and_are_kept_only_by_saving(ada: Any, as_user: Any) -> None:
    two_sources()
    client = as_user(ada)

    moved = client.post(reverse("survivorship"), sent(act=f"up:{key('till')}", shares=[])).content.decode()
    assert moved.index('value="Till"') < moved.index('value="Shop"')
    assert Source.objects.get(name="till").priority == 100

    order = [key("staff"), key("till"), key("shop")]
    client.post(reverse("survivorship"), sent(source=order, shares=[], **{f"label-{key('till')}": "Cash desk"}))

    assert list(Source.objects.order_by("priority").values_list("name", flat=True)) == ["staff", "till", "shop"]
    assert Source.objects.get(name="till").label == "Cash desk"


def test_one_source_can_come_first_for_one_field(ada: Any, as_user: Any) -> None:
    customer = two_sources()

    as_user(ada).post(reverse("survivorship"), sent(**{"first-email": key("shop")}))
    run_derivation(Derivation.objects.get().pk, now=NOW)

    customer.refresh_from_db()
    assert (customer.email, customer.job_title) == ("ana@shop.example", "Baker")
    assert FieldPriority.objects.get().field == "email"


def test_saving_what_is_there_already_derives_nothing(ada: Any, as_user: Any) -> None:
    two_sources()

    as_user(ada).post(reverse("survivorship"), sent())

    assert not Derivation.objects.exists()


def test_a_pass_can_be_cancelled_and_begun_again(ada: Any, as_user: Any) -> None:
    customer = two_sources()
    client = as_user(ada)
    client.post(reverse("survivorship"), sent(**{"rule-job_title": "longest"}))

    client.post(reverse("survivorship_pass"), {"act": "cancel"})
    derive_again(Derivation.objects.get().pk)
    customer.refresh_from_db()
    assert customer.job_title == "Baker"
    assert "did not come to its end" in client.get(reverse("survivorship")).content.decode()

    client.post(reverse("survivorship_pass"), {"act": "again"})
    run_derivation(Derivation.objects.latest("pk").pk, now=NOW)

    customer.refresh_from_db()
    assert customer.job_title == "Head of baking"


def test_a_pass_goes_on_where_it_was_cut_off(ada: Any) -> None:
    customers = [two_sources(name) for name in ("Ana", "Bea", "Cleo")]
    with acting(SYSTEM):
        FieldRule.objects.create(field="job_title", rule="longest")
        derivation = Derivation.objects.create(actor_label="Ada", last_customer=customers[0].pk, total=3, derived=1)

    run_derivation(derivation.pk, now=NOW, chunk=1)

    derivation.refresh_from_db()
    assert (derivation.state, derivation.derived, derivation.changed) == (DerivationState.DONE, 3, 2)
    assert [Customer.objects.get(pk=each.pk).job_title for each in customers] == ["Baker", *["Head of baking"] * 2]


def test_a_form_that_does_not_fit_changes_nothing(ada: Any, as_user: Any) -> None:
    two_sources()
    client = as_user(ada)

    answers = [
        client.post(reverse("survivorship"), sent(source=[key("shop")])),
        client.post(reverse("survivorship"), sent(**{"rule-email": "loudest"})),
        client.post(reverse("survivorship"), sent(**{"first-email": "99999"})),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert client.post(reverse("survivorship"), sent(act="explode")).status_code == 400
    assert not FieldRule.objects.exists()


def test_only_administrators_change_rules(alice: Any, as_user: Any) -> None:
    assert as_user(alice).get(reverse("survivorship")).status_code == 403
    assert as_user(alice).post(reverse("survivorship_pass"), {"act": "again"}).status_code == 403
    assert not Derivation.objects.exists()
