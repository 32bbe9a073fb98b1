"""S7–S10, S14, S19, S21 for the API: every operation, for strangers, foreign ids, missing rights, hidden and undeclared fields."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from rapport.accounts import actions, api_tokens
from rapport.accounts.models import ApiToken, Role, User
from rapport.accounts.permissions import CONNECT
from rapport.accounts.tests.programs import API, Program
from rapport.audit.models import AuditEvent
from rapport.config.api import operations
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields_actions import save_layout
from rapport.work.tests.world import make_task
from tests.security.conftest import seen
from tests.security.database import fingerprint
from tests.security.test_builders import EVIL, statements  # noqa: F401 - a fixture
from tests.security.test_mass_assignment import columns

MISSING = str(uuid.UUID(int=404, version=4))


@dataclass(frozen=True)
class Call:
    """One operation as it would be accepted; `{customer}` and `{task}` are ids of Bob's, in the path and in the body."""

    method: str
    path: str
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def names_a_record(self) -> bool:
        return "{" in self.path or "{customer}" in json.dumps([self.body, self.query])

    def by(self, program: Program, ids: dict[str, str]) -> Any:
        with transaction.atomic():
            return program.ask(
                self.method, _with(self.path, ids), _with(self.body, ids), query=_with(self.query, ids), **self.headers
            )


def _with(value: Any, ids: dict[str, str]) -> Any:
    text = json.dumps(value)
    for name, each in ids.items():
        text = text.replace(f"{{{name}}}", each)
    return json.loads(text)


_ABOUT = {"kind": "customer", "id": "{customer}"}
CALLS = {
    "who_am_i": Call("GET", "/me"),
    "list_customers": Call("GET", "/customers", query={"fields": "name,city,owner"}),
    "list_customer_fields": Call("GET", "/customers/fields"),
    "create_customer": Call("POST", "/customers", {"values": {"name": "New One", "email": "new@example.com"}}),
    "get_customer": Call("GET", "/customers/{customer}"),
    "update_customer": Call("PATCH", "/customers/{customer}", {"values": {"city": "Leeds"}}, headers={"If-Match": "*"}),
    "log_contact": Call("POST", "/customers/{customer}/contacts", {"kind": "call", "text": "Said hello"}),
    "list_tasks": Call("GET", "/tasks", query={"about": "{customer}"}),
    "create_task": Call("POST", "/tasks", {"title": "Call back", "about": _ABOUT}),
    "get_task": Call("GET", "/tasks/{task}"),
    "finish_task": Call("POST", "/tasks/{task}/done"),
}
WITH_RECORD = [name for name, call in CALLS.items() if call.names_a_record]
WRITING = [name for name, call in CALLS.items() if call.method != "GET"]
WITH_BODY = [name for name, call in CALLS.items() if call.body is not None]
RIGHT_OF = {
    operation.view_func.__name__: getattr(operation.auth_callbacks[0], "right", None)
    for _path, operation in operations()
}


@pytest.fixture
def ids(world):
    return {"customer": str(world.customer.public_id), "task": str(world.extra["task"].public_id)}


@pytest.fixture
def bobs(world):
    return Program(world.people["bob"])


def test_every_operation_is_called_here_and_asks_for_a_right():
    assert {operation.view_func.__name__ for _path, operation in operations()} == set(CALLS)
    assert [name for name, right in RIGHT_OF.items() if right is None] == ["who_am_i"]


@pytest.mark.parametrize("name", CALLS)
def test_what_is_accepted_is_accepted(name, bobs, ids):
    answer = CALLS[name].by(bobs, ids)

    assert answer.status_code in (200, 201), answer.content


