"""An objection to direct marketing is a no to all of it at once."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.core.acting import SYSTEM
from rapport.customers.consents.ledger import CONSENT_CHANNELS, purposes
from rapport.customers.consents.objections import object_to_marketing
from rapport.customers.models import Consent, ConsentRequest, Purpose
from rapport.customers.tests.test_consents import DAY, enter, may, say
from rapport.customers.tests.world import add_profile, make_customer
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")


def marketing() -> list[Purpose]:
    return [each for each in purposes(retired=True) if each.is_marketing]


def test_every_marketing_purpose_is_withdrawn_on_every_channel_and_nothing_else_is() -> None:
    customer = make_customer()
    say(customer, "granted", days_ago=2)
    say(customer, "granted", days_ago=2, channel="sms", purpose="offers")
    say(customer, "granted", days_ago=2, purpose="service")

    count = object_to_marketing(customer, by=SYSTEM, now=NOW, origin="a call")

    assert count == len(marketing()) * len(CONSENT_CHANNELS)
    assert not any(may(customer, purpose=p.name, channel=c) for p in marketing() for c in CONSENT_CHANNELS)
    assert may(customer, purpose="service")
    assert set(Consent.objects.filter(status="withdrawn").values_list("origin", flat=True)) == {"a call"}


def test_objecting_again_writes_nothing_more() -> None:
    customer = make_customer()
    object_to_marketing(customer, by=SYSTEM, now=NOW, origin="a call")

    assert object_to_marketing(customer, by=SYSTEM, now=NOW + DAY, origin="a letter") == 0


def test_a_yes_from_before_that_a_file_brings_later_loses_and_a_new_one_counts() -> None:
    customer = make_customer()
    object_to_marketing(customer, by=SYSTEM, now=NOW - DAY, origin="a call")

    enter(add_profile(customer, source="newsletter", external_id="5"), "granted", days_ago=5)
    assert not may(customer)

    say(customer, "granted")
    assert may(customer)


def test_links_that_still_ask_work_no_longer(ada: Any, as_user: Any) -> None:
    customer = make_customer(email="ana@souza.example")
    client = as_user(ada)
    client.post(f"/customers/{customer.public_id}/consents/ask/", {"purpose": "newsletter", "channel": "email"})
    assert ConsentRequest.objects.filter(answered_at=None).exists()

    answer = client.post(f"/customers/{customer.public_id}/consents/object/")

    assert answer.status_code == 302
    assert not ConsentRequest.objects.filter(answered_at=None).exists()


def test_the_page_has_the_button_for_whoever_may_change_customers(
    ada: Any, rita: Any, alice: Any, as_user: Any
) -> None:
    customer = make_customer(owner=alice)
    path = f"/customers/{customer.public_id}/"

    assert f"{path}consents/object/" in as_user(alice).get(path).content.decode()
    assert f"{path}consents/object/" not in as_user(rita).get(path).content.decode()
    assert as_user(rita).post(f"{path}consents/object/").status_code == 403


def test_the_page_says_an_objection_in_one_line_and_what_was_agreed_to_since_beside_it(
    alice: Any, as_user: Any
) -> None:
    customer = make_customer(owner=alice)
    client, path = as_user(alice), f"/customers/{customer.public_id}/"
    client.post(f"{path}consents/object/")

    html = client.get(path).content.decode()
    panel = html[html.index('id="consents"') :]
    assert "All marketing" in panel
    assert "Newsletter" not in panel
    assert "consents/object/" not in panel

    client.post(
        f"{path}consents/record/", {"purpose": "offers", "channel": "sms", "status": "granted", "origin": "a call"}
    )
    panel = client.get(path).content.decode()
    assert "Offers" in panel
    assert "consents/object/" in panel
