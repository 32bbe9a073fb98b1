"""S7–S10, S14, S19, S21 for the API: every operation, for strangers, foreign ids, missing rights, hidden and undeclared fields."""

from __future__ import annotations

import io
import json
import re
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
from rapport.config.api import document, operations
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields.actions import save_layout
from rapport.records.permissions import PURGE
from rapport.work.actions_comments import delete_comment
from rapport.work.tests.world import make_comment, make_task
from tests.security.conftest import seen
from tests.security.database import fingerprint
from tests.security.test_builders import EVIL
from tests.security.test_mass_assignment import columns

MISSING = str(uuid.UUID(int=404, version=4))
IN_A_WEEK = (utc_now() + timedelta(days=7)).isoformat()


@dataclass(frozen=True)
class Call:
    """One operation as it would be accepted; names in braces are ids of what is Bob's, in path, query and body."""

    method: str
    path: str
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    is_form: bool = False

    @property
    def names_a_record(self) -> bool:
        return re.search(r"\{\w+\}", json.dumps([self.path, self.body, self.query])) is not None

    def by(self, program: Program, ids: dict[str, str]) -> Any:
        """In a savepoint of its own, as a request has a transaction of its own."""
        path, body, query = (_with(each, ids) for each in (self.path, self.body, self.query))
        with transaction.atomic():
            if self.is_form:
                return program.send(path, body | {"file": io.BytesIO(b"of somebody")}, **self.headers)
            return program.ask(self.method, path, body, query=query, **self.headers)

    def tried_by(self, program: Program, ids: dict[str, str]) -> Any:
        """The same, and then as if it had never been."""
        with transaction.atomic():
            answer = self.by(program, ids)
            transaction.set_rollback(True)
        return answer


def _with(value: Any, ids: dict[str, str]) -> Any:
    text = json.dumps(value)
    for name, each in ids.items():
        text = text.replace(f"{{{name}}}", each)
    return json.loads(text)


