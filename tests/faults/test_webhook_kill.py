"""A worker killed while it sends webhooks: each is delivered at least once, under one id, and none is lost."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any

import pytest
from standardwebhooks import Webhook

from rapport.webhooks.tests.receivers import Receiver, receiving
from tests.faults.house import ADA, House, wait_for

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("lasting-faults")]

CUSTOMERS = 40
MAKE_ENDPOINTS = """
import json
from rapport.webhooks.actions import make_endpoint
urls = URLS
print(json.dumps([make_endpoint(url, types=["customer.added"], by=ada, now=utc_now())[1] for url in urls]))
"""
ADD_CUSTOMERS = f"""
from rapport.accounts.models import User
from rapport.core.clock import utc_now
from rapport.customers.actions import create_customer
for number in range({CUSTOMERS}):
    create_customer({{"name": f"Customer {{number}}"}}, by=User.objects.get(), now=utc_now())
"""


class Held:
    """Answers each message but one: that one only when it is let go, so that a kill falls between arrival and answer."""

    def __init__(self, at: int) -> None:
        self.at, self.came = at, 0
        self.is_here, self.let_go = threading.Event(), threading.Event()
        self._one = threading.Lock()

    def __call__(self, handler: Any, _over: threading.Event) -> None:
        with self._one:
            self.came += 1
            is_held = self.came == self.at
        if is_held:
            self.is_here.set()
            self.let_go.wait(60)
        handler.send_response(204)
        handler.end_headers()


def sent(house: House) -> list[tuple[str, int]]:
    """What there is to send and what became of it."""
    with house.database() as database:
        return database.execute("select state, count(*) from webhooks_message group by 1 order by 1").fetchall()


def test_a_worker_killed_while_it_sends_loses_nothing_and_sends_again_under_the_same_id(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_WEBHOOK_NETWORKS", "127.0.0.1/32")
    holds = (Held(at=7), Held(at=CUSTOMERS // 2))
    with receiving(Receiver(answer=holds[0])) as one, receiving(Receiver(answer=holds[1])) as other:
        receivers = (one, other)
        with house.cluster.in_use():
            endpoints = MAKE_ENDPOINTS.replace("URLS", repr([each.url for each in receivers]))
            secrets = json.loads(house.run(ADA + endpoints))
            house.run(ADD_CUSTOMERS)
        house.start()

        for hold in holds:
            wait_for(hold.is_here.is_set, within=120)
            for process in house.children("rapport.config.cli worker"):
                process.kill()
            hold.let_go.set()
        wait_for(lambda: sent(house) == [("delivered", 2 * CUSTOMERS)], within=180)

        with house.database() as database:
            rows = database.execute("select endpoint_id, event_id::text, part from webhooks_message").fetchall()
        assert len(rows) == 2 * CUSTOMERS
        for receiver, secret in zip(receivers, secrets, strict=True):
            times = Counter(receiver.ids())
            assert len(times) == CUSTOMERS
            assert max(times.values()) > 1  # what was under way when the worker fell came again, and little else
            assert sum(times.values()) <= CUSTOMERS + len(holds)
            bodies = {(each.headers["webhook-id"], each.body) for each in receiver.came}
            assert len(bodies) == CUSTOMERS
            for each in receiver.came:
                Webhook(secret).verify(each.body, each.headers)
            told = [one_id for each in bodies for one_id in json.loads(each[1])["data"]["ids"]]
            assert len(set(told)) == CUSTOMERS
