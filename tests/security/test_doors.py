"""S17–S19: no door leads elsewhere, tells who has an account, or trusts the name it is called by."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from rapport.accounts.jobs import answer_password_request
from tests.security.conftest import seen
from tests.world import PASSWORD

EVIL = (
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example/",
    "http://localhost:9999/", "http://localhost/", "//localhost:8000@evil.example", "javascript:alert(1)", "/\t/evil.example",
    " //evil.example", "\x00//evil.example", "ftp://evil.example", "///evil.example", "http:///evil.example",
    "data:text/html,x", "%2f%2fevil.example", "https://testserver.evil.example",
)  # fmt: skip


def ours(location):
    """Where a browser would go from a page of ours: it reads a backslash as a slash and skips tabs and line breaks."""
    read = re.sub(r"[\t\r\n]", "", location).strip().replace("\\", "/")
    return urlsplit(urljoin("http://testserver/some/page/", read)).netloc == "testserver"


@pytest.mark.parametrize("target", EVIL)
def test_signing_in_leads_nowhere_else(target, alice):
    client = Client()
    inside = client.get("/account/login/", {"next": target}).content.decode()
    answer = client.post(f"/account/login/?next={target}", {"login": alice.email, "password": PASSWORD, "next": target})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert 'action="http' not in inside


def test_signing_in_leads_to_the_page_that_was_asked_for(alice):
    answer = Client().post(
        "/account/login/", {"login": alice.email, "password": PASSWORD, "next": "/customers/?q=a&sort=-name"}
    )

    assert answer["Location"] == "/customers/?q=a&sort=-name"


@pytest.mark.parametrize("target", EVIL)
@pytest.mark.parametrize(
    "path", ["/settings/theme/", "/settings/shortcuts/", "/account/logout/", "/account/reauthenticate/"]
)
def test_no_form_leads_elsewhere(path, target, as_user, alice):
    answer = as_user(alice).post(f"{path}?next={target}", {"next": target, "theme": "dark", "password": PASSWORD})

    assert answer.status_code == 302
    assert ours(answer["Location"]), answer["Location"]


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "//evil.example/%2e%2e"])
def test_a_path_is_no_way_out_either(path, alice):
    answer = Client().get("/account/login/", {"next": path})
    assert b'href="//evil' not in answer.content

    stranger = Client().get("/customers/" + path)
    assert stranger.status_code in (302, 404)
    if stranger.status_code == 302:
        assert ours(stranger["Location"])


@pytest.mark.parametrize("address", ["alice@example.com", "ALICE@EXAMPLE.COM", "dora@example.com"])
def test_signing_in_does_not_tell_who_has_an_account(address, alice):
    with_account = Client().post("/account/login/", {"login": address, "password": "wrong wrong"})
    cache.clear()
    without = Client().post("/account/login/", {"login": "nobody@example.com", "password": "wrong wrong"})

    assert seen(with_account, address) == seen(without, "nobody@example.com")


def test_a_locked_account_does_not_tell_that_it_exists(alice):
    answers = []
    for address in ("alice@example.com", "nobody@example.com"):
        cache.clear()
        for _attempt in range(6):
            answer = Client().post("/account/login/", {"login": address, "password": "wrong wrong"})
        answers.append(seen(answer, address))

    assert b"Too many" in answers[0][2]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("has_mail", [True, False])
def test_asking_for_a_new_password_does_not_tell_who_has_an_account(has_mail, alice, settings):
    settings.EMAIL_IS_CONFIGURED = has_mail
    answers = []
    for address in ("alice@example.com", "nobody@example.com"):
        client = Client()
        first = client.post("/account/password/reset/", {"email": address})
        answers.append((seen(first, address), seen(client.get(first["Location"]), address), set(client.cookies)))

    assert answers[0] == answers[1]
    assert mail.outbox == []


@pytest.mark.parametrize("link", ["1-abc-def", "zzz-abc-def", "1-set-password", "0-x", "9999999-abc-def"])
def test_a_made_up_link_does_not_tell_who_has_an_account(link, alice):
    answer = Client().get(f"/account/password/reset/key/{link}/")
    other = Client().get("/account/password/reset/key/zzzz-qqq-rrr/")

    assert seen(answer) == seen(other)


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "localhost:8000.evil.example"}, {"Host": "evil.example:80"}, {"Host": "a@b"}],
)
def test_a_foreign_host_is_not_answered(headers, ada):
    for path in ("/", "/account/login/", "/healthz", "/account/password/reset/"):
        assert Client().get(path, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}, {"X-Host": "evil.example"},
        {"X-Forwarded-Server": "evil.example"}, {"X-Original-Host": "evil.example"}, {"X-Forwarded-For": "1.2.3.4"},
    ],
    ids=lambda headers: next(iter(headers)),
)  # fmt: skip
def test_no_header_gets_into_a_mailed_link_or_a_page(headers, alice, settings):
    settings.EMAIL_IS_CONFIGURED = True

    answers = [
        Client().post("/account/password/reset/", {"email": alice.email}, headers=headers),
        Client().get("/account/login/", headers=headers),
        Client().get("/customers/", headers=headers),
    ]
    answer_password_request(email=alice.email)

    assert all(b"evil" not in answer.content + str(answer.headers).encode() for answer in answers)
    assert "http://localhost:8000/account/password/reset/key/" in mail.outbox[0].body


def test_an_address_cannot_be_pretended_by_a_header_to_escape_the_lock(alice):
    for number in range(6):
        Client().post(
            "/account/login/",
            {"login": alice.email, "password": "wrong"},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
        )

    answer = Client().post("/account/login/", {"login": alice.email, "password": PASSWORD})
    assert b"Too many" in answer.content


def test_a_session_gets_a_new_key_at_sign_in_and_dies_at_sign_out(alice):
    client = Client()
    client.get("/account/login/")
    session = client.session
    session["planted"] = 1
    session.save()
    planted = session.session_key
    client.cookies["session"] = planted

    client.post("/account/login/", {"login": alice.email, "password": PASSWORD})
    mine = client.cookies["session"].value
    assert mine != planted

    client.post("/account/logout/")
    replay = Client()
    replay.cookies["session"] = mine
    assert replay.get("/settings/profile/").status_code == 302


def test_cookies_are_kept_from_scripts_and_other_sites(alice):
    client = Client()
    client.post("/account/login/", {"login": alice.email, "password": PASSWORD})

    cookie = client.cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_pages_are_not_kept_framed_or_sniffed(as_user, alice):
    answer = as_user(alice).get("/settings/profile/")

    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
