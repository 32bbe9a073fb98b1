"""Signing in: password, lockout, second factors, new passwords, and the end of sessions."""

from __future__ import annotations

import json
import re
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rapport.accounts import actions, links
from rapport.accounts.jobs import answer_password_request, remove_expired_rows
from rapport.accounts.models import SharedValue
from rapport.audit.models import AuditEvent, AuditValue
from rapport.core.clock import utc_now
from tests.world import PASSWORD

NEW = "another horse staple"


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/account/login/", {"login": email, "password": password}, **extra)


def is_in(client):
    return client.get("/settings/profile/").status_code == 200


def acts():
    return list(AuditEvent.objects.filter(table_name="").order_by("id").values_list("operation", flat=True))


def test_signing_in_and_out_is_recorded(alice):
    client = Client()

    assert sign_in(client, "ALICE@example.com")["Location"] == "/"
    assert is_in(client)
    client.post("/account/logout/")

    assert not is_in(client)
    assert acts() == ["sign-in", "sign-out"]


def test_a_failed_sign_in_is_recorded_with_the_address_where_it_can_be_erased(alice):
    answer = sign_in(Client(), "alice@example.com", "wrong")

    assert b"alice@example.com" in answer.content
    assert b"wrong" not in re.sub(rb'class="[^"]*"', b"", answer.content).replace(b"field wrong", b"")
    event = AuditEvent.objects.get(operation="failed sign-in")
    assert (event.actor_label, event.address) == ("sign-in", "127.0.0.1")
    assert AuditValue.objects.get(event=event).values == {"email": "alice@example.com"}


def test_five_failures_lock_the_account_for_this_address_only(alice, bob):
    for _attempt in range(5):
        sign_in(Client(), "alice@example.com", "wrong")

    assert not is_in_after(sign_in, "alice@example.com")
    assert is_in_after(sign_in, "bob@example.com")
    assert is_in_after(sign_in, "alice@example.com", REMOTE_ADDR="10.1.1.1")


def test_fifty_failures_from_many_addresses_lock_the_account_everywhere(alice):
    for number in range(50):
        sign_in(Client(), "alice@example.com", "wrong", REMOTE_ADDR=f"10.0.{number}.1")

    assert not is_in_after(sign_in, "alice@example.com", REMOTE_ADDR="10.9.9.9")


def test_one_address_cannot_lock_an_account_for_all_others(alice):
    """Five failures in five minutes, all through an hour: the rows that have expired by then are taken away."""
    for _five_minutes in range(12):
        for _attempt in range(5):
            sign_in(Client(), "alice@example.com", "wrong", REMOTE_ADDR="10.6.6.6")
        SharedValue.objects.filter(expires_at__lt=utc_now() + timedelta(minutes=5)).delete()

    assert not is_in_after(sign_in, "alice@example.com", REMOTE_ADDR="10.6.6.6")
    assert is_in_after(sign_in, "alice@example.com", REMOTE_ADDR="10.1.1.1")


def is_in_after(sign_in, email, **extra):
    client = Client()
    sign_in(client, email, **extra)
    return is_in(client)


def test_success_does_not_wipe_the_count_of_failures(alice):
    for _attempt in range(4):
        sign_in(Client(), "alice@example.com", "wrong")
    sign_in(Client(), "alice@example.com")
    sign_in(Client(), "alice@example.com", "wrong")

    assert not is_in_after(sign_in, "alice@example.com")


def test_the_count_is_shared_by_all_processes(alice):
    sign_in(Client(), "alice@example.com", "wrong")

    assert SharedValue.objects.filter(key__contains="login_failed").count() == 4


def test_of_two_processes_only_one_adds_a_shared_value(transactional_db):
    barrier, added = threading.Barrier(4), []

    def one():
        barrier.wait()
        added.append(cache.add("lock", True, 10))
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(added) == [False, False, False, True]


