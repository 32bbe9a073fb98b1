"""Webhooks by the API: an endpoint from its making to a message that is sent again."""

from __future__ import annotations

import json
from datetime import timedelta

from standardwebhooks.webhooks import Webhook

from rapport.accounts.tests.programs import Program
from rapport.core.clock import utc_now
from rapport.webhooks.delivering import Outcome, send_next
from rapport.webhooks.models import Endpoint
from rapport.webhooks.tests.receivers import HERE, Receiver, receiving
from rapport.webhooks.tests.world import make_endpoint


def test_a_program_makes_an_endpoint_hears_of_what_it_does_and_has_it_sent_again(ada, monkeypatch):
    monkeypatch.setenv("RAPPORT_WEBHOOK_NETWORKS", "127.0.0.1/32")
    program = Program(ada)
    with receiving() as receiver:
        made = program.post("/webhooks", {"url": receiver.url, "types": ["customer.added"], "description": "Shop"})
        assert (made.status_code, made["ETag"]) == (201, '"1"')
        hook, secret = made.json()["id"], made.json()["secret"]
        customer = program.post("/customers", {"values": {"name": "Ana Souza"}}).json()
        endpoint = Endpoint.objects.get()

        assert send_next(endpoint.pk, now=utc_now(), own=HERE, chance=lambda: 0.0) is Outcome.DELIVERED
        (came,) = receiver.came
        assert Webhook(secret).verify(came.body, came.headers)["data"] == {"ids": [customer["id"]]}
        (message,) = program.get(f"/webhooks/{hook}/messages").json()["items"]
        assert (message["state"], message["webhook_id"]) == ("delivered", came.headers["webhook-id"])
        assert message["event"] == json.loads(came.body)
        again = program.post(f"/webhooks/{hook}/messages/{message['id']}/replay").json()
        assert again["state"] == "waiting"
        since = (utc_now() - timedelta(hours=1)).isoformat()
        assert send_next(endpoint.pk, now=utc_now(), own=HERE, chance=lambda: 0.0) is Outcome.DELIVERED
        assert program.post(f"/webhooks/{hook}/replay", {"since": since}).json() == {"count": 1}

    assert receiver.ids() == [message["webhook_id"]] * 2
    told = program.get(f"/webhooks/{hook}/messages/{message['id']}").json()
    assert [(each["number"], each["status"]) for each in told["attempts"]] == [(2, 200), (1, 200)]
    assert "secret" not in program.get(f"/webhooks/{hook}").json()


def test_an_endpoint_is_changed_and_what_does_not_fit_is_refused(ada):
    program = Program(ada)
    endpoint, _secret = make_endpoint(ada, "task.done")
    path = f"/webhooks/{endpoint.public_id}"

    assert program.patch(path, {"description": "x"}).status_code == 428
    changed = program.patch(path, {"types": ["person.erased"]}, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["types"], changed["ETag"]) == (200, ["person.erased"], '"2"')
    assert program.patch(path, {"description": "x"}, **{"If-Match": '"1"'}).status_code == 412
    for body, name in (
        ({"types": ["customer.odd"]}, "body.types"),
        ({"url": "https://10.0.0.1/"}, "body.url"),
        ({"url": "http://example.com/"}, "body.url"),
        ({"description": "a\0b"}, "body.description"),
    ):
        refused = program.patch(path, body, **{"If-Match": "*"})
        assert (refused.status_code, refused.json()["errors"][0]["name"]) == (422, name)
    assert program.post(f"{path}/pause").json()["state"] == "paused"
    assert program.post(f"{path}/test").status_code == 409
    assert program.post(f"{path}/resume").json()["state"] == "active"
    assert program.post(f"{path}/test").json()["event"]["type"] == "app.rapport.ping.v1"
    assert program.get(f"{path}/messages", {"after": "odd"}).status_code == 400
    assert program.get(f"{path}/messages", {"limit": "1"}).json()["next"] is None
    assert program.post(f"{path}/secret").json()["secret"].startswith("whsec_")
    assert program.ask("DELETE", path).status_code == 200
    assert program.get(path).status_code == 404
    names = {each["name"] for each in program.get("/webhooks/event-types").json()}
    assert {"customer.merged", "order.placed", "segment.entered"} <= names


def test_without_the_right_a_token_reaches_no_endpoint(alice):
    endpoint, _secret = make_endpoint(alice)
    program = Program(alice, "customers.view")

    assert program.get(f"/webhooks/{endpoint.public_id}").status_code == 403


def test_a_token_has_nothing_told_for_which_it_lacks_the_right(ada):
    program = Program(ada, "webhooks.manage", "work.view")
    body = {"url": "https://hooks.example.com/", "types": ["customer.added"]}

    assert {each["name"].partition(".")[0] for each in program.get("/webhooks/event-types").json()} == {
        "task",
        "comment",
    }
    assert program.post("/webhooks", body).status_code == 422
    assert program.post("/webhooks", body | {"types": ["task.done"]}).status_code == 201


def test_a_receiver_that_fails_is_seen_in_the_attempts(ada):
    with receiving(Receiver(status=500)) as receiver:
        endpoint, _secret = make_endpoint(ada, url=receiver.url)
        program = Program(ada)
        sent = program.post(f"/webhooks/{endpoint.public_id}/test").json()
        send_next(endpoint.pk, now=utc_now(), own=HERE, chance=lambda: 0.0)

    told = program.get(f"/webhooks/{endpoint.public_id}/messages/{sent['id']}").json()
    assert (told["state"], told["attempts"][0]["problem"], told["try_count"]) == ("waiting", "status", 1)