_ABOUT = {"kind": "customer", "id": "{customer}"}
_ON = {"about": "{customer}"}
_ANYWAY = {"If-Match": "*"}
CALLS = {
    "who_am_i": Call("GET", "/me"),
    "list_staff": Call("GET", "/staff"),
    "list_teams": Call("GET", "/teams"),
    "list_customers": Call("GET", "/customers", query={"fields": "name,city,owner"}),
    "count_customers": Call("GET", "/customers/count", query={"filter": "city.filled:"}),
    "list_customer_fields": Call("GET", "/customers/fields"),
    "create_customer": Call("POST", "/customers", {"values": {"name": "New One", "email": "new@example.com"}}),
    "upsert_customers": Call(
        "POST", "/customers/bulk", {"source": "till", "rows": [{"external_id": "1", "values": {"name": "New One"}}]}
    ),
    "get_customer": Call("GET", "/customers/{customer}"),
    "update_customer": Call("PATCH", "/customers/{customer}", {"values": {"city": "Leeds"}}, headers=_ANYWAY),
    "delete_customer": Call("DELETE", "/customers/{customer}"),
    "assign_customer": Call("PUT", "/customers/{customer}/owner", {"owner": "me"}),
    "log_contact": Call("POST", "/customers/{customer}/contacts", {"kind": "call", "text": "Said hello"}),
    "list_touchpoints": Call("GET", "/customers/{customer}/timeline"),
    "list_next_actions": Call("GET", "/customers/{customer}/next-actions"),
    "take_next_action": Call("POST", "/customers/{neighbor}/next-actions/ask_missing/take"),
    "refuse_next_action": Call("POST", "/customers/{neighbor}/next-actions/ask_missing/refuse", {"note": "On holiday"}),
    "list_contact_points": Call("GET", "/customers/{customer}/contact-points"),
    "add_contact_point": Call(
        "POST", "/customers/{customer}/contact-points", {"kind": "phone", "value": "+44 20 7946 0123"}
    ),
    "put_contact_point_first": Call("POST", "/customers/{customer}/contact-points/first", {"key": "{way}"}),
    "update_contact_point": Call("PATCH", "/contact-points/{point}", {"label": "work"}, headers=_ANYWAY),
    "delete_contact_point": Call("DELETE", "/contact-points/{point}"),
    "list_consent_purposes": Call("GET", "/consent-purposes"),
    "list_consents": Call("GET", "/customers/{customer}/consents"),
    "record_consent": Call(
        "POST",
        "/customers/{customer}/consents",
        {"purpose": "newsletter", "channel": "email", "status": "granted", "origin": "a call"},
    ),
    "ask_for_consent": Call("POST", "/customers/{customer}/consents/ask", {"purpose": "newsletter", "channel": "sms"}),
    "record_objection": Call("POST", "/customers/{customer}/objection", {"origin": "a letter"}),
    "list_relationships": Call("GET", "/customers/{customer}/relationships"),
    "add_relationship": Call(
        "POST", "/customers/{customer}/relationships", {"kind": "referred", "to": "{neighbor}", "role": "friend"}
    ),
    "get_relationship": Call("GET", "/relationships/{tie}"),
    "update_relationship": Call("PATCH", "/relationships/{tie}", {"role": "cousin"}, headers=_ANYWAY),
    "delete_relationship": Call("DELETE", "/relationships/{tie}"),
    "list_tasks": Call("GET", "/tasks", query=_ON),
    "create_task": Call("POST", "/tasks", {"title": "Call back", "about": _ABOUT}),
    "get_task": Call("GET", "/tasks/{task}"),
    "update_task": Call("PATCH", "/tasks/{task}", {"title": "Call her back"}, headers=_ANYWAY),
    "finish_task": Call("POST", "/tasks/{task}/done"),
    "cancel_task": Call("POST", "/tasks/{task}/cancel"),
    "reopen_task": Call("POST", "/tasks/{task}/reopen"),
    "delete_task": Call("DELETE", "/tasks/{task}"),
    "snooze_task": Call("POST", "/tasks/{task}/snooze", {"until": IN_A_WEEK}),
    "list_shares": Call("GET", "/shares", query=_ON),
    "share_one_record": Call("POST", "/shares", {"about": _ABOUT, "person": "{ada}", "may": "edit"}),
    "end_share": Call("DELETE", "/shares/{share}"),
    "list_comments": Call("GET", "/comments", query=_ON),
    "write_comment": Call("POST", "/comments", {"about": _ABOUT, "text": "She called"}),
    "get_comment": Call("GET", "/comments/{comment}"),
    "edit_comment": Call("PATCH", "/comments/{comment}", {"text": "She wrote"}, headers=_ANYWAY),
    "delete_comment": Call("DELETE", "/comments/{comment}"),
    "list_files": Call("GET", "/files", query=_ON),
    "send_file": Call("POST", "/files", _ON | {"about_kind": "customer"}, is_form=True),
    "get_file": Call("GET", "/files/{file}"),
    "fetch_file": Call("GET", "/files/{file}/content"),
    "delete_file": Call("DELETE", "/files/{file}"),
    "list_notifications": Call("GET", "/notifications"),
    "read_notifications": Call("POST", "/notifications/read", {"ids": [MISSING]}),
    "read_all_notifications": Call("POST", "/notifications/read-all"),
    "snooze_notifications": Call("POST", "/notifications/snooze", {"ids": [MISSING], "until": IN_A_WEEK}),
    "follow_record": Call("POST", "/following", {"about": _ABOUT}),
    "list_segments": Call("GET", "/segments"),
    "get_segment": Call("GET", "/segments/{segment}"),
    "create_segment": Call("POST", "/segments", {"name": "In Leeds", "filters": ["city.is:Leeds"]}),
    "update_segment": Call("PATCH", "/segments/{segment}", {"name": "By hand"}, headers=_ANYWAY),
    "delete_segment": Call("DELETE", "/segments/{segment}"),
    "put_into_segment": Call("PUT", "/segments/{segment}/customers/{neighbor}"),
    "take_out_of_segment": Call("DELETE", "/segments/{segment}/customers/{customer}"),
    "list_customer_segments": Call("GET", "/customers/{customer}/segments"),
    "list_orders": Call("GET", "/orders"),
    "count_orders": Call("GET", "/orders/count"),
    "list_order_fields": Call("GET", "/orders/fields"),
    "get_order": Call("GET", "/orders/{order}"),
    "list_order_lines": Call("GET", "/orders/{order}/lines"),
    "update_order": Call("PATCH", "/orders/{order}", {"values": {}}, headers=_ANYWAY),
    "list_products": Call("GET", "/products"),
    "count_products": Call("GET", "/products/count"),
    "list_product_fields": Call("GET", "/products/fields"),
    "get_product": Call("GET", "/products/{product}"),
    "update_product": Call("PATCH", "/products/{product}", {"values": {}}, headers=_ANYWAY),
    "preview_merging": Call("POST", "/customers/merge/preview", {"keep": "{customer}", "others": ["{neighbor}"]}),
    "merge_customers": Call("POST", "/customers/merge", {"keep": "{customer}", "others": ["{neighbor}"]}),
    "list_parts": Call("GET", "/customers/{merged}/parts"),
    "preview_splitting": Call("POST", "/customers/{merged}/split/preview", {"parts": ["{part}"]}),
    "split_customer": Call("POST", "/customers/{merged}/split", {"parts": ["{part}"]}),
    "get_merge": Call("GET", "/merges/{link}"),
    "undo_merge": Call("POST", "/merges/{link}/undo", {"given": []}),
    "list_doubts": Call("GET", "/doubts"),
    "decide_doubt": Call(
        "POST", "/doubts/decide", {"one": "{customer}", "other": "{neighbor}", "decision": "different"}
    ),
    "list_event_types": Call("GET", "/webhooks/event-types"),
    "list_webhooks": Call("GET", "/webhooks"),
    "create_webhook": Call("POST", "/webhooks", {"url": "https://hooks.example.com/new", "types": ["customer.added"]}),
    "get_webhook": Call("GET", "/webhooks/{hook}"),
    "update_webhook": Call("PATCH", "/webhooks/{hook}", {"description": "Shop"}, headers=_ANYWAY),
    "delete_webhook": Call("DELETE", "/webhooks/{hook}"),
    "pause_webhook": Call("POST", "/webhooks/{hook}/pause"),
    "resume_webhook": Call("POST", "/webhooks/{hook}/resume"),
    "rotate_webhook_secret": Call("POST", "/webhooks/{hook}/secret"),
    "test_webhook": Call("POST", "/webhooks/{hook}/test"),
    "replay_webhook": Call("POST", "/webhooks/{hook}/replay", {"since": "2026-03-01T00:00:00Z"}),
    "list_webhook_messages": Call("GET", "/webhooks/{hook}/messages"),
    "get_webhook_message": Call("GET", "/webhooks/{hook}/messages/{told}"),
    "replay_webhook_message": Call("POST", "/webhooks/{hook}/messages/{told}/replay"),
    "list_views": Call("GET", "/views", query={"object": "customer"}),
    "create_view": Call("POST", "/views", {"object": "customer", "name": "In Leeds", "asked": {"q": "leeds"}}),
    "get_view": Call("GET", "/views/{view}"),
    "update_view": Call("PATCH", "/views/{view}", {"name": "In Leeds"}, headers=_ANYWAY),
    "delete_view": Call("DELETE", "/views/{view}"),
    "restore_view": Call("POST", "/views/{gone_view}/restore"),
    "list_bulk_acts": Call("GET", "/bulk/acts", query={"object": "customer"}),
    "start_bulk": Call(
        "POST", "/bulk", {"object": "customer", "act": "assign", "rows": ["{customer}"], "answers": {"owner": "{bob}"}}
    ),
    "get_bulk": Call("GET", "/bulk/{run}"),
    "cancel_bulk": Call("POST", "/bulk/{run}/cancel"),
    "list_changes": Call("GET", "/changes"),
    "undo_change": Call("POST", "/changes/{change}/undo"),
    "list_trash": Call("GET", "/trash", query={"kind": "customer"}),
    "restore_from_trash": Call("POST", "/trash/customer/{trashed}/restore"),
    "purge_from_trash": Call("DELETE", "/trash/comment/{gone_comment}"),
}
WITH_RECORD = [name for name, call in CALLS.items() if call.names_a_record]
WRITING = [name for name, call in CALLS.items() if call.method != "GET"]
WITH_BODY = [name for name, call in CALLS.items() if call.body is not None and not call.is_form]
RIGHT_OF = {
    operation.view_func.__name__: getattr(operation.auth_callbacks[0], "right", None)
    for _path, operation in operations()
}
# they ask for the right of what they are about, act by act
BY_THEIR_OBJECT = {
    "list_views", "list_bulk_acts", "start_bulk", "get_bulk", "cancel_bulk", "list_changes", "undo_change", "list_trash",
    "restore_from_trash", "purge_from_trash", "create_view", "get_view", "update_view", "delete_view", "restore_view",
}  # fmt: skip
FOR_ALL_STAFF = {"who_am_i", "list_staff"}
# what they write is the reader's own affair
FOR_READERS = {
    "read_notifications", "read_all_notifications", "snooze_notifications", "snooze_task", "follow_record", "create_view",
}  # fmt: skip
# one's own customers are what an act treats; those of others are left out, as if they were not there
LEAVES_OUT = {"start_bulk"}
# everybody who sees products sees all of them; so it is with segments, whose members are seen by who sees the customers
FOR_WHO_REACHES_ALL = {"upsert_customers"}
OF_ALL = {"get_product", "update_product", "get_segment", "update_segment", "delete_segment"}


