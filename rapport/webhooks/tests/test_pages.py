"""The pages of webhooks: they show, they save, they refuse, and are for those who have the right."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.urls import reverse

from rapport.audit.models import AuditEvent, AuditValue
from rapport.core.clock import utc_now
from rapport.webhooks.models import Attempt, Endpoint, Message, Secret
from rapport.webhooks.signing import unseal
from rapport.webhooks.tests.world import let_manage, make_endpoint
from tests.world import NOW

URL = "https://hooks.example.com/in"
FORM = {"url": URL, "description": "Shop", "types": ["customer.added", "task.done"]}


def tell(endpoint: Endpoint, count: int = 1, **values: Any) -> list[Message]:
    import uuid

    return [
        Message.objects.create(
            **{"endpoint": endpoint, "event_id": uuid.uuid4(), "type": "customer.added", "about": "customer"} | values
        )
        for _each in range(count)
    ]


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_an_endpoint_is_made_and_its_secret_is_shown_once(ada, as_user):
    client = as_user(ada)
    assert "No webhook yet" in text_of(client.get(reverse("webhooks")))
    assert client.get(reverse("webhook_new")).status_code == 200

    made = client.post(reverse("webhook_new"), FORM)

    endpoint = Endpoint.objects.get()
    assert (endpoint.url, endpoint.description, endpoint.owner) == (URL, "Shop", ada)
    assert endpoint.types == ["customer.added", "task.done"]
    (shown,) = set(re.findall(r"whsec_[\w+/=]{44}", text_of(made)))
    assert unseal(Secret.objects.get().sealed) == shown
    assert not any(shown in str(each.__dict__) for each in (*AuditEvent.objects.all(), *AuditValue.objects.all()))
    for path in (reverse("webhook", args=[endpoint.public_id]), reverse("webhooks")):
        page = text_of(client.get(path))
        assert "Shop" in page
        assert "whsec_" not in page


def test_what_cannot_be_an_address_or_an_event_is_refused_in_words(ada, as_user, monkeypatch):
    client = as_user(ada)

    for url, words in (
        ("http://hooks.example.com/", "has to begin with https://"),
        ("https://127.0.0.1/", "public addresses alone"),
        ("ftp://hooks.example.com/", "has to begin with https://"),
        ("nonsense", "has to begin with https://"),
        ("https://user:pass@example.com/", "no address that a message can be sent to"),
    ):
        answer = client.post(reverse("webhook_new"), FORM | {"url": url})
        assert (answer.status_code, words in text_of(answer)) == (422, True), url
    assert client.post(reverse("webhook_new"), FORM | {"types": ["everything"]}).status_code == 422
    assert client.post(reverse("webhook_new"), FORM | {"types": []}).status_code == 422
    assert not Endpoint.objects.exists()

    monkeypatch.setenv("RAPPORT_WEBHOOK_NETWORKS", "127.0.0.0/8")
    client.post(reverse("webhook_new"), FORM | {"url": "http://127.0.0.1:9000/"})
    assert Endpoint.objects.count() == 1


def test_an_endpoint_is_changed_paused_tested_and_deleted(ada, as_user):
    client, (endpoint, old) = as_user(ada), make_endpoint(ada)
    args = [endpoint.public_id]
    form = client.get(reverse("webhook_edit", args=args))
    assert 'name="version" value="1"' in text_of(form)

    saved = client.post(reverse("webhook_edit", args=args), FORM | {"version": 1})
    late = client.post(reverse("webhook_edit", args=args), FORM | {"version": 1, "description": "Late"})
    assert (saved.status_code, late.status_code) == (302, 422)
    assert "Somebody else has changed this" in text_of(late)
    new = client.post(reverse("webhook_rotate", args=args))
    assert old not in text_of(new)
    assert Secret.objects.count() == 2

    tested = client.post(reverse("webhook_ping", args=args), follow=True)
    assert "It was not tried yet." in text_of(tested)
    assert "app.rapport.ping.v1" in text_of(tested)
    assert "Nothing is sent" in text_of(client.post(reverse("webhook_switch", args=args), {"to": "off"}, follow=True))
    client.post(reverse("webhook_ping", args=args))
    assert Message.objects.count() == 1
    client.post(reverse("webhook_switch", args=args), {"to": "on"})
    assert Endpoint.objects.get().state == "active"
    assert client.get(reverse("webhook_delete", args=args)).status_code == 200
    client.post(reverse("webhook_delete", args=args))

    assert client.get(reverse("webhook", args=args)).status_code == 404
    assert Endpoint.objects.get().state == "deleted"
    reasons = set(AuditEvent.objects.filter(table_name="webhooks_endpoint").values_list("reason", flat=True))
    assert reasons >= {"webhook changed", "webhook paused", "webhook active", "webhook deleted"}


def test_the_log_is_read_page_by_page_and_narrowed(ada, as_user, django_assert_max_num_queries):
    client, (endpoint, _secret) = as_user(ada), make_endpoint(ada)
    (failed,) = tell(endpoint, type="task.done", state="failed", next_try_at=None, ended_at=NOW, try_count=10)
    answer = "<img src=x onerror=alert(1)>"
    Attempt.objects.create(
        message=failed, number=1, tried_at=NOW, took_ms=1234, status=500, problem="status", answer=answer
    )
    tell(endpoint, 60)
    path = reverse("webhook", args=[endpoint.public_id])

    with django_assert_max_num_queries(12):
        first = text_of(client.get(path))
    following = re.search(r'href="\?(after=[^"]+)"', first)
    second = text_of(client.get(f"{path}?{following[1]}"))
    narrowed = text_of(client.get(path, {"state": "failed", "type": "task.done"}))

    assert first.count('id="row:') == 50
    assert second.count('id="row:') == 11
    assert narrowed.count('id="row:') == 1
    assert "1,234 ms" in narrowed
    for wrong in ({"state": "odd"}, {"after": "odd"}, {"type": "\0"}):
        assert client.get(path, wrong).status_code == 400
    page = client.get(reverse("webhook_message", args=[endpoint.public_id, failed.public_id])).content.decode()
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert answer not in page


def test_one_message_and_all_since_a_time_are_sent_again_from_the_page(ada, as_user):
    client, (endpoint, _secret) = as_user(ada), make_endpoint(ada)
    ended = {"state": "delivered", "next_try_at": None, "ended_at": NOW}
    (old,) = tell(endpoint, happened_at=utc_now() - timedelta(days=9), **ended)
    tell(endpoint, 2, **ended)

    said = client.post(reverse("webhook_message_replay", args=[endpoint.public_id, old.public_id]), follow=True)
    assert "It is sent again." in text_of(said)
    since = (utc_now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    said = client.post(reverse("webhook_replay", args=[endpoint.public_id]), {"since": since}, follow=True)
    assert "2 messages are sent again." in text_of(said)
    wrong = client.post(reverse("webhook_replay", args=[endpoint.public_id]), {"since": "x"}, follow=True)
    assert "Say the day and the time" in text_of(wrong)

    assert set(Message.objects.values_list("state", flat=True)) == {"waiting"}
    other, _secret = make_endpoint(ada)
    assert client.get(reverse("webhook_message", args=[other.public_id, old.public_id])).status_code == 404


def test_an_endpoint_is_seen_by_its_owner_and_by_who_administers(ada, alice, charlie, rita, as_user):
    endpoint, _secret = make_endpoint(alice)
    path = reverse("webhook", args=[endpoint.public_id])

    assert as_user(rita).get(path).status_code == 403
    let_manage(rita)
    assert [as_user(who).get(path).status_code for who in (ada, alice, charlie, rita)] == [200, 200, 404, 404]
    assert "hooks.example.com" not in text_of(as_user(charlie).get(reverse("webhooks")))
