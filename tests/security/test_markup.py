"""S2: whatever text a customer, order, product or colleague carries, on every page it stays text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client

from rapport.accounts.models import Business, User
from rapport.core.acting import SYSTEM, acting
from tests.security.endpoints import endpoints
from tests.security.samples import SAMPLES, World, fill

POLYGLOT = "\"'><pwned x=1 onerror=pwned()>{{7*7}}${7*7}</script></title></textarea><svg/onload=pwned()>javascript:pwned()//PWNED"
PAGES = [each for each in endpoints() if each.audience in ("staff", "public")]
SHOWS_ANYWHERE = {"customers", "customer", "orders", "order", "products", "product", "staff", "teams", "roles", "audit"}


class Finder(HTMLParser):
    """What the markup of a page is made of."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.trouble = []

    def handle_starttag(self, tag, attrs):
        if "pwned" in tag or (tag == "svg" and ("onload", "pwned()") in [(n, v) for n, v in attrs]):
            self.trouble.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name.startswith("hx-on") or "pwned" in name:
                self.trouble.append(f"<{tag} {name}=…>")
            if name in ("href", "src", "action", "formaction") and (value or "").strip().lower().startswith(
                "javascript:"
            ):
                self.trouble.append(f"<{tag} {name}={value[:30]}>")


def trouble_in(answer):
    finder = Finder()
    finder.feed(answer.getvalue().decode())
    finder.close()
    return finder.trouble


@pytest.fixture
def marked(people):
    """Everything that carries text carries the marker: also names of the business and of all who work here."""
    world = fill(World(people, POLYGLOT))
    with acting(SYSTEM):
        User.objects.update(name=POLYGLOT)
        Business.objects.update(name=POLYGLOT)
    return world


@pytest.mark.parametrize("endpoint", PAGES, ids=lambda each: each.name)
def test_no_text_becomes_markup(endpoint, marked, client_of):
    client = client_of("ada")
    path = endpoint.path(**SAMPLES[endpoint.name](marked)) if endpoint.name in SAMPLES else endpoint.path()

    answers = [client.get(path), client.get(path, headers={"HX-Request": "true"}), client.get(path, {"q": POLYGLOT})]
    answers.append(client.post(path, dict.fromkeys(("name", "email", "text", "q", "kind", "login"), POLYGLOT)))

    for answer in answers:
        assert answer.status_code < 500
        if "html" in answer.headers.get("Content-Type", ""):
            assert trouble_in(answer) == []
            assert "script-src 'self'" in answer["Content-Security-Policy"]
    if endpoint.name in SHOWS_ANYWHERE:
        assert b"PWNED" in answers[0].getvalue()


def test_pages_of_errors_and_of_signing_in_keep_text_as_text(marked):
    client = Client()

    answers = [
        client.get("/nowhere/" + POLYGLOT.replace("/", "")),
        client.post("/account/login/", {"login": POLYGLOT, "password": POLYGLOT, "next": POLYGLOT}),
        client.post("/account/password/reset/", {"email": POLYGLOT}),
        client.get("/account/login/", {"next": POLYGLOT}),
    ]

    assert [trouble_in(answer) for answer in answers] == [[], [], [], []]


@pytest.mark.parametrize("page", ['<p onclick="x">', "<pwned>", '<a href=" JavaScript:x">', "<p hx-on:click='x'>"])
def test_markup_that_came_from_text_would_be_noticed(page):
    finder = Finder()
    finder.feed(page)

    assert finder.trouble
