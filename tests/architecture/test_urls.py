"""Every URL is closed to strangers unless it declares otherwise; a view without its gate turns this red."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from rapport.accounts.access import public, staff_only
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.third_party import AUDIENCES
from rapport.config import urls
from tests.security.endpoints import Endpoint, endpoints, undeclared

PUBLIC_ON_PURPOSE = {
    "healthz", "readyz", "setup", "join", "theme", "consent_confirm", "openapi",
    "account_login", "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "mfa_authenticate", "mfa_login_webauthn",
}  # fmt: skip


@pytest.fixture
def leak():
    def view(request):
        return HttpResponse("everybody's customers")

    view.__module__ = "rapport.customers.views"
    return view


@pytest.fixture
def planted(settings, monkeypatch):
    """The product's URLs with one more, whose view has no gate."""

    def plant(view):
        monkeypatch.setattr(urls, "urlpatterns", [path("planted/", view, name="planted"), *urls.urlpatterns])
        settings.ROOT_URLCONF = urls

    return plant


def test_every_view_of_ours_declares_who_may_enter():
    assert undeclared(endpoints()) == []


def test_what_is_public_is_public_on_purpose():
    assert {each.name for each in endpoints() if each.audience == "public"} == PUBLIC_ON_PURPOSE


def test_every_url_has_a_name_of_its_own():
    names = [each.name for each in endpoints()]

    assert "" not in names
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_audience_is_declared_for_a_url_that_does_not_exist():
    assert sorted(set(AUDIENCES) - {each.name for each in endpoints()}) == []


def test_a_planted_view_without_its_gate_is_noticed(planted, leak):
    planted(leak)

    assert undeclared(endpoints(urls)) == ["planted"]


def test_a_planted_view_without_its_gate_stays_closed_even_so(planted, leak, as_user, ada):
    planted(leak)

    assert Client().get("/planted/").status_code == 404
    assert as_user(ada).get("/planted/").status_code == 404


def test_declared_views_open_to_whom_they_say(planted, leak, as_user, ada, alice):
    planted(staff_only(ADMINISTER)(leak))
    assert Client().get("/planted/").status_code == 302
    assert as_user(alice).get("/planted/").status_code == 403
    assert as_user(ada).get("/planted/").status_code == 200


def test_a_public_view_opens_to_anybody(planted, leak, ada):
    planted(public(leak))

    assert Client().get("/planted/").status_code == 200


@pytest.mark.parametrize("endpoint", endpoints(), ids=lambda each: each.name)
def test_a_stranger_is_kept_out(endpoint: Endpoint, ada):
    if endpoint.audience == "public":
        return
    answer = Client().get(endpoint.path())

    if endpoint.audience == "staff":
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/?next=")
    elif endpoint.audience == "program":
        assert answer.status_code == 401
    else:
        assert answer.status_code == 404