@pytest.mark.parametrize("name", WITH_RECORD)
def test_the_record_of_another_team_is_one_that_does_not_exist(name, world, ids):
    program = Program(world.people["charlie"])
    before = fingerprint()

    there = CALLS[name].by(program, ids)
    nowhere = CALLS[name].by(program, dict.fromkeys(ids, MISSING))

    assert seen(there, *ids.values(), MISSING) == seen(nowhere, *ids.values(), MISSING)
    assert there.status_code == 404
    assert there["Content-Type"] == "application/problem+json"
    assert fingerprint() == before


def test_a_gate_left_out_is_noticed(world, ids, monkeypatch):
    from rapport.accounts.access import VisibleQuerySet

    monkeypatch.setattr(VisibleQuerySet, "visible_to", lambda records, user: records)

    assert CALLS["get_customer"].by(Program(world.people["charlie"]), ids).status_code == 200


def test_no_list_tells_of_the_records_of_another_team(world):
    program = Program(world.people["charlie"])

    for path in ("/customers", "/tasks"):
        assert program.get(path, {"limit": "200"}).json() == {"items": [], "next": None}
    for query in ({"q": "Northern"}, {"filter": "name.contains:northern"}, {"filter": "email.starts_with:bob"}):
        assert program.get("/customers", query).json()["items"] == []


def shut_out(world, _token):
    actions.set_member_active(world.people["bob"], False, by=world.people["ada"])


def shut_out_and_let_in_again(world, token):
    shut_out(world, token)
    actions.set_member_active(world.people["bob"], True, by=world.people["ada"])


def leave(world, _token):
    with acting(SYSTEM):
        User.objects.filter(pk=world.people["bob"].pk).update(is_active=False)


def get_a_new_password(world, _token):
    actions.set_password(world.people["bob"], "quite another password")


def end(world, token):
    api_tokens.end_token(token, by=world.people["ada"], now=utc_now())


def expire(_world, token):
    with acting(SYSTEM):
        ApiToken.objects.filter(pk=token.pk).update(expires_at=utc_now() - timedelta(seconds=1))


def lose_the_right_to_connect(world, _token):
    role = world.people["bob"].role
    with acting(SYSTEM):
        Role.objects.filter(pk=role.pk).update(rights=[name for name in role.rights if name != CONNECT.name])


ENDS = [shut_out, shut_out_and_let_in_again, leave, get_a_new_password, end, expire, lose_the_right_to_connect]


@pytest.mark.parametrize("happens", ENDS, ids=lambda each: each.__name__)
def test_a_token_that_is_good_for_nothing_any_more_opens_nothing(happens: Callable[..., None], world, bobs, ids):
    assert bobs.get("/me").status_code == 200
    happens(world, bobs.token)
    before = fingerprint()

    for call in CALLS.values():
        answer = call.by(bobs, ids)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")

    assert fingerprint() == before


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer rapport_",
        "Bearer rapport_" + "x" * 43,
        "Basic {}",
        "{}",
        "Bearer {}x",
        "Bearer {} {}",
    ],
)
def test_without_a_token_nothing_is_told(header, world, bobs, ids):
    before, answers = fingerprint(), set()

    for call in CALLS.values():
        for each in (ids, dict.fromkeys(ids, MISSING)):
            answer = Client().generic(
                call.method, API + _with(call.path, each), json.dumps(_with(call.body, each)),
                content_type="application/json", headers={"Authorization": header.format(bobs.text, bobs.text)},
            )  # fmt: skip
            answers.add((answer.status_code, answer.content))

    assert len(answers) == 1
    assert answers.pop()[0] == 401
    assert fingerprint() == before


@pytest.mark.parametrize("name", [name for name, right in RIGHT_OF.items() if right is not None])
def test_what_was_not_lent_to_the_token_is_refused(name, world, ids):
    others = {right.name for right in RIGHT_OF.values() if right is not None} - {RIGHT_OF[name].name}
    program, before = Program(world.people["bob"], *others), fingerprint()

    there = CALLS[name].by(program, ids)
    nowhere = CALLS[name].by(program, dict.fromkeys(ids, MISSING))

    assert there.status_code == 403
    assert seen(there) == seen(nowhere)
    assert fingerprint() == before