def test_shared_values_expire_and_are_swept_away(db):
    cache.set("short", [1, 2], -1)
    cache.set("long", {"a": 1}, 60)

    assert cache.get("short") is None
    assert cache.get("long") == {"a": 1}
    assert cache.add("short", 3, 60) is True
    assert cache.get("short") == 3

    SharedValue.objects.update(expires_at=utc_now() - timedelta(seconds=1))
    remove_expired_rows(timestamp=0)
    assert not SharedValue.objects.exists()


def test_a_deactivated_person_hears_the_same_as_one_with_a_wrong_password(alice, bob, ada):
    actions.set_member_active(alice, False, by=ada)

    deactivated = sign_in(Client(), "alice@example.com")
    mistaken = sign_in(Client(), "bob@example.com", "wrong")

    assert deactivated.status_code == mistaken.status_code == 200
    assert plain(deactivated, "alice") == plain(mistaken, "bob")


def plain(answer, name):
    text = re.sub(r'(name="csrfmiddlewaretoken" value|name="csrf-token" content)="[^"]*"', "", answer.content.decode())
    return text.replace(name, "somebody")


def test_sessions_end_when_somebody_is_deactivated(as_user, alice, ada):
    client = as_user(alice)
    assert is_in(client)

    actions.set_member_active(alice, False, by=ada)

    assert not is_in(client)


def test_other_sessions_end_with_a_new_password_and_the_own_stays(as_user, alice):
    here, there = as_user(alice), as_user(alice)

    answer = here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert (answer.status_code, answer["Location"]) == (302, "/settings/profile/")
    assert is_in(here)
    assert not is_in(there)
    assert "password changed" in acts()


def test_sessions_end_with_another_role(as_user, alice, ada):
    client = as_user(alice)

    actions.change_member(alice, role=ada.role, team=None, by=ada)

    assert not is_in(client)


def test_a_right_taken_from_the_role_is_gone_at_the_next_request(as_user, ada, alice):
    client = as_user(alice)
    role = actions.save_role(None, name="Helper", scope="all", rights=["accounts.administer"], by=ada)
    actions.change_member(alice, role=role, team=None, by=ada)
    client.force_login(alice)
    assert client.get("/settings/staff/").status_code == 200

    actions.save_role(role, name="Helper", scope="all", rights=[], by=ada)

    assert client.get("/settings/staff/").status_code == 403


def reset(client, email, **extra):
    """Ask, and let the worker do its job."""
    answer = client.post("/account/password/reset/", {"email": email}, follow=True, **extra)
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where task_name = 'accounts.answer_password_request' returning args"
        )
        for (args,) in cursor.fetchall():
            answer_password_request(**json.loads(args))
    return answer


def test_without_mail_the_administrator_sees_who_asked_and_mints_a_link_that_works_once(as_user, alice, ada):
    answer = reset(Client(), "alice@example.com")
    assert b"administrator sees that you asked" in answer.content
    office = as_user(ada)
    assert b"Asked for a new password" in office.get("/settings/staff/").content

    minted = office.post(f"/settings/staff/{alice.public_id}/link/").content.decode()
    link = re.search(r"<code[^>]*>http://localhost:8000(/account/password/reset/key/[^<]+)</code>", minted)[1]
    assert b"Asked for a new password" not in office.get("/settings/staff/").content

    assert use(link).status_code == 302
    assert is_in_after(sign_in, "alice@example.com", password=NEW)
    assert b"does not work any more" in Client().get(link, follow=True).content
    assert {"password link made", "password changed"} <= set(acts())


def use(link):
    client = Client()
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})


def test_a_link_dies_with_its_age(alice, settings):
    link = links.password_link(alice).removeprefix("http://localhost:8000")
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert b"does not work any more" in Client().get(link, follow=True).content


def test_a_link_does_nothing_for_somebody_who_was_deactivated(alice, ada):
    link = links.password_link(alice).removeprefix("http://localhost:8000")
    opened = Client()
    form = opened.get(link, follow=True).request["PATH_INFO"]
    before = alice.password
    actions.set_member_active(alice, False, by=ada)

    assert b"does not work any more" in Client().get(link, follow=True).content
    assert b"does not work any more" in opened.post(form, {"password1": NEW, "password2": NEW}).content
    alice.refresh_from_db()
    assert alice.password == before


