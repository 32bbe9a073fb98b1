"""The pages of consent: for staff, for the customer who is asked, and for administrators."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.consents import ledger as consents
from rapport.customers.consents.ledger import GRANTED, PENDING, WITHDRAWN
from rapport.customers.models import Consent, ConsentRequest, Customer, Purpose
from rapport.customers.tests.world import make_customer
from tests.row_hashes import row_hashes

PLACE = {"purpose": "newsletter", "channel": "email"}


def url(name: str, customer: Customer) -> str:
    return reverse(name, args=[customer.public_id])


def statuses(customer: Customer) -> list[str]:
    return list(Consent.objects.filter(customer=customer).order_by("pk").values_list("status", flat=True))


def link_for(client: Client, customer: Customer, **place: str) -> str:
    page = client.post(url("customer_consent_ask", customer), {**PLACE, **place}).content.decode()
    found = re.search(r"data-one-time-link>([^<]+)<", page)
    assert found is not None
    return urlsplit(found[1]).path


def allowed(customer: Customer, channel: str = "email") -> bool:
    return consents.may_contact(customer.pk, "newsletter", channel, now=utc_now())


def test_the_customer_page_says_what_we_may_do_and_withdraws_in_one_click(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)
    consents.record_consent(customer, **PLACE, status=GRANTED, by=alice, now=utc_now(), origin="a form at the till")
    client = as_user(alice)

    page = client.get(url("customer", customer)).content.decode()
    assert 'title="a form at the till">yes</span>' in page
    answer = client.post(url("customer_consent_withdraw", customer), PLACE)

    assert answer.status_code == 302
    assert not allowed(customer)
    assert statuses(customer) == [GRANTED, WITHDRAWN]


def test_the_page_shows_what_counts_and_the_whole_ledger(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)
    now = utc_now()
    record = {"by": alice, "now": now, "channel": "email"}
    consents.record_consent(customer, "newsletter", status=GRANTED, origin="a call", proof={"till": "3"}, **record)
    consents.record_consent(customer, "newsletter", status=WITHDRAWN, origin="a letter", **record)
    consents.record_consent(customer, "offers", status=GRANTED, origin="web form", wording="Yes please", **record)

    page = as_user(alice).get(url("customer_consents", customer)).content.decode()

    assert all(text in page for text in ("Newsletter", "a letter", "a call", "<dt>till</dt><dd>3</dd>", "“Yes please”"))


def test_what_the_customer_said_is_recorded_with_where_it_was_said(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)

    answer = as_user(alice).post(
        url("customer_consent_record", customer), {**PLACE, "status": GRANTED, "origin": "a call", "wording": ""}
    )

    assert answer.status_code == 302
    (entry,) = Consent.objects.filter(customer=customer)
    assert (entry.origin, entry.recorded_by) == ("a call", "Alice")
    assert entry.wording.startswith("I would like to receive the newsletter")
    assert allowed(customer)


@pytest.mark.parametrize(
    "off", [{"origin": ""}, {"purpose": "nonsense"}, {"channel": "pigeon"}, {"said_on": "2999-01-01"}, {"status": "?"}]
)
def test_what_makes_no_sense_is_refused(alice: Any, as_user: Any, off: dict[str, str]) -> None:
    customer = make_customer(owner=alice)

    answer = as_user(alice).post(
        url("customer_consent_record", customer), {**PLACE, "status": GRANTED, "origin": "a call", **off}
    )

    assert answer.status_code == 422
    assert not Consent.objects.exists()


def test_a_day_in_the_past_counts_from_then(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)
    client = as_user(alice)
    client.post(url("customer_consent_withdraw", customer), PLACE)

    client.post(
        url("customer_consent_record", customer),
        {**PLACE, "status": GRANTED, "origin": "a letter", "said_on": "2026-01-05", "expires_on": "2090-01-05"},
    )

    assert not allowed(customer)


def test_strangers_get_404_and_readers_may_only_read(charlie: Any, rita: Any, alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)
    for name in ("customer_consent_record", "customer_consent_withdraw", "customer_consent_ask"):
        body = {**PLACE, "status": GRANTED, "origin": "a call"}
        assert as_user(charlie).post(url(name, customer), body).status_code == 404
        assert as_user(rita).post(url(name, customer), body).status_code == 403
    assert as_user(charlie).get(url("customer_consents", customer)).status_code == 404
    page = as_user(rita).get(url("customer_consents", customer))

    assert page.status_code == 200
    assert "Withdraw" not in page.content.decode()
    assert not Consent.objects.exists()


def test_unknown_places_are_refused_in_words(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)

    for name in ("customer_consent_withdraw", "customer_consent_ask"):
        assert as_user(alice).post(url(name, customer), {"purpose": "x", "channel": "y"}).status_code == 302

    assert not Consent.objects.exists()


def test_whoever_is_asked_says_yes_by_a_button_and_reading_changes_nothing(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice, email="ana@example.com")
    link = link_for(as_user(alice), customer)
    assert statuses(customer) == [PENDING]
    stranger = Client(HTTP_USER_AGENT="Browser of Ana")

    before = row_hashes()
    page = stranger.get(link)
    assert "I would like to receive the newsletter" in page.content.decode()
    assert "Tiny Ltd" in page.content.decode()
    assert stranger.head(link).status_code == 200
    assert stranger.post(link, {"answer": "perhaps"}).status_code == 200
    assert row_hashes() == before
    assert not allowed(customer)
    answered = stranger.post(link, {"answer": "yes"})

    assert "Your yes was recorded" in answered.content.decode()
    assert allowed(customer)
    entry = Consent.objects.get(customer=customer, status=GRANTED)
    assert entry.origin == "confirmation link"
    assert (entry.proof["sent_to"], entry.proof["browser"]) == ("ana@example.com", "Browser of Ana")
    assert entry.recorded_by == "the customer, by link"


def test_a_link_works_once(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)
    link = link_for(as_user(alice), customer)
    Client().post(link, {"answer": "no"})

    again = Client().post(link, {"answer": "yes"})

    assert again.status_code == 404
    assert not allowed(customer)
    assert statuses(customer) == [PENDING, WITHDRAWN]
    assert Client().get("/consent/nonsense/").status_code == 404


def test_a_link_ends_with_its_time_with_a_newer_one_and_with_a_withdrawal(alice: Any, as_user: Any) -> None:
    client, customer = as_user(alice), make_customer(owner=alice)
    replaced = link_for(client, customer)
    old = link_for(client, customer)
    with acting(SYSTEM):
        ConsentRequest.objects.filter(answered_at=None).update(expires_at=utc_now() - timedelta(seconds=1))
    withdrawn = link_for(client, customer, channel="sms")
    client.post(url("customer_consent_withdraw", customer), {"purpose": "newsletter", "channel": "sms"})

    for link in (replaced, old, withdrawn):
        assert Client().get(link).status_code == 404
        assert Client().post(link, {"answer": "yes"}).status_code == 404

    assert not allowed(customer)
    assert not allowed(customer, "sms")


def test_the_token_is_not_kept(alice: Any, as_user: Any) -> None:
    link = link_for(as_user(alice), make_customer(owner=alice))

    token = link.strip("/").rsplit("/", 1)[-1]

    assert len(token) > 40
    assert token not in ConsentRequest.objects.get().token_hash


def test_where_mail_is_set_up_the_customer_gets_the_link_and_staff_do_not(
    alice: Any, as_user: Any, settings: Any
) -> None:
    settings.EMAIL_IS_CONFIGURED = True
    customer = make_customer(owner=alice, email="ana@example.com")

    answer = as_user(alice).post(url("customer_consent_ask", customer), PLACE)

    assert answer.status_code == 302
    (sent,) = mail.outbox
    assert sent.to == ["ana@example.com"]
    found = re.search(r"https?://\S+", sent.body)
    assert found is not None
    assert Client().get(urlsplit(found[0]).path).status_code == 200


def test_what_is_agreed_is_not_asked_again(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)
    consents.record_consent(customer, **PLACE, status=GRANTED, by=alice, now=utc_now(), origin="a call")

    as_user(alice).post(url("customer_consent_ask", customer), PLACE)

    assert statuses(customer) == [GRANTED]
    assert allowed(customer)


def test_an_administrator_keeps_the_purposes(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    assert "Newsletter" in client.get(reverse("purposes")).content.decode()

    client.post(reverse("purposes"), {"label": "Surveys", "wording": "Ask me.", "is_marketing": "on", "valid_days": 90})
    made = Purpose.objects.get(name="surveys")
    assert made.valid_days == 90
    client.post(reverse("purpose", args=[made.public_id]), {"label": "Questions", "is_retired": "on"})

    made.refresh_from_db()
    assert (made.name, made.label, made.is_marketing) == ("surveys", "Questions", False)
    assert made.retired_at is not None
    assert "not asked for any more" in client.get(reverse("purpose", args=[made.public_id])).content.decode()
    assert client.post(reverse("purposes"), {"label": ""}).status_code == 422
    assert client.post(reverse("purposes"), {"label": "Surveys"}).status_code == 302
    assert Purpose.objects.filter(name="surveys_2").exists()


def test_only_administrators_keep_purposes(alice: Any, as_user: Any) -> None:
    assert as_user(alice).get(reverse("purposes")).status_code == 403


def test_lists_can_be_narrowed_to_whom_we_may_mail(alice: Any, as_user: Any) -> None:
    agreed, silent = make_customer("Agreed Anna", owner=alice), make_customer("Silent Sam", owner=alice)
    consents.record_consent(agreed, **PLACE, status=GRANTED, by=alice, now=utc_now(), origin="a call")

    may = as_user(alice).get(reverse("customers"), {"filter": "may_email.is:yes"}).content.decode()
    may_not = as_user(alice).get(reverse("customers"), {"filter": "may_email.is:no"}).content.decode()

    assert agreed.name in may
    assert silent.name not in may
    assert silent.name in may_not
    assert agreed.name not in may_not


def test_the_preferred_channel_is_one_of_ours(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice, preferred_channel="carrier pigeon")
    client = as_user(alice)
    form = client.get(url("customer_edit", customer)).content.decode()
    assert '<option value="carrier pigeon" selected>' in form
    keep = {"version": customer.version, "name": "Ana Souza", "initial-name": "Ana Souza"}

    refused = client.post(url("customer_edit", customer), {**keep, "preferred_channel": "smoke signals"})
    saved = client.post(
        url("customer_edit", customer),
        {**keep, "preferred_channel": "sms", "initial-preferred_channel": "carrier pigeon"},
    )

    assert (refused.status_code, saved.status_code) == (422, 302)
    customer.refresh_from_db()
    assert customer.preferred_channel == "sms"
    assert "Text message" in client.get(url("customer", customer)).content.decode()


def test_a_yes_to_what_is_not_asked_for_any_more_is_too_late_and_a_no_counts(alice: Any, as_user: Any) -> None:
    customer = make_customer(owner=alice)
    path = link_for(as_user(alice), customer)
    with acting(SYSTEM):
        Purpose.objects.filter(name="newsletter").update(retired_at=utc_now())

    late = Client().post(path, {"answer": "yes"})
    refused = Client().post(path, {"answer": "no"})

    assert (late.status_code, refused.status_code) == (404, 200)
    assert statuses(customer) == [PENDING, WITHDRAWN]