@pytest.mark.parametrize("name", WRITING)
def test_a_token_never_may_more_than_its_owner(name, world, ids):
    rights = [right.name for right in RIGHT_OF.values() if right is not None]
    program, before = Program(world.people["rita"], *rights), fingerprint()

    assert CALLS[name].by(program, ids).status_code == 403
    assert fingerprint() == before


def test_a_right_that_the_owner_loses_is_lost_to_the_token_with_the_next_request(world, bobs, ids):
    assert CALLS["get_customer"].by(bobs, ids).status_code == 200
    role = world.people["bob"].role
    with acting(SYSTEM):
        Role.objects.filter(pk=role.pk).update(rights=[CONNECT.name])

    assert CALLS["get_customer"].by(bobs, ids).status_code == 403


def test_a_refusal_for_want_of_a_right_is_in_the_trail(world, ids):
    program = Program(world.people["bob"], "work.view")

    CALLS["get_customer"].by(program, ids)

    assert AuditEvent.objects.filter(operation="denied").latest("pk").actor_label == "Bob (Shop)"


HIDDEN = ("email", "phone", "organization", "born_on")


@pytest.fixture
def half_blind(world, ids):
    """Bob's program, when the fields that name a customer are hidden from his role."""
    bob = world.people["bob"]
    secret = make_customer(
        "", owner=bob, external_id="N1", email="who@secret.example", phone="+442079460000", organization="Hushed",
        born_on="1990-01-02",
    )  # fmt: skip
    make_task("Call back", by=bob, on=secret)
    program = Program(bob)
    save_layout(
        bob.role, "customer", hidden=HIDDEN, ordering=(), columns=None, hidden_panels=(), panel_ordering=(),
        by=world.people["ada"],
    )  # fmt: skip
    ids["customer"] = str(secret.public_id)
    return program


@pytest.mark.parametrize("name", CALLS)
def test_no_operation_tells_what_is_hidden(name, half_blind, ids):
    answer = CALLS[name].by(half_blind, ids)

    text = answer.content.decode().replace("new@example.com", "")
    assert [said for said in ("secret.example", "7946", "Hushed", "1990") if said in text] == []


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_hidden_field_is_one_that_does_not_exist(hidden, half_blind, ids):
    before = fingerprint()

    for query in ("fields={}", "filter={}.filled:", "filter={}.is:x", "sort={}"):
        parameter, _equals, value = query.partition("=")
        told, unknown = (half_blind.get("/customers", {parameter: value.format(name)}) for name in (hidden, "nonsense"))
        assert seen(told, hidden) == seen(unknown, "nonsense")
        assert told.status_code == 400
    for name in ("create_customer", "update_customer"):
        call = CALLS[name]
        told, unknown = (
            half_blind.ask(call.method, _with(call.path, ids), {"values": {each: "x"}}, **call.headers)
            for each in (hidden, "nonsense")
        )
        assert seen(told, hidden) == seen(unknown, "nonsense")
        assert told.status_code == 422
    for value in ("who@secret.example", "Hushed", "79460000"):
        assert half_blind.get("/customers", {"q": value}).json()["items"] == []
    assert fingerprint() == before


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_takes_only_what_it_declares(name, world, bobs, ids):
    call = CALLS[name]
    declared = {"title", "text", "kind", "values", "due_on", "due_time", "assignee", "priority", "remind_at", "about"}
    before = fingerprint()

    for column in sorted(columns() - declared - {"occurred_at", "anyway"}):
        answer = bobs.ask(call.method, _with(call.path, ids), _with(call.body, ids) | {column: 1}, **call.headers)
        assert answer.status_code == 422, column

    assert fingerprint() == before