def test_links_and_sessions_from_before_a_deactivation_are_void_after_it(as_user, alice, ada):
    client = as_user(alice)
    link = links.password_link(alice).removeprefix("http://localhost:8000")
    actions.set_member_active(alice, False, by=ada)
    meanwhile = links.password_link(alice).removeprefix("http://localhost:8000")
    actions.set_member_active(alice, True, by=ada)

    assert b"does not work any more" in Client().get(link, follow=True).content
    assert b"does not work any more" in Client().get(meanwhile, follow=True).content
    assert not is_in(client)
    assert is_in_after(sign_in, "alice@example.com")
    alice.refresh_from_db()
    assert use(links.password_link(alice).removeprefix("http://localhost:8000")).status_code == 302


def test_no_link_is_made_for_somebody_who_is_deactivated(as_user, alice, ada):
    actions.set_member_active(alice, False, by=ada)

    answer = as_user(ada).post(f"/settings/staff/{alice.public_id}/link/", follow=True)

    assert b"Only people who can sign in" in answer.content
    assert b"/account/password/reset/key/" not in answer.content


def test_with_mail_a_job_sends_the_link_on_our_own_origin(alice, settings):
    settings.EMAIL_IS_CONFIGURED = True

    reset(Client(), "alice@example.com", headers={"host": "localhost", "x-forwarded-host": "evil.example"})

    (message,) = mail.outbox
    assert message.to == ["alice@example.com"]
    assert "http://localhost:8000/account/password/reset/key/" in message.body
    assert "evil" not in message.body


def test_a_deactivated_person_gets_no_link(alice, ada, settings):
    settings.EMAIL_IS_CONFIGURED = True
    actions.set_member_active(alice, False, by=ada)

    reset(Client(), "alice@example.com")

    assert mail.outbox == []
    alice.refresh_from_db()
    assert alice.reset_asked_at is None


def test_asking_does_the_same_work_for_a_strange_address(alice):
    def work_for(address):
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            Client().post("/account/password/reset/", {"email": address})
        return [query["sql"].partition(" ")[0] for query in queries]

    assert work_for("alice@example.com") == work_for("nobody@example.com")


def test_a_foreign_host_is_refused(alice):
    assert reset(Client(), "alice@example.com", headers={"host": "evil.example"}).status_code == 400


def code_of(secret, step=0):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter + step))


