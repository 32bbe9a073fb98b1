"""S7, S14, S23: every form is attacked with what would be accepted, one field of it at a time made somebody else's or nonsense."""

from __future__ import annotations

import itertools
import re
from urllib.parse import urlencode

import pytest
from django.db import transaction

from rapport.accounts.models import Team
from rapport.core.acting import SYSTEM, acting
from tests.security.bodies import OF_ITS_OWNER, QUERIES, WITHOUT_BODY
from tests.security.endpoints import MISSING, endpoints
from tests.security.matrix import Ask, Matrix, noticing_reads
from tests.security.samples import BODIES, SAMPLES, World, fill_own
from tests.security.test_builders import EVIL
from tests.security.test_doors import EVIL as ELSEWHERE
from tests.security.test_doors import ours

OURS = [each for each in endpoints() if each.is_ours and each.audience != "program"]
FORMS = [each for each in OURS if each.name in BODIES]
PARTS = 4
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NONSENSE = (
    "\ud800", "9" * 401, "9" * 5_000, "-1", "²", "٣", "1e400", "NaN", "99999-01-01", "0000-00-00", "0001-01-01",
    "9999-12-31T23:59", "x" * (1 << 20), "{}", "00000000-0000-0000-0000-000000000000", "person:", "up:²", "up:" + "9" * 5_000,
    "a,,b", ":", "on", "",
)  # fmt: skip
AT_ONCE = ("\x00", "\ud800", "9" * 5_000, "²", "-1")


def address_of(endpoint, path, world):
    return f"{path}?{urlencode(QUERIES[endpoint.name](world))}" if endpoint.name in QUERIES else path


def path_of(endpoint, world):
    path = endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()
    return address_of(endpoint, path, world)


@pytest.fixture
def who(world, client_of):
    """Who may send a form: whom it belongs to, or who administers. Both may do everything."""
    bob = world.people["bob"]
    with acting(SYSTEM):
        bob.role = world.people["ada"].role
        bob.save(update_fields=["role"])
    clients = {name: client_of(name) for name in ("ada", "bob")}
    return lambda endpoint: clients["bob" if endpoint.name in OF_ITS_OWNER else "ada"]


def posted(client, path, body):
    with transaction.atomic():
        answer = client.post(path, body)
        transaction.set_rollback(True)
    return answer