@pytest.mark.parametrize("name", ["create_customer", "update_customer"])
def test_values_take_only_fields_that_are_writable(name, world, bobs, ids):
    call = CALLS[name]
    writable = {each["name"] for each in bobs.get("/customers/fields").json() if each["is_writable"]}
    before = fingerprint()

    for column in sorted(
        (columns() | {"owner", "owner_name", "created", "csrfmiddlewaretoken"}) - writable - {"preferred_channel"}
    ):
        body = {"values": call.body["values"] | {column: "1"}}
        answer = bobs.ask(call.method, _with(call.path, ids), body, **call.headers)
        assert answer.status_code == 422, column

    assert fingerprint() == before


@pytest.mark.parametrize("path", ["/customers", "/tasks"])
def test_nothing_that_is_asked_for_breaks_a_list_or_becomes_sql(path, bobs, statements):  # noqa: F811
    parameters = (
        "q",
        "filter",
        "sort",
        "fields",
        "after",
        "limit",
        "whose",
        "state",
        "about",
        "about_kind",
        "order_by",
    )

    for evil in EVIL:
        for parameter in parameters:
            answer = bobs.get(path, {parameter: evil + "zqx"})
            assert answer.status_code < 500, (parameter, evil)
            assert answer.status_code == 200 or answer["Content-Type"] == "application/problem+json"

    assert [text for text in statements if "zqx" in text] == []


@pytest.mark.parametrize("name", WITH_BODY)
def test_no_body_breaks_an_operation(name, bobs, ids):
    call = CALLS[name]
    bodies = [
        b"",
        b"{",
        b"[" * 100_000,
        b"null",
        b"[]",
        b'"x"',
        b"1e999",
        b'{"values": null}',
        b"\xff\xfe",
        b'{"values": {"name": NaN}}',
    ]
    evils = (*EVIL, "\ud800", [], {}, 10**400, -1, None, True)
    bodies += [json.dumps(_evil(_with(call.body, ids), evil)).encode() for evil in evils]

    for body in bodies:
        answer = bobs.ask(call.method, _with(call.path, ids), body, **call.headers)
        assert answer.status_code < 500, body[:200]
        assert answer.status_code < 300 or answer["Content-Type"] == "application/problem+json"


def _evil(body: Any, evil: Any) -> Any:
    """The body with every text of it replaced."""
    if isinstance(body, dict):
        return {name: value if name == "id" else _evil(value, evil) for name, value in body.items()}
    return evil


@pytest.mark.parametrize("key", ["x" * 256, "", "\x00", "é" * 300])
def test_a_key_that_cannot_be_kept_is_refused(key, bobs):
    before = fingerprint()

    answer = bobs.post("/customers", {"values": {"name": "New"}}, **{"Idempotency-Key": key})

    assert answer.status_code == 400
    assert fingerprint() == before


def test_what_is_no_path_of_the_api_does_not_exist(bobs):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = bobs.ask(method, "/nothing/of/the/kind")
        assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
        assert Client().generic(method, f"{API}/nothing/of/the/kind").status_code == 401


def test_megabytes_are_refused_and_nothing_of_them_is_kept(bobs):
    before = fingerprint()

    small, large = (bobs.post("/customers", {"values": {"name": "x" * size}}) for size in (2_000_000, 10_000_000))

    assert (small.status_code, large.status_code) == (422, 413)
    assert fingerprint() == before


def test_reading_writes_nothing(bobs, ids):
    before = fingerprint()

    for call in CALLS.values():
        if call.method == "GET":
            call.by(bobs, ids)
            for method in ("HEAD", "OPTIONS"):
                assert bobs.ask(method, _with(call.path, ids)).status_code in (200, 405)

    assert fingerprint() == before


def test_a_token_is_kept_as_its_hash_alone(bobs, world):
    bobs.post("/customers", {"values": {"name": "New"}}, **{"Idempotency-Key": "k1"})

    from tests.security.database import contents

    assert bobs.text not in str(contents())
    assert Customer.objects.filter(name="New").count() == 1