@pytest.fixture
def ids(world):
    from rapport.customers.models import Customer, Profile
    from rapport.identity.choosing import parts_of
    from rapport.identity.queries import homes_of

    extra = world.extra
    merged = Customer.objects.get(pk=Profile.objects.get(pk=extra["link"].one_id).customer_id)
    homes = homes_of(merged.pk, list(Profile.objects.filter(customer=merged).select_related("source")))
    gone = make_comment("Said twice", by=world.people["bob"], on=world.customer)
    delete_comment(gone, by=world.people["bob"], now=utc_now())
    named = {
        "customer": world.customer, "neighbor": extra["relationship"].to_customer, "task": extra["task"],
        "comment": extra["comment"], "file": extra["attachment"], "point": extra["contact_point"],
        "tie": extra["relationship"], "order": world.order, "product": world.product, "merged": merged,
        "link": extra["link"], "run": extra["bulk"], "change": extra["command"], "trashed": extra["trashed"],
        "bob": world.people["bob"], "hook": extra["webhook"], "told": extra["told"],
        "segment": extra["segment"], "share": extra["share"], "view": extra["view"], "ada": world.people["ada"],
        "gone_view": extra["trashed_view"], "gone_comment": gone,
    }  # fmt: skip
    found = {name: str(each.public_id) for name, each in named.items()}
    return found | {"way": extra["way"], "part": parts_of(homes)[-1].key}


