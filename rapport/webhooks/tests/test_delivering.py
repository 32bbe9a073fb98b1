"""R12, R13: whatever the other side does, each message comes through with the same id, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from rapport.accounts.models import User
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.core.events import publish
from rapport.customers.events import CustomerCreated
from rapport.customers.tests.world import make_customer
from rapport.webhooks import actions, jobs
from rapport.webhooks.delivering import SCHEDULE, Outcome, alone_with, endpoints_waiting, send_next
from rapport.webhooks.models import Attempt, Endpoint, EndpointState, Message, MessageState, Problem, Secret, Why
from rapport.webhooks.retention import RETAINED
from rapport.webhooks.tests.receivers import HERE, Receiver, certificate, drip_headers, listening, receiving
from rapport.webhooks.tests.world import make_endpoint
from rapport.webhooks.tidying import tidy
from rapport.webhooks.waking import SEND_TASK
from rapport.work.models import Notification, Task

HOURS = [hours * 3600 for hours in (2, 5, 10, 14, 20, 24)]


def happen() -> None:
    with acting(SYSTEM):
        publish(CustomerCreated(make_customer(external_id=str(Message.objects.count())).pk))


def send(endpoint: Endpoint, *, now: datetime | None = None, **how: Any) -> Outcome:
    return send_next(endpoint.pk, now=now or utc_now(), **{"own": HERE, "chance": lambda: 0.0, "timeout": 3.0} | how)


def send_until_over(endpoint: Endpoint, **how: Any) -> list[timedelta]:
    """Let the clock run to each attempt; returns the pauses before them."""
    pauses, at = [], utc_now()
    while (message := Message.objects.get(endpoint=endpoint)).next_try_at is not None:
        pauses.append(max(message.next_try_at - at, timedelta()))
        at = max(message.next_try_at, at)
        if send(endpoint, now=at, **how) is not Outcome.FAILED:
            break
    return pauses


def state_of(endpoint: Endpoint) -> tuple[str, str]:
    endpoint.refresh_from_db()
    return endpoint.state, endpoint.why


def test_a_message_arrives_signed_and_is_not_sent_again(ada):
    with receiving() as receiver:
        endpoint, secret = make_endpoint(ada, url=receiver.url)
        happen()

        assert send(endpoint) is Outcome.DELIVERED
        assert send(endpoint) is Outcome.NOTHING

    (came,) = receiver.came
    event = Webhook(secret).verify(came.body, came.headers)
    assert event["type"] == "app.rapport.customer.added.v1"
    assert came.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(came.body.replace(b"added", b"admed"), came.headers)
    message = Message.objects.get()
    assert (message.state, message.next_try_at, came.headers["webhook-id"]) == ("delivered", None, message.webhook_id)
    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.status, attempt.problem) == (1, 200, "")


def test_for_a_day_the_old_secret_counts_beside_the_new_one(ada):
    now = utc_now()
    with receiving() as receiver:
        endpoint, old = make_endpoint(ada, url=receiver.url)
        new = actions.rotate_secret(endpoint, by=ada, now=now - timedelta(hours=23))
        happen()
        send(endpoint)
        Secret.objects.exclude(ends_at=None).update(ends_at=now)
        happen()
        send(endpoint, now=utc_now())

    during, after = receiver.came
    assert Webhook(old).verify(during.body, during.headers) == Webhook(new).verify(during.body, during.headers)
    assert Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, after.headers)
    assert all(secret not in str(Secret.objects.values()) for secret in (old, new))


def test_what_fails_is_tried_by_the_schedule_of_the_specification_and_then_the_owner_is_told(ada):
    with receiving(Receiver(status=500)) as receiver:
        endpoint, _secret = make_endpoint(ada, "customer.added", url=receiver.url, description="Shop")
        happen()

        pauses = send_until_over(endpoint)

    seconds = [round(each.total_seconds()) for each in pauses]
    assert seconds == [0, 5, 300, 1800, *HOURS] == [round(each.total_seconds()) for each in SCHEDULE]
    assert sum(seconds) == 272_105  # 75.6 hours
    assert len(receiver.came) == 10
    assert len(set(receiver.ids())) == 1
    assert len({each.body for each in receiver.came}) == 1
    message = Message.objects.filter(endpoint=endpoint).earliest("pk")
    assert (message.state, message.try_count) == (MessageState.FAILED, 10)
    assert state_of(endpoint) == (EndpointState.DISABLED, Why.EXHAUSTED)
    task = Task.objects.get()
    assert (task.title, task.assignee) == ("The webhook “Shop” is switched off", ada)
    assert Notification.objects.get().recipient == ada


def test_pauses_are_spread_so_that_what_failed_together_does_not_come_together(ada):
    with receiving(Receiver(status=500)) as receiver:
        endpoint, _secret = make_endpoint(ada, "customer.added", url=receiver.url)
        happen()
        pauses = send_until_over(endpoint, chance=lambda: 1.0)

    assert [round(each.total_seconds()) for each in pauses][:4] == [0, 6, 330, 1980]


BAD = {
    "down": (None, Problem.CONNECTION),
    "silent": (Receiver(answer=lambda _handler, over: over.wait()), Problem.TIMEOUT),
    "slow loris": (Receiver(answer=drip_headers), Problem.TIMEOUT),
    "redirect": (Receiver(status=302, headers={"Location": "http://127.0.0.1:1/"}), Problem.REDIRECT),
    "refusing": (Receiver(status=404), Problem.STATUS),
    "without a certificate": ("tls", Problem.TLS),
}


@pytest.mark.parametrize("kind", BAD)
def test_whatever_goes_wrong_the_message_comes_again_under_its_id_until_it_is_accepted(kind, ada, tmp_path):
    how, problem = BAD[kind]
    tls = certificate(tmp_path) if how == "tls" else None
    endpoint, secret = make_endpoint(ada, "customer.added")
    happen()
    happen()
    if how is None:
        with listening() as (port, _came):
            url = f"http://127.0.0.1:{port}/"
        outcome = _send_to(endpoint, url)
    else:
        with receiving(Receiver(**vars(how)) if isinstance(how, Receiver) else None, tls=tls) as receiver:
            outcome = _send_to(endpoint, receiver.url, timeout=0.3 if problem == Problem.TIMEOUT else 3.0)
    assert outcome is Outcome.FAILED
    attempt = Attempt.objects.get()
    assert attempt.problem == problem
    assert state_of(endpoint)[0] == EndpointState.ACTIVE

    with receiving() as receiver:  # what waits behind it does not wait for it
        later = utc_now() + timedelta(seconds=6)
        assert [_send_to(endpoint, receiver.url, now=later) for _each in range(3)] == [
            Outcome.DELIVERED, Outcome.DELIVERED, Outcome.NOTHING,
        ]  # fmt: skip

    assert set(receiver.ids()) == {each.webhook_id for each in Message.objects.all()}
    assert all(Webhook(secret).verify(each.body, each.headers) for each in receiver.came if _is_fresh(each))
    assert not Message.objects.exclude(state=MessageState.DELIVERED).exists()


def _send_to(endpoint: Endpoint, url: str, **how: Any) -> Outcome:
    with acting(SYSTEM):
        Endpoint.objects.filter(pk=endpoint.pk).update(url=url)
    return send(endpoint, **how)


def _is_fresh(came: Any) -> bool:
    return abs(int(came.headers["webhook-timestamp"]) - utc_now().timestamp()) < 200


def test_one_that_is_gone_for_good_is_switched_off_at_once(ada):
    with receiving(Receiver(status=410)) as receiver:
        endpoint, _secret = make_endpoint(ada, "customer.added", url=receiver.url)
        happen()
        assert send(endpoint) is Outcome.FAILED
        happen()
        assert send(endpoint) is Outcome.NOTHING

    assert len(receiver.came) == 1
    assert state_of(endpoint) == (EndpointState.DISABLED, Why.GONE)
    assert Task.objects.filter(assignee=ada).count() == 1
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "waiting"]


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_patience_is_left_alone_for_so_long(status, ada):
    now = utc_now()
    with receiving(Receiver(status=status, headers={"Retry-After": "120"})) as receiver:
        endpoint, _secret = make_endpoint(ada, "customer.added", url=receiver.url)
        happen()
        happen()
        now = utc_now()
        assert send(endpoint, now=now) is Outcome.FAILED
        receiver.status, receiver.headers = 200, {}

        assert send(endpoint, now=now + timedelta(seconds=119)) is Outcome.NOTHING
        assert endpoints_waiting(now=now + timedelta(seconds=119)) == []
        assert endpoints_waiting(now=now + timedelta(seconds=121)) == [endpoint.pk]
        assert send(endpoint, now=now + timedelta(seconds=121)) is Outcome.DELIVERED
        assert send(endpoint, now=now + timedelta(seconds=121)) is Outcome.DELIVERED


def test_what_was_accepted_and_not_noted_comes_again_under_the_same_id(ada):
    with receiving() as receiver:
        endpoint, _secret = make_endpoint(ada, url=receiver.url)
        happen()
        with transaction.atomic():  # killed after the answer and before the commit
            send(endpoint)
            transaction.set_rollback(True)
        send(endpoint)

    one, other = receiver.ids()
    assert one == other
    assert Message.objects.get().try_count == Attempt.objects.count() == 1


def test_an_attempt_that_another_process_made_meanwhile_is_kept_once(ada):
    def another(handler: Any, _over: Any) -> None:
        handler.send_response(200)
        handler.end_headers()

    with receiving(Receiver(answer=another)) as receiver:
        endpoint, _secret = make_endpoint(ada, url=receiver.url)
        happen()
        message = Message.objects.get()

        def look_up_late(host: str, port: int, **_: Any) -> Any:
            Message.objects.update(try_count=1, round_count=1)
            return [(2, 1, 6, "", ("127.0.0.1", port))]

        send(endpoint, look_up=look_up_late)

    message.refresh_from_db()
    assert (message.state, message.try_count, Attempt.objects.count()) == (MessageState.WAITING, 1, 0)


def test_everything_can_be_sent_again_one_message_or_all_since_a_time(ada):
    now = utc_now()
    with receiving(Receiver(status=410)) as receiver:
        endpoint, _secret = make_endpoint(ada, "customer.added", url=receiver.url)
        happen()
        happen()
        send(endpoint)
        receiver.status = 200

        assert actions.resume_endpoint(endpoint, by=ada)
        lost = Message.objects.get(state=MessageState.FAILED)
        assert actions.replay_message(lost, now=now)
        assert not actions.replay_message(lost, now=now)
        while send(endpoint) is not Outcome.NOTHING:
            pass
        first = list(receiver.ids())
        assert actions.replay_since(endpoint, now - timedelta(days=1), now=now) == 2
        while send(endpoint) is not Outcome.NOTHING:
            pass

    assert sorted(receiver.ids()[len(first) :]) == sorted(set(first))
    assert actions.replay_since(endpoint, utc_now() + timedelta(days=1), now=now) == 0
    assert sorted(Message.objects.values_list("try_count", flat=True)) == [2, 3]


def test_nothing_is_lost_while_an_endpoint_is_paused(ada):
    with receiving() as receiver:
        endpoint, _secret = make_endpoint(ada, "customer.added", url=receiver.url)
        assert actions.pause_endpoint(endpoint, by=ada)
        happen()
        assert send(endpoint) is Outcome.NOTHING
        with pytest.raises(actions.NotActive):
            actions.ping(Endpoint.objects.get())
        actions.resume_endpoint(endpoint, by=ada)
        assert send(endpoint) is Outcome.DELIVERED
        actions.ping(Endpoint.objects.get())
        assert send(endpoint) is Outcome.DELIVERED

    assert json.loads(receiver.came[1].body)["type"] == "app.rapport.ping.v1"


def test_the_endpoint_of_somebody_who_may_no_longer_is_switched_off(alice):
    with receiving() as receiver:
        endpoint, _secret = make_endpoint(alice, url=receiver.url)
        with acting(SYSTEM):
            publish(CustomerCreated(make_customer(owner=alice).pk))
            User.objects.filter(pk=alice.pk).update(is_active=False)
        assert Message.objects.count() == 1

        assert send(endpoint) is Outcome.NOTHING

    assert receiver.came == []
    assert state_of(endpoint) == (EndpointState.DISABLED, Why.OWNER)


def test_a_network_that_was_open_when_the_endpoint_was_made_is_looked_at_again(ada):
    with receiving() as receiver:
        endpoint, _secret = make_endpoint(ada, url=receiver.url)
        happen()
        assert send(endpoint, own=()) is Outcome.FAILED

    assert (Attempt.objects.get().problem, receiver.came) == (Problem.ADDRESS, [])


def test_what_is_old_goes_by_itself_and_with_it_what_was_deleted(ada):
    endpoint, _secret = make_endpoint(ada)
    happen()
    (rule,) = RETAINED
    later = utc_now() + timedelta(days=31)
    actions.delete_endpoint(endpoint, by=ada)
    assert not Secret.objects.exists()
    tidy(now=later)
    assert Endpoint.objects.count() == 1

    assert rule.count(later - timedelta(days=30)) == rule.remove(later - timedelta(days=30)) == 1
    tidy(now=later)

    assert not Endpoint.objects.exists()
    assert rule.remove(later) == 0


@pytest.mark.django_db(transaction=True)
def test_who_answers_slowly_holds_up_nobody_else(ada, monkeypatch):
    monkeypatch.setenv("RAPPORT_WEBHOOK_NETWORKS", "127.0.0.1/32")
    worker = asyncio.new_event_loop()
    threading.Thread(target=worker.run_forever, daemon=True).start()
    with receiving(Receiver(answer=lambda _handler, over: over.wait())) as slow, receiving() as quick:
        dead, _secret = make_endpoint(ada, "customer.added", url=slow.url)
        alive, _secret = make_endpoint(ada, "customer.added", url=quick.url)
        happen()
        _send_in(worker)
        assert slow.arrived.wait(10)
        assert quick.arrived.wait(10)
        quick.arrived.clear()
        with alone_with(dead.pk) as is_alone:
            assert not is_alone  # it is still being waited for
        happen()
        _until(lambda: alive.pk in endpoints_waiting(now=utc_now()) and alive.pk not in jobs._lanes._busy)
        _send_in(worker)
        assert quick.arrived.wait(10)
        assert len(slow.came) == 1
    _until(lambda: not jobs._lanes._busy)  # a lane that ends writes to the queue through this loop
    worker.call_soon_threadsafe(worker.stop)


@pytest.mark.django_db(transaction=True)
def test_a_lane_of_the_real_worker_writes_to_the_queue_and_ends(ada, monkeypatch):
    monkeypatch.setenv("RAPPORT_WEBHOOK_NETWORKS", "127.0.0.1/32")

    async def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as ready:
            async with ready.open_async():
                await jobs.send(0)
                async with asyncio.timeout(20):
                    while jobs._lanes._busy:
                        await asyncio.wait(jobs._lanes._busy.values())

    with receiving() as receiver, receiving(Receiver(status=410)) as gone:
        make_endpoint(ada, "customer.added", url=receiver.url)
        endpoint, _secret = make_endpoint(ada, "customer.added", "task.added", url=gone.url)
        happen()
        asyncio.run(work())

    assert (len(receiver.came), state_of(endpoint)) == (1, (EndpointState.DISABLED, Why.GONE))
    assert Message.objects.filter(endpoint=endpoint, type="task.added", state=MessageState.WAITING).count() == 1
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = %s", [SEND_TASK])
        assert cursor.fetchone()[0] == 1


def _send_in(worker: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(jobs.send(0), worker).result(10)


def _until(holds: Any) -> None:
    for _each in range(500):
        if holds():
            return
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(0.02)")
    raise AssertionError("It never came to hold.")