def posted_raw(client, path, body, *, keeps=False):
    """As a browser writes a form: of text that is no text, its bytes."""
    flat = [(name, each) for name, value in body.items() for each in (value if isinstance(value, list) else [value])]
    content = urlencode([(name, str(each).encode(errors="surrogatepass")) for name, each in flat])
    with transaction.atomic():
        answer = client.post(path, content, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(not keeps)
    return answer


def test_every_form_has_a_body_that_is_accepted_or_says_why_not(world, who):
    """A URL that answers to POST with anything but 405 is a form."""
    forms = {each.name for each in OURS if posted(who(each), path_of(each, world), {}).status_code != 405}
    refused = {
        each.name: status for each in FORMS
        if (status := posted(who(each), path_of(each, world), BODIES[each.name](world)).status_code) >= 400
    }  # fmt: skip

    assert forms - set(BODIES) == set(WITHOUT_BODY)
    assert refused == {}
    assert len(FORMS) > 120


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_is_sent_breaks_a_form_or_becomes_sql(part, world, who, statements):
    """One field of a form that would be accepted at a time, so that it gets as far as it can; then all at once."""
    found, turns, asked_in_all = [], itertools.count(part * 5), 0
    for endpoint in FORMS[part::PARTS]:
        client, path, body = who(endpoint), path_of(endpoint, world), BODIES[endpoint.name](world)
        with noticing_reads() as read:
            posted(client, path, body)
        names = sorted({*body, *read} - {"files"})
        asked = [
            body | {name: evil} for name in names
            for evil in ("\x00", NONSENSE[next(turns) * 7 % len(NONSENSE)], f"{EVIL[next(turns) * 7 % len(EVIL)]}zqx")
        ]  # fmt: skip
        asked += [body | dict.fromkeys(names, AT_ONCE[next(turns) % len(AT_ONCE)])] if names else []
        asked_in_all += len(asked)
        found += [
            f"{endpoint.name} with {told(each, body)}" for each in asked
            if posted_raw(client, path, each).status_code >= 500
        ]  # fmt: skip

    assert found == []
    assert [text for text in statements if "zqx" in text] == []
    assert asked_in_all > 100


def test_no_form_leads_elsewhere_whatever_it_is_told(world, who):
    """Where it says that it belongs, and where it says that it came from."""
    targets, found = itertools.cycle(ELSEWHERE), []
    for endpoint in FORMS:
        body = BODIES[endpoint.name](world) | {"next": next(targets), "back": next(targets)}
        with transaction.atomic():
            referrer = {"Referer": "http://[evil.example" if len(body) % 2 else "https://evil.example//evil.example/"}
            answer = who(endpoint).post(path_of(endpoint, world), body, headers=referrer)
            transaction.set_rollback(True)
        if answer.status_code >= 500 or not ours(answer.headers.get("Location", "/")):
            found.append(f"{endpoint.name}: {answer.status_code} {answer.headers.get('Location')} of {body['next']!r}")

    assert found == []
    assert (
        who(FORMS[0])
        .get("/palette/", {"q": "Called about it"}, headers={"Referer": "http://[evil.example"})
        .status_code
        == 200
    )


def test_nonsense_reaches_a_form_as_it_was_sent(world, who):
    """What is sent byte by byte is not what was meant."""
    client = who(next(each for each in FORMS if each.name == "teams"))
    with transaction.atomic():
        kept = posted_raw(client, "/settings/teams/", {"name": "Größe \ud800", "parent": ""}, keeps=True).status_code
        names = set(Team.objects.values_list("name", flat=True))
        transaction.set_rollback(True)

    assert kept == 302
    assert any(name.startswith("Größe") for name in names)


def told(sent, body):
    return {name: value[:40] for name, value in sent.items() if value != body.get(name)}


@pytest.fixture
def charlies(world, client_of):
    """Charlie has of everything one of his own."""
    own = fill_own(World({**world.people, "bob": world.people["charlie"]}, "Southern Person"))
    own.extra = world.extra | own.extra
    return Matrix(client_of("charlie"), world, SAMPLES, own)


def test_a_foreign_id_in_any_field_of_a_form_is_one_that_does_not_exist(charlies):
    """Each form on what is one's own, with one id in it that is Bob's, or nobody's; a row more of either is found, too."""
    fields = ask_with_foreign_ids(charlies, FORMS)

    assert charlies.findings == []
    assert fields > 12


def test_a_form_that_passes_no_gate_is_found(charlies, monkeypatch):
    from rapport.accounts.access import VisibleQuerySet

    monkeypatch.setattr(VisibleQuerySet, "visible_to", lambda records, user: records)
    ask_with_foreign_ids(charlies, [each for each in FORMS if each.name in ("merge", "doubt_decide", "task_add")])

    assert {each.split()[1] for each in charlies.findings if each.startswith("POST ")} >= {"merge", "task_add"}


def ask_with_foreign_ids(matrix, forms):
    fields = 0
    for endpoint in forms:
        mine, theirs = (BODIES[endpoint.name](each) for each in (matrix.own, matrix.world))
        path = address_of(endpoint, matrix.own_path(endpoint), matrix.own)
        for name, foreign in foreign_ids(mine, theirs):
            fields += 1
            bodies = [mine | {name: each} for each in (foreign, swapped(foreign))]
            for way in (Ask("POST"), Ask("POST", is_part=True)):
                matrix.alike(f"{way} {endpoint.name} with {name}", way, *((path, body) for body in bodies))
    return fields


def foreign_ids(mine, theirs):
    """Each field in which the two differ by an id: its name, and what it says of the other; of several, the last is changed."""
    for name, value in theirs.items():
        if isinstance(value, list) and isinstance(mine.get(name), list) and has_ids(value) and value != mine[name]:
            yield name, [*mine[name][:-1], value[-1]]
        elif isinstance(value, str) and has_ids([value]) and value != mine.get(name):
            yield name, value


def has_ids(values):
    return any(_ID.search(str(each)) for each in values)


def swapped(foreign):
    """The same without the ids that exist."""
    if isinstance(foreign, list):
        return [*foreign[:-1], _ID.sub(MISSING["uuid"], foreign[-1])]
    return _ID.sub(MISSING["uuid"], foreign)