@pytest.fixture
def bobs(world):
    """Bob's program may all that there is for one who does not see everybody's records."""
    with acting(SYSTEM):
        Role.objects.filter(pk=world.people["bob"].role_id).update(
            rights=sorted(
                {
                    *world.people["bob"].role.rights,
                    PURGE.name,
                    *(right.name for right in RIGHT_OF.values() if right),
                }
            )
        )
    world.people["bob"].role.refresh_from_db()
    return Program(world.people["bob"])


def _nowhere(ids):
    """Ids of nothing in the place of records; Bob himself stays who he is."""
    return dict.fromkeys(ids, MISSING) | {"bob": ids["bob"]}


def test_every_operation_is_called_here_and_asks_for_a_right():
    assert {operation.view_func.__name__ for _path, operation in operations()} == set(CALLS)
    assert {name for name, right in RIGHT_OF.items() if right is None} == FOR_ALL_STAFF | BY_THEIR_OBJECT


def test_what_is_accepted_is_accepted(world, bobs, ids):
    adas = Program(world.people["ada"])
    answers = {name: call.tried_by(adas if name in FOR_WHO_REACHES_ALL else bobs, ids) for name, call in CALLS.items()}

    assert {n: a.getvalue() for n, a in answers.items() if a.status_code not in (200, 201)} == {}


