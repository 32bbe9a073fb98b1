"""S2: whatever text a customer, order, product or colleague carries, on every page it stays text."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from rapport.accounts.models import Business, User
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.consents.ledger import GRANTED, record_consent
from rapport.customers.models import ContactPoint, Purpose, Source
from rapport.records.bulk.models import BulkItem, BulkItemState, BulkRun, BulkState, Selection
from rapport.records.models import ImportProblem
from tests.security.endpoints import endpoints
from tests.security.samples import SAMPLES, World, fill

POLYGLOT = "\"'><pwned x=1 onerror=pwned()>{{7*7}}${7*7}</script></title></textarea><svg/onload=pwned()>javascript:pwned()//PWNED"
PROBES = ("healthz", "readyz")  # what they answer tells of the machine
PAGES = [each for each in endpoints() if each.audience in ("staff", "public") and each.name not in PROBES]
PARTS = 4
SHOWS_ANYWHERE = {
    "customers", "customer", "orders", "order", "products", "product", "staff", "teams", "roles", "audit", "bulk_run",
    "customer_consents", "customer_contacts", "import", "purposes", "segments", "survivorship", "tags",
}  # fmt: skip


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
        Source.objects.update(label=POLYGLOT)
        Purpose.objects.update(label=POLYGLOT, wording=POLYGLOT)
        ContactPoint.objects.update(label=POLYGLOT)
    refused = {"column": POLYGLOT, "value": POLYGLOT, "reason": POLYGLOT, "row": {POLYGLOT: POLYGLOT}}
    ImportProblem.objects.create(job=world.imported, line=2, code="x", **refused)
    BulkRun.objects.filter(pk=world.extra["bulk"].pk).update(state=BulkState.DONE, total=1, refused=1)
    Selection.objects.filter(pk=world.extra["bulk"].selection_id).update(made_by=people["ada"])
    keys, state = [world.customer.pk], BulkItemState.REFUSED
    BulkItem.objects.create(run=world.extra["bulk"], number=1, keys=keys, state=state, reason=POLYGLOT)
    said = {"origin": POLYGLOT, "wording": POLYGLOT, "proof": {"browser": POLYGLOT}}
    record_consent(world.customer, "newsletter", "email", GRANTED, by=people["ada"], now=utc_now(), **said)
    return world


@pytest.mark.parametrize("part", range(PARTS))
def test_no_text_becomes_markup(part, marked, client_of):
    client, found, silent = client_of("ada"), [], []
    for endpoint in PAGES[part::PARTS]:
        answers = answers_of(client, endpoint, marked)
        found += [f"{endpoint.name}: {each}" for answer in answers for each in wrong_with(answer)]
        if endpoint.name in SHOWS_ANYWHERE and b"PWNED" not in answers[0].getvalue():
            silent.append(endpoint.name)

    assert found == []
    assert silent == []


def answers_of(client, endpoint, world):
    """A page, its part, what it answers to the marker; each as if the others had not been asked."""
    path = endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()
    typed = dict.fromkeys(("name", "email", "text", "q", "kind", "login"), POLYGLOT)
    asked = (
        lambda: client.get(path),
        lambda: client.get(path, headers={"HX-Request": "true"}),
        lambda: client.get(path, {"q": POLYGLOT}),
        lambda: client.post(path, typed),
    )
    answers = []
    for ask in asked:
        with transaction.atomic():
            answers.append(ask())
            transaction.set_rollback(True)
    return answers


def wrong_with(answer):
    if answer.status_code >= 500:
        return [str(answer.status_code)]
    if "html" not in answer.headers.get("Content-Type", ""):
        return []
    policy = answer.headers.get("Content-Security-Policy", "")
    return [*trouble_in(answer), *(["no policy"] if "script-src 'self'" not in policy else [])]


def test_what_the_pages_lead_to_keeps_text_as_text(marked, client_of):
    """Tabs, pieces that are loaded later, records beside a list, boards, calendars: one of each kind of address that pages name."""
    client, found = client_of("ada"), []
    pages = [each.path(**SAMPLES[each.name](marked)) if each.name in SAMPLES else each.path() for each in PAGES]
    seen = {kind_of(path) for path in pages}
    waiting = pages = [path for path in pages if not path.startswith(("/account/", "/settings/gallery/", "/static/"))]
    for click in range(2):
        following = set()
        for path in waiting:
            with transaction.atomic():
                answer = client.get(path)
                transaction.set_rollback(True)
            found += [f"{path}: {each}" for each in wrong_with(answer)] if click else []
            following |= led_to(answer, path) if "html" in answer.headers.get("Content-Type", "") else set()
        by_kind = {kind_of(path): path for path in sorted(following)}
        waiting = [path for kind, path in by_kind.items() if kind is not None and kind not in seen]
        seen |= by_kind.keys()

    assert found == []
    assert len(seen) > len(pages) + 20


def kind_of(path):
    """The page that an address leads to and the names of what it is asked, with the words that choose a view of it."""
    address, _question, query = path.partition("?")
    try:
        name = resolve(address).url_name
    except Resolver404:
        return None
    asked = sorted(
        (key, value if key in ("tab", "as", "by", "whose", "state", "box", "kind") else "")
        for key, value in parse_qsl(query)
    )
    return None if name in (None, "account_logout") else (name, tuple(dict.fromkeys(asked)))


class Links(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = set()

    def handle_starttag(self, tag, attrs):
        self.found |= {
            value
            for name, value in attrs
            if value and (name in ("hx-get", "data-peek", "src") or (tag, name) == ("a", "href"))
        }


def led_to(answer, path):
    """Addresses of our own that a page names, once for each page whatever it is asked; of lists that go on, the beginning."""
    links = Links()
    links.feed(answer.getvalue().decode())
    joined = {urljoin(f"http://testserver{path}", each) for each in links.found}
    ours = {
        each.removeprefix("http://testserver").partition("#")[0]
        for each in joined
        if each.startswith("http://testserver/")
    }
    return {each for each in ours if not each.startswith("/static/")}


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
