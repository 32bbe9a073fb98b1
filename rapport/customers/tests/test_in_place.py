"""Changing one value on the customer page: the form in its place, what it saves and refuses, and giving up staff's word."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from rapport.customers.actions import edit_customer
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.test_customer_page import fold, page_of
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields.actions import save_layout
from tests.world import NOW

PART = {"HTTP_HX_REQUEST": "true"}


def field_of(customer: Customer, unit: str) -> str:
    return reverse("customer_field", args=[customer.public_id, unit])


def take_back_of(customer: Customer, unit: str) -> str:
    return reverse("customer_take_back", args=[customer.public_id, unit])


def sent(page: Any, **typed: str) -> dict[str, str]:
    """The form in place as a browser would send it back."""
    text = page.content.decode().partition('class="in-place"')[2].partition("</form>")[0]
    inputs = re.findall(r'<input[^>]* name="([^"]+)"(?: value="([^"]*)")?', text)
    return {**dict(inputs), **typed}


def test_a_value_is_changed_in_its_place(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, job_title="Baker")
    client = as_user(alice)

    form = client.get(field_of(customer, "job_title"), **PART)
    saved = client.post(field_of(customer, "job_title"), sent(form, job_title="Barista"), **PART)

    assert 'id="in-place-job_title"' in form.content.decode()
    assert "<html" not in form.content.decode()
    text = saved.content.decode()
    assert saved.status_code == 200
    assert "Barista" in text
    assert 'class="in-place"' not in text
    assert re.search(r'id="change-job_title"[^>]* autofocus', text)
    customer.refresh_from_db()
    assert customer.job_title == "Barista"


def test_giving_up_shows_the_value_again(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, job_title="Baker")

    text = as_user(alice).get(field_of(customer, "job_title") + "?shown", **PART).content.decode()

    assert "Baker" in text
    assert 'class="in-place"' not in text


def test_without_scripts_the_whole_page_holds_the_form(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, job_title="Baker")
    client = as_user(alice)

    form = client.get(field_of(customer, "job_title"))
    saved = client.post(field_of(customer, "job_title"), sent(form, job_title="Barista"))

    assert "<html" in form.content.decode()
    assert saved["Location"] == page_of(customer) + "#details"
    customer.refresh_from_db()
    assert customer.job_title == "Barista"


def test_an_address_is_changed_as_a_whole(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, street="Rua das Oliveiras 210", city="Porto", country="PT")
    client = as_user(alice)

    form = client.get(field_of(customer, "address"), **PART)
    client.post(field_of(customer, "address"), sent(form, city="Faro"), **PART)

    customer.refresh_from_db()
    assert (customer.street, customer.city, customer.country) == ("Rua das Oliveiras 210", "Faro", "PT")
    staff = Profile.objects.get(customer=customer, source__name="staff")
    assert (staff.street, staff.city) == ("Rua das Oliveiras 210", "Faro")


def test_what_is_not_known_yet_can_be_added(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    client = as_user(alice)

    page = client.get(page_of(customer)).content.decode()
    form = client.get(field_of(customer, "email"), **PART)
    client.post(field_of(customer, "email"), sent(form, email="ana@padaria.example"), **PART)

    assert field_of(customer, "email") in page
    customer.refresh_from_db()
    assert customer.email == "ana@padaria.example"


def test_two_who_change_the_same_value_see_both(alice: Any, bob: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, job_title="Baker")
    form = as_user(alice).get(field_of(customer, "job_title"), **PART)
    edit_customer(customer, {"job_title": "Cook"}, version=customer.version, by=bob, now=NOW)

    late = as_user(alice).post(field_of(customer, "job_title"), sent(form, job_title="Barista"), **PART)

    text = fold(late.content.decode())
    assert late.status_code == 409
    assert "now saved</dt><dd>Cook</dd>" in text
    assert "yours</dt><dd>Barista</dd>" in text
    customer.refresh_from_db()
    assert customer.job_title == "Cook"
    again = as_user(alice).post(field_of(customer, "job_title"), sent(late), **PART)
    assert again.status_code == 200
    customer.refresh_from_db()
    assert customer.job_title == "Barista"


def test_a_change_of_another_field_meanwhile_is_no_conflict(alice: Any, bob: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, job_title="Baker")
    form = as_user(alice).get(field_of(customer, "job_title"), **PART)
    edit_customer(customer, {"city": "Faro"}, version=customer.version, by=bob, now=NOW)

    as_user(alice).post(field_of(customer, "job_title"), sent(form, job_title="Barista"), **PART)

    customer.refresh_from_db()
    assert (customer.job_title, customer.city) == ("Barista", "Faro")


@pytest.mark.parametrize(("unit", "value"), [("email", "not an address"), ("born_on", "yesterday"), ("job_title", "")])
def test_bad_values_are_refused_in_place(unit: str, value: str, alice: Any, as_user: Any) -> None:
    customer = make_customer(
        "Ana Souza", owner=alice, job_title="Baker", email="ana@shop.example", born_on="1984-03-09"
    )
    client = as_user(alice)

    page = client.post(
        field_of(customer, unit), sent(client.get(field_of(customer, unit), **PART), **{unit: value}), **PART
    )

    assert page.status_code == 422
    assert f'id="in-place-{unit}_error"' in page.content.decode()


def test_somebody_needs_something_to_be_called_by(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    client = as_user(alice)

    page = client.post(field_of(customer, "name"), {"version": customer.version, "name": ""}, **PART)

    assert page.status_code == 422
    assert "Give a name, an organization" in page.content.decode()


def test_what_staff_said_is_taken_back_from_its_story(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, job_title="Baker")
    edit_customer(customer, {"job_title": "Cook", "city": "Faro"}, version=customer.version, by=alice, now=NOW)
    client = as_user(alice)

    page = client.get(page_of(customer)).content.decode()
    back = client.post(take_back_of(customer, "job_title"), **PART)
    refused = client.post(take_back_of(customer, "address"), **PART)

    assert take_back_of(customer, "job_title") in page
    assert take_back_of(customer, "address") not in page
    assert "Job title is what other sources say again." in back.content.decode()
    assert "Nothing was changed" in refused.content.decode()
    customer.refresh_from_db()
    assert (customer.job_title, customer.city) == ("Baker", "Faro")


def test_strangers_readers_and_unknown_units_change_nothing(alice: Any, charlie: Any, rita: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, job_title="Baker")
    values = {"version": customer.version, "job_title": "Gone"}

    assert as_user(charlie).post(field_of(customer, "job_title"), values).status_code == 404
    assert as_user(charlie).post(take_back_of(customer, "job_title")).status_code == 404
    assert as_user(rita).get(field_of(customer, "job_title")).status_code == 403
    assert as_user(rita).post(take_back_of(customer, "job_title")).status_code == 403
    for unit in ("owner", "street", "custom.secret", "version"):
        assert as_user(alice).get(field_of(customer, unit)).status_code == 404
    assert "change-job_title" not in as_user(rita).get(page_of(customer)).content.decode()
    customer.refresh_from_db()
    assert customer.job_title == "Baker"


def test_a_hidden_field_is_neither_shown_nor_changed_in_place(ada: Any, alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, life_stage="Growing shop", raw={"stage": "Growing shop"})
    save_layout(
        alice.role, "customer", hidden=["life_stage"], ordering=[], columns=None, hidden_panels=[], panel_ordering=[],
        by=ada,
    )  # fmt: skip
    client = as_user(alice)

    answers = [client.get(page_of(customer)), client.get(reverse("customer_peek", args=[customer.public_id]), **PART)]

    assert all("Growing shop" not in answer.content.decode() for answer in answers)
    assert client.get(field_of(customer, "life_stage")).status_code == 404
    assert client.post(take_back_of(customer, "life_stage")).status_code == 404