def test_the_record_of_another_team_is_one_that_does_not_exist(world, ids):
    program = Program(world.people["charlie"])
    before = fingerprint()

    for name in sorted({*WITH_RECORD} - LEAVES_OUT - OF_ALL):
        there, nowhere = CALLS[name].by(program, ids), CALLS[name].by(program, _nowhere(ids))
        assert seen(there, *ids.values(), MISSING) == seen(nowhere, *ids.values(), MISSING), name
        assert (there.status_code, there["Content-Type"]) == (404, "application/problem+json"), name

    assert fingerprint() == before


def test_an_act_on_many_rows_treats_none_of_another_team(world, ids):
    program = Program(world.people["charlie"])
    ids["bob"] = str(world.people["charlie"].public_id)
    before = fingerprint()

    there, nowhere = (CALLS["start_bulk"].by(program, each) for each in (ids, _nowhere(ids)))

    assert there.status_code == nowhere.status_code == 409
    assert there.json()["detail"] == nowhere.json()["detail"]
    assert fingerprint() == before


def test_a_gate_left_out_is_noticed(world, ids, monkeypatch):
    from rapport.accounts.access import VisibleQuerySet

    monkeypatch.setattr(VisibleQuerySet, "visible_to", lambda records, user: records)

    assert CALLS["get_customer"].by(Program(world.people["charlie"]), ids).status_code == 200


def test_an_id_in_a_body_that_passes_no_gate_is_noticed(world, ids, monkeypatch):
    from rapport.accounts.access import VisibleQuerySet

    program, call = Program(world.people["charlie"]), CALLS["create_task"]
    monkeypatch.setattr(VisibleQuerySet, "visible_to", lambda records, user: records)

    there, nowhere = call.by(program, ids), call.by(program, dict.fromkeys(ids, MISSING))

    assert seen(there, *ids.values(), MISSING) != seen(nowhere, *ids.values(), MISSING)


def test_no_list_tells_of_the_records_of_another_team(world):
    program = Program(world.people["charlie"])

    for path in ("/customers", "/tasks", "/orders"):
        assert program.get(path, {"limit": "200"}).json() == {"items": [], "next": None}
    for path in ("/customers/count", "/orders/count"):
        assert program.get(path).json()["count"] == 0
    for query in ({"q": "Northern"}, {"filter": "name.contains:northern"}, {"filter": "email.starts_with:bob"}):
        assert program.get("/customers", query).json()["items"] == []
    for path in ("/doubts", "/views?object=customer", "/changes", "/trash?kind=customer", "/notifications"):
        assert "Northern" not in program.get(path).content.decode()


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
        for each in (ids, _nowhere(ids)):
            answer = Client().generic(
                call.method, API + _with(call.path, each), json.dumps(_with(call.body, each)),
                content_type="application/json", headers={"Authorization": header.format(bobs.text, bobs.text)},
            )  # fmt: skip
            answers.add((answer.status_code, answer.content))

    assert len(answers) == 1
    assert answers.pop()[0] == 401
    assert fingerprint() == before


def test_what_was_not_lent_to_the_token_is_refused(world, bobs, ids):
    every = {right.name for right in RIGHT_OF.values() if right is not None}
    programs = {right: Program(world.people["bob"], *every - {right}) for right in every}
    before = fingerprint()

    for name, right in RIGHT_OF.items():
        if right is not None:
            there, nowhere = (CALLS[name].by(programs[right.name], each) for each in (ids, _nowhere(ids)))
            assert there.status_code == 403, name
            assert seen(there) == seen(nowhere), name

    assert fingerprint() == before


