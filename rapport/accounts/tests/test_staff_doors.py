"""What administrators mend at the door of others: addresses and lost second factors; and browsers that are known there."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client

from rapport.accounts import actions, links
from rapport.accounts.models import User
from rapport.audit.models import AuditEvent, AuditValue
from tests.world import PASSWORD, make_user


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/account/login/", {"login": email, "password": password}, **extra)


def is_in(client):
    return client.get("/settings/profile/").status_code == 200


def confirm(client):
    client.post("/account/reauthenticate/", {"password": PASSWORD})


@pytest.fixture
def office(as_user, ada):
    """Ada, who has just said her password again."""
    client = as_user(ada)
    confirm(client)
    return client


@pytest.fixture
def page(alice):
    return f"/settings/staff/{alice.public_id}/"


@pytest.fixture
def mailed(settings):
    settings.EMAIL_IS_CONFIGURED = True
    return lambda: [(each.to[0], each.subject) for each in mail.outbox]


def test_an_address_is_changed_told_and_recorded_and_links_to_the_old_one_are_void(office, page, alice, ada, mailed):
    old_link = links.password_link(alice)
    signed_in = Client()
    sign_in(signed_in, "alice@example.com")

    said = office.post(f"{page}email/", {"email": "Alice.Smith@Example.com"}, follow=True).content.decode()

    alice.refresh_from_db()
    assert alice.email == "alice.smith@example.com"
    assert "Alice signs in with alice.smith@example.com from now on. A mail says so." in said
    subject = "Your address for Rapport was changed"
    assert mailed() == [("alice@example.com", subject), ("alice.smith@example.com", subject)]
    assert "from alice@example.com to alice.smith@example.com" in mail.outbox[0].body
    event = AuditEvent.objects.get(table_name="accounts_user", operation="update", reason="e-mail changed")
    assert AuditValue.objects.get(event=event).values["email"] == ["alice@example.com", "alice.smith@example.com"]
    assert AuditEvent.objects.filter(operation="e-mail changed", actor_id=ada.actor_id, row_id=str(alice.pk)).exists()
    assert is_in(signed_in)
    cache.clear()
    assert sign_in(Client(), "alice@example.com").status_code == 200
    assert b"does not work" in Client().get(old_link.removeprefix("http://localhost:8000"), follow=True).content
    told = Client()
    assert b"Ada has changed the address that you sign in with" in sign_in_and_look(told, "alice.smith@example.com")
    assert b"has changed the address" not in sign_in_and_look(Client(), "alice.smith@example.com")


def sign_in_and_look(client, email):
    sign_in(client, email)
    return client.get("/settings/profile/").content


@pytest.mark.parametrize("email", ["BOB@example.com", "no address", "", f"{'a' * 250}@example.com"])
def test_an_address_that_is_taken_or_none_is_refused_in_words(office, page, alice, bob, mailed, email):
    said = office.post(f"{page}email/", {"email": email}, follow=True).content.decode()

    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert any(words in said for words in ("on the staff already", "valid email address", "is required", "at most 254"))
    assert mailed() == []


def test_the_same_address_again_says_and_does_nothing(office, page, alice, mailed):
    office.post(f"{page}email/", {"email": "ALICE@example.com"})

    assert mailed() == []
    assert not AuditEvent.objects.filter(operation="e-mail changed").exists()


def test_lost_second_factors_are_taken_away_told_and_recorded(office, page, alice, ada, bob, mailed):
    for person in (alice, bob):
        Authenticator.objects.create(user=person, type="totp", data={"secret": ""})
        Authenticator.objects.create(user=person, type="webauthn", data={"name": "Blue key", "credential": {}})
    assert b"Take away the second factors" in office.get(page).content

    said = office.post(f"{page}factors/", follow=True).content

    assert b"Alice signs in with the password alone now. A mail says so." in said
    assert b"Take away the second factors" not in said
    assert list(Authenticator.objects.values_list("user", flat=True)) == [bob.pk, bob.pk]
    assert mailed() == [("alice@example.com", "Your second factors for Rapport were taken away")]
    event = AuditEvent.objects.get(table_name="", operation="two-factor: reset")
    assert (event.actor_id, event.row_id) == (ada.actor_id, str(alice.pk))
    assert b"Ada has taken away your second factors" in sign_in_and_look(Client(), "alice@example.com")
    assert b"There is no second factor" in office.post(f"{page}factors/", follow=True).content


def test_without_mail_the_administrator_is_told_to_say_so(office, page, alice):
    Authenticator.objects.create(user=alice, type="totp", data={"secret": ""})

    assert b"No mail went out: please say so yourself." in office.post(f"{page}factors/", follow=True).content
    assert mail.outbox == []


def test_nobody_takes_away_her_own_second_factors_in_this_way(office, ada):
    Authenticator.objects.create(user=ada, type="recovery_codes", data={})

    said = office.post(f"/settings/staff/{ada.public_id}/factors/", follow=True).content

    assert b"Your own second factors are managed in your profile." in said
    assert Authenticator.objects.count() == 1


def test_the_password_is_asked_for_again_and_then_it_is_done(as_user, ada, page, alice):
    office = as_user(ada)

    asked = office.post(f"{page}email/", {"email": "smith@example.com"})

    assert asked["Location"].startswith("/account/reauthenticate/?next=")
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    office.post(asked["Location"], {"password": PASSWORD, "next": f"{page}email/"})
    alice.refresh_from_db()
    assert alice.email == "smith@example.com"


def test_who_does_not_administer_mends_no_doors(as_user, alice, bob):
    client = as_user(bob)
    confirm(client)

    assert client.post(f"/settings/staff/{alice.public_id}/email/", {"email": "x@example.com"}).status_code == 403
    assert client.post(f"/settings/staff/{alice.public_id}/factors/").status_code == 403
    assert User.objects.get(pk=alice.pk).email == "alice@example.com"


def guess(email, times, **extra):
    for number in range(times):
        sign_in(Client(), email, "wrong", **({"REMOTE_ADDR": f"10.0.{number}.1"} | extra))


def test_guesses_from_everywhere_lock_nobody_out_of_her_own_browser(alice, bob):
    own = Client()
    sign_in(own, "alice@example.com")
    cookie = own.cookies["device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    own.post("/account/logout/")

    guess("alice@example.com", 50)

    elsewhere, bobs = Client(), Client()
    sign_in(elsewhere, "alice@example.com", REMOTE_ADDR="10.9.9.9")
    assert not is_in(elsewhere)
    sign_in(bobs, "bob@example.com", REMOTE_ADDR="10.9.9.8")
    sign_in(bobs, "alice@example.com", REMOTE_ADDR="10.9.9.8")
    assert not is_in_as(bobs, "alice@example.com")
    sign_in(own, "alice@example.com", REMOTE_ADDR="10.9.9.7")
    assert is_in(own)


def is_in_as(client, email):
    return email.encode() in client.get("/settings/profile/").content


def test_a_known_browser_has_a_lock_of_its_own_and_is_forgotten_with_being_shut_out(alice, ada):
    own = Client()
    sign_in(own, "alice@example.com")
    own.post("/account/logout/")
    for number in range(5):
        sign_in(own, "alice@example.com", "wrong", REMOTE_ADDR=f"10.1.{number}.1")
    sign_in(own, "alice@example.com", REMOTE_ADDR="10.9.9.9")
    assert not is_in(own)
    cache.clear()

    for active in (False, True):
        actions.set_member_active(alice, active, by=ada)
    guess("alice@example.com", 50)

    sign_in(own, "alice@example.com", REMOTE_ADDR="10.9.9.9")
    assert not is_in(own)


@pytest.mark.parametrize("forged", ["", "x", "WyIxLjAiLCJ4Il0:1:x", "\x00", "ü"])
def test_a_forged_mark_of_a_browser_is_none(alice, forged):
    guess("alice@example.com", 50)
    client = Client()
    client.cookies["device"] = forged

    sign_in(client, "alice@example.com", REMOTE_ADDR="10.9.9.9")

    assert not is_in(client)


def test_two_who_are_given_one_address_at_once(db, ada, alice, bob):
    actions.change_email(alice, "team@example.com", by=ada)

    with pytest.raises(actions.AlreadyOnStaff):
        actions.change_email(bob, "Team@Example.com", by=ada)

    with pytest.raises(actions.AlreadyOnStaff):
        actions.invite(email="team@example.com", name="", role=bob.role, team=None, by=ada, now=bob.joined_at)
    assert make_user("Zed", role="Sales").email == "zed@example.com"
