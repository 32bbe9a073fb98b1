"""The short form of a customer beside a list: what it holds, to whom it answers, what it costs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from rapport.customers.models import Customer
from rapport.customers.tests.test_customer_page import fold, page_of
from rapport.customers.tests.world import add_profile, make_customer, touch

PART = {"HTTP_HX_REQUEST": "true"}


def peek_of(customer: Customer) -> str:
    return reverse("customer_peek", args=[customer.public_id])


def test_the_short_form_holds_what_is_shown_and_the_latest_contacts(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, job_title="Baker", city="Porto")
    add_profile(customer, source="till", external_id="7", priority=10, phone="+351210000000")
    for number in range(9):
        touch(customer, summary=f"visit number {number}", days_ago=number)

    text = fold(as_user(alice).get(peek_of(customer), **PART).content.decode())

    assert "<html" not in text
    assert '<h2 tabindex="-1">Ana Souza</h2>' in text
    assert "Baker" in text
    assert '<span class="source">till</span>' in text
    assert "visit number 4" in text
    assert "visit number 5" not in text
    assert len(text) < 15_000


def test_the_list_offers_it_and_links_to_the_page_without_scripts(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    client = as_user(alice)

    text = client.get("/customers/?peek=customers/" + str(customer.public_id)).content.decode()

    assert f'href="{page_of(customer)}" data-peek="{peek_of(customer)}"' in text
    assert client.get(peek_of(customer))["Location"] == page_of(customer)


def test_strangers_get_the_same_answer_as_for_nobody(alice: Any, charlie: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)

    assert as_user(charlie).get(peek_of(customer), **PART).status_code == 404


def test_the_short_form_takes_few_statements(alice: Any, as_user: Any, django_assert_max_num_queries: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, city="Lisboa")
    for number in range(9):
        touch(customer, days_ago=number)
    client = as_user(alice)
    client.get(peek_of(customer), **PART)

    with django_assert_max_num_queries(22):
        client.get(peek_of(customer), **PART)