def test_without_any_right_nothing_is_told_of_what_others_may(world, ids):
    program, before = Program(world.people["bob"], "work.view"), fingerprint()

    for name in sorted(BY_THEIR_OBJECT - {"list_changes", "get_bulk", "cancel_bulk", "list_bulk_acts"}):
        assert CALLS[name].by(program, ids).status_code in (403, 404), name
    assert CALLS["list_bulk_acts"].by(program, ids).json() == []
    assert [each["action"] for each in CALLS["list_changes"].by(program, ids).json()["items"]] == []
    assert fingerprint() == before


def test_a_token_never_may_more_than_its_owner(world, ids):
    rights = [right.name for right in RIGHT_OF.values() if right is not None]
    program, before = Program(world.people["rita"], *rights), fingerprint()

    for name in sorted({*WRITING} - FOR_READERS):
        refused = (403, 404) if name in BY_THEIR_OBJECT else (403,)
        assert CALLS[name].by(program, ids).status_code in refused, name

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


def test_no_operation_tells_what_is_hidden(half_blind, ids):
    for name, call in CALLS.items():
        text = call.tried_by(half_blind, ids).getvalue().decode().replace("new@example.com", "")
        assert [said for said in ("secret.example", "7946 0000", "460000", "Hushed", "1990") if said in text] == [], (
            name
        )


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


def test_a_body_takes_only_what_it_declares(world, bobs, ids):
    bodies = {
        operation["operationId"]: document()["components"]["schemas"][_schema_of(operation)]["properties"]
        for methods in document()["paths"].values()
        for operation in methods.values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    adas = Program(world.people["ada"])
    before = fingerprint()

    for name in WITH_BODY:
        call, strange = CALLS[name], columns() - set(bodies[name])
        body = _with(call.body, ids) | dict.fromkeys(strange, 1)
        answer = (adas if name in FOR_WHO_REACHES_ALL else bobs).ask(
            call.method, _with(call.path, ids), body, **call.headers
        )
        assert answer.status_code == 422, name
        assert strange <= {each["name"].rpartition(".")[2] for each in answer.json()["errors"]}, name

    assert fingerprint() == before


def _schema_of(operation):
    return operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]


@pytest.mark.parametrize("name", ["create_customer", "update_customer", "update_order", "update_product"])
def test_values_take_only_fields_that_are_writable(name, world, bobs, ids):
    call, before = CALLS[name], fingerprint()
    fields = "/".join(call.path.split("/")[:2]) + "/fields"
    writable = {each["name"] for each in bobs.get(fields).json() if each["is_writable"]}
    strange = (columns() | {"owner", "owner_name", "created", "csrfmiddlewaretoken"}) - writable - {"preferred_channel"}

    body = {"values": call.body["values"] | dict.fromkeys(strange, "1")}
    answer = bobs.ask(call.method, _with(call.path, ids), body, **call.headers)

    assert answer.status_code == 422
    assert {f"values.{column[:60]}" for column in strange} == {each["name"] for each in answer.json()["errors"]}
    assert fingerprint() == before


@pytest.mark.parametrize("path", ["/customers", "/tasks"])
def test_nothing_that_is_asked_for_breaks_a_list_or_becomes_sql(path, bobs, statements):
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


def test_no_body_breaks_an_operation(bobs, ids):
    bodies = [
        b"",
        b"{",
        b"[" * 100_000,
        b"null",
        b"[]",
        b"1e999",
        b'{"values": null}',
        b"\xff\xfe",
        b'{"values": {"name": NaN}}',
    ]
    evils = (*EVIL, "\ud800", [], {}, 10**400, -1, None, True)

    for place, name in enumerate(WITH_BODY):
        call = CALLS[name]
        some = evils if name in ("create_customer", "update_customer") else (*evils[place % 9 :: 9], "\x00")
        sent = bodies[place % 3 :: 3] + [json.dumps(_evil(_with(call.body, ids), evil)).encode() for evil in some]
        for body in sent:
            with transaction.atomic():
                answer = bobs.ask(call.method, _with(call.path, ids), body, **call.headers)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (name, body[:200])
            assert answer.status_code < 300 or answer["Content-Type"] == "application/problem+json", name


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