def confirm(client):
    """What changes the protection of an account asks for the password again."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})


@pytest.fixture
def alice_with_app(as_user, alice, django_capture_on_commit_callbacks, monkeypatch):
    """Alice with an authenticator app: (client, secret, recovery codes). Its clock stands, so no code runs out meanwhile."""
    now = time.time()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", SimpleNamespace(time=lambda: now))
    client = Client()
    sign_in(client, "alice@example.com")
    assert client.get("/account/mfa/totp/activate/")["Location"].startswith("/account/reauthenticate/")
    confirm(client)
    page = client.get("/account/mfa/totp/activate/").content.decode()
    secret = re.search(r"data-totp-secret>([A-Z2-7]+)<", page)[1]
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/mfa/totp/activate/", {"code": code_of(secret)}, follow=True)
    codes = re.search(r"data-recovery-codes>([^<]+)<", answer.content.decode())[1].split()
    return client, secret, codes


def test_an_authenticator_app_is_asked_for_at_the_next_sign_in(alice_with_app):
    _, secret, _ = alice_with_app
    cache.clear()
    client = Client()

    assert sign_in(client, "alice@example.com")["Location"] == "/account/mfa/authenticate/"
    assert not is_in(client)
    assert client.get("/account/mfa/authenticate/").status_code == 200
    assert b"Incorrect code" in client.post("/account/mfa/authenticate/", {"code": "000000"}).content
    client.post("/account/mfa/authenticate/", {"code": code_of(secret)})

    assert is_in(client)


def test_a_code_works_once(alice_with_app):
    _, secret, _ = alice_with_app
    code = code_of(secret)
    for expected in (True, False):
        client = Client()
        sign_in(client, "alice@example.com")
        client.post("/account/mfa/authenticate/", {"code": code})
        assert is_in(client) is expected


def test_a_recovery_code_works_once(alice_with_app):
    *_, codes = alice_with_app
    assert len(codes) == 10
    for expected in (True, False):
        client = Client()
        sign_in(client, "alice@example.com")
        client.post("/account/mfa/authenticate/", {"code": codes[0]})
        assert is_in(client) is expected


def test_the_secret_is_not_stored_in_the_clear(alice_with_app):
    _, secret, _ = alice_with_app

    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    assert stored.startswith("gAAAA")


def test_turning_the_app_on_and_off_is_recorded(alice_with_app):
    client, *_ = alice_with_app
    for page in ("", "recovery-codes/", "recovery-codes/generate/", "recovery-codes/download/", "totp/deactivate/"):
        assert client.get(f"/account/mfa/{page}").status_code == 200

    client.post("/account/mfa/totp/deactivate/")

    assert not Authenticator.objects.filter(type="totp").exists()
    assert next(act for act in acts() if act.startswith("two-factor")) == "two-factor: totp activated"
    assert "two-factor: totp deactivated" in acts()


@pytest.mark.parametrize("page", ["", "webauthn/", "webauthn/add/", "totp/activate/"])
def test_the_pages_of_second_factors_show(page, alice):
    client = Client()
    sign_in(client, "alice@example.com")
    confirm(client)

    answer = client.get(f"/account/mfa/{page}")

    assert answer.status_code == 200


def test_a_key_is_renamed_and_removed(alice):
    client = Client()
    sign_in(client, "alice@example.com")
    confirm(client)
    key = Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Blue key", "credential": {}})
    assert b'value="Blue key"' in client.get(f"/account/mfa/webauthn/keys/{key.pk}/edit/").content

    client.post(f"/account/mfa/webauthn/keys/{key.pk}/edit/", {"name": "<b>Red</b>"})
    assert b"&lt;b&gt;Red&lt;/b&gt;" in client.get("/account/mfa/webauthn/").content

    assert b"will not sign you in" in client.get(f"/account/mfa/webauthn/keys/{key.pk}/remove/").content
    client.post(f"/account/mfa/webauthn/keys/{key.pk}/remove/")
    assert not Authenticator.objects.exists()


def test_the_key_of_somebody_else_is_one_that_does_not_exist(alice, bob):
    key = Authenticator.objects.create(user=bob, type="webauthn", data={"name": "Bob's", "credential": {}})
    client = Client()
    sign_in(client, "alice@example.com")
    confirm(client)

    for page in ("edit", "remove"):
        assert client.get(f"/account/mfa/webauthn/keys/{key.pk}/{page}/").status_code == 404
        assert client.post(f"/account/mfa/webauthn/keys/{key.pk}/{page}/", {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().data["name"] == "Bob's"


def test_confirming_with_a_code_works_too(alice_with_app):
    client, secret, _ = alice_with_app
    cache.clear()
    assert b"Confirm that it is you" in client.get("/account/mfa/reauthenticate/").content

    assert client.post("/account/mfa/reauthenticate/", {"code": code_of(secret)})["Location"] == "/"


def test_too_many_requests_are_told_in_words(alice):
    for _request in range(31):
        answer = Client().post("/account/login/", {"login": "x", "password": ""})

    assert answer.status_code == 429
    assert b"Too many attempts" in answer.content


def test_signing_out_is_asked_for(as_user, alice):
    assert b"Sign out?" in as_user(alice).get("/account/logout/").content


def test_the_password_is_asked_again_before_protection_changes(as_user, alice):
    assert as_user(alice).get("/account/reauthenticate/").status_code == 200


@pytest.mark.parametrize(
    "page", ["signup/", "email/", "inactive/", "confirm-email/", "password/set/", "login/code/confirm/"]
)
def test_what_allauth_brings_and_we_do_not_use_stays_closed(as_user, page, ada):
    assert as_user(ada).get(f"/account/{page}").status_code == 404
    assert Client().get(f"/account/{page}").status_code == 404
