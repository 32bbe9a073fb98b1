"""Dashboards: tiles of what one may see, their order, sharing; and reports by mail, computed as whoever receives them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from email import message_from_bytes
from pathlib import Path
from shutil import rmtree
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from psycopg import sql

from rapport.accounts.models import Role
from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.customers.tests.world import make_customer
from rapport.insight import actions as insight
from rapport.insight import queries
from rapport.insight.dashboards.tiles import A_MAIL, A_PAGE, AT_A_GLANCE, Patience, moved, shown_tiles
from rapport.insight.models import Dashboard, ReportMail, Rhythm
from rapport.insight.queries import snapshot_folder
from rapport.insight.report_builder import actions
from rapport.insight.report_builder.mailing import is_due, send_reports
from rapport.insight.tests import shop
from rapport.records.lists.sql import run
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")
CITIES = {"of": ["customer"], "by": ["city"], "measure": ["count"]}
PART = {"HX-Request": "true"}
MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def cities(ada: Any) -> Any:
    report = actions.save_report(name="Cities", asked=CITIES, by=ada, now=NOW)
    actions.set_shared(report, True, by=ada)
    return report


def test_at_a_glance_shows_reports_of_ours_and_leads_to_rows(ada: Any, as_user: Any, business: Any) -> None:
    make_customer("Ana", owner=ada)

    page = with_tiles(as_user(ada), "/dashboards/")

    for words in ("Revenue by month", "New customers by month", "Tasks by state", "As a table", "What is this?"):
        assert words in page
    assert "/customers/?filter=created.between:" in page


def test_what_takes_longer_than_its_share_comes_by_itself_after_the_page(
    ada: Any, bob: Any, as_user: Any, cities: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_customer("Hers", owner=ada, city="Leeds")
    key = f"report:{cities.public_id}"
    dashboard = actions.save_dashboard(name="Mine", tiles=[key, "builtin:new", "builtin:tasks"], by=ada, now=NOW)
    here = f"/dashboards/{dashboard.public_id}/"
    share = "rapport.insight.dashboards.views.A_PAGE"
    monkeypatch.setattr(share, Patience(60, 60, another_time=True))
    assert "hx-get" not in dashboard_main(as_user(ada), here)
    monkeypatch.setattr(share, Patience(0.3, 0, another_time=True))

    page = dashboard_main(as_user(ada), here)

    assert re.findall('hx-get="([^"]*)"', page) == [
        f"/reports/{cities.public_id}/tile/", "/dashboards/tiles/new/", "/dashboards/tiles/tasks/",
    ]  # fmt: skip
    assert "Leeds" not in page
    assert f'href="/reports/{cities.public_id}/"' in page  # for who has no JavaScript
    assert "Leeds" in with_tiles(as_user(ada), here)
    assert as_user(ada).get(f"/reports/{cities.public_id}/tile/")["Location"] == f"/reports/{cities.public_id}/"
    actions.set_shared(cities, False, by=ada)
    assert as_user(bob).get(f"/reports/{cities.public_id}/tile/", headers=PART).status_code == 404
    assert as_user(ada).get("/dashboards/tiles/no-such/", headers=PART).status_code == 404


def test_a_mart_that_is_not_made_yet_keeps_no_page_waiting(ada: Any, as_user: Any, home: Path, business: Any) -> None:
    shop.make_order(shop.make_customer("Ana", owner=ada), datetime(2026, 3, 1, 12, tzinfo=UTC), 100)
    insight.refresh(settings=queries.report_settings(), now=NOW)
    here = "/dashboards/tiles/revenue/"
    assert here not in dashboard_main(as_user(ada), "/dashboards/")
    snapshot = queries.current_snapshot()
    assert snapshot is not None
    rmtree(snapshot_folder(snapshot) / "answers")

    assert f'hx-get="{here}"' in dashboard_main(as_user(ada), "/dashboards/")

    assert "Mar 2026" in as_user(ada).get(here, headers=PART).text
    assert here not in dashboard_main(as_user(ada), "/dashboards/")


def test_a_statement_that_takes_too_long_is_left_to_its_tile_and_a_mail_says_so(
    ada: Any, cities: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_customer("Hers", owner=ada, city="Leeds")
    monkeypatch.setattr(
        "rapport.insight.report_builder.tally.measured_fields", lambda question: run(sql.SQL("select pg_sleep(1)"), [])
    )
    key = f"report:{cities.public_id}"

    (later,) = shown_tiles([key], user=ada, at=NOW, patience=Patience(0.2, 10, another_time=True))
    (never,) = shown_tiles([key], user=ada, at=NOW, patience=Patience(0.2, 10))

    assert (later.shown, later.coming) == (None, f"/reports/{cities.public_id}/tile/")
    assert never.shown is not None
    assert "takes longer than" in never.shown.refused


def test_without_a_right_a_tile_is_not_there(bob: Any, as_user: Any, business: Any) -> None:
    with acting(SYSTEM):
        bob.role = Role.objects.create(name="Nothing", rights=[], scope="own")
        bob.save(update_fields=["role"])

    page = as_user(bob).get("/dashboards/")

    assert page.status_code == 200
    assert "Revenue by month" not in page.text
    assert shown_tiles(AT_A_GLANCE, user=bob, at=NOW, patience=A_MAIL) == []


def test_a_dashboard_is_made_arranged_shared_and_deleted(ada: Any, alice: Any, as_user: Any, cities: Any) -> None:
    client = as_user(ada)
    made = client.post("/dashboards/new/", {"name": "Mine"})
    dashboard = Dashboard.objects.get()
    here = f"/dashboards/{dashboard.public_id}/"
    assert made["Location"] == f"{here}change/"  # there is a report to put on it
    assert tuple(dashboard.tiles) == AT_A_GLANCE
    assert as_user(alice).get(here).status_code == 404

    key = f"report:{cities.public_id}"
    client.post(f"{here}change/", {"name": "Ours", "is_shared": "on", "tile": [key, "builtin:no-such", "report:x"]})
    client.post(f"{here}move/", {"tile": key, "way": "first"})
    answer = client.post(f"{here}move/", {"tile": "builtin:revenue", "way": "out"})

    dashboard.refresh_from_db()
    assert (dashboard.name, dashboard.is_shared) == ("Ours", True)
    assert dashboard.tiles == [key, *AT_A_GLANCE[1:]]
    assert answer["Location"] == here
    shown = as_user(alice).get(here).text
    assert "Cities" in shown
    assert "/move/" not in shown
    assert as_user(alice).post(f"{here}move/", {"tile": key, "way": "out"}).status_code == 404
    assert client.post(f"{here}move/", {"tile": key, "way": "sideways"}).status_code == 404
    client.post(f"{here}delete/")
    assert client.get(here).status_code == 404
    client.post(f"{here}restore/")
    assert client.get(here).status_code == 200
    assert client.post("/dashboards/new/", {"name": "ours"}).status_code == 422


def test_a_report_that_is_no_longer_shared_leaves_the_dashboards_of_others(ada: Any, alice: Any, cities: Any) -> None:
    key = f"report:{cities.public_id}"
    assert [tile.key for tile in shown_tiles([key], user=alice, at=NOW, patience=A_PAGE)] == [key]

    actions.set_shared(cities, False, by=ada)

    assert shown_tiles([key], user=alice, at=NOW, patience=A_PAGE) == []


@pytest.mark.parametrize(
    ("way", "order"),
    [("earlier", "bac"), ("later", "acb"), ("first", "bac"), ("out", "ac")],
)
def test_a_tile_moves(way: str, order: str) -> None:
    assert moved("abc", "b", way) == list(order)
    assert moved("abc", "z", way) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("rhythm", "mailed_on", "today", "due"),
    [
        ("daily", date(2026, 6, 1), date(2026, 6, 1), False), ("daily", date(2026, 6, 1), date(2026, 6, 2), True),
        ("weekly", date(2026, 6, 1), date(2026, 6, 7), False), ("weekly", date(2026, 6, 1), date(2026, 6, 8), True),
        ("weekly", date(2026, 6, 3), date(2026, 6, 9), True), ("monthly", date(2026, 5, 31), date(2026, 6, 1), True),
        ("monthly", date(2026, 6, 1), date(2026, 6, 30), False), ("never", None, date(2026, 6, 1), False),
        ("daily", None, date(2026, 6, 1), True),
    ],
)  # fmt: skip
def test_when_a_mail_is_due(rhythm: str, mailed_on: date | None, today: date, due: bool) -> None:
    assert is_due(rhythm, mailed_on=mailed_on, today=today) is due


def test_a_mail_says_what_its_receiver_may_see_and_comes_once(
    ada: Any, bob: Any, cities: Any, mailoutbox: Any, business: Any
) -> None:
    with acting(SYSTEM):
        bob.role = Role.objects.create(name="Own alone", rights=["customers.view"], scope="own")
        bob.save(update_fields=["role"])
    make_customer("His", owner=bob, city="York")
    make_customer("Hers", owner=ada, city="Leeds")
    for person in (ada, bob):
        actions.set_mail(cities, person, Rhythm.DAILY, by=ada, today=date(2026, 5, 31))

    assert send_reports(now=MONDAY.replace(hour=3)) == 0
    assert send_reports(now=MONDAY) == 2
    assert send_reports(now=MONDAY) == 0

    told = {mail.to[0]: mail.body for mail in mailoutbox}
    assert "York: 1" in told[bob.email]
    assert "Leeds" not in told[bob.email]
    assert "Leeds: 1" in told[ada.email]


def test_a_colleague_is_mailed_with_her_own_numbers_by_a_real_server_and_leaves_by_herself(
    ada: Any, bob: Any, as_user: Any, cities: Any, business: Any, settings: Any
) -> None:
    with acting(SYSTEM):
        bob.role = Role.objects.create(name="Own alone", rights=["customers.view"], scope="own")
        bob.save(update_fields=["role"])
    make_customer("His", owner=bob, city="York")
    make_customer("Hers", owner=ada, city="Leeds")
    here = f"/reports/{cities.public_id}/"

    told = as_user(ada).post(f"{here}mail/colleague/", {"colleague": str(bob.public_id), "every": "daily"}, follow=True)

    assert "Each morning it will be mailed to Bob." in told.text
    assert "Ada asked for it to be mailed to you." in as_user(bob).get(here).text
    assert "No longer to Bob" in as_user(ada).get(here).text
    told = AuditEvent.objects.get(operation="report mailed to")
    assert (told.actor_label, told.row_id) == ("Ada", str(cities.public_id))
    ReportMail.objects.update(mailed_on=date(2026, 5, 1))
    with mail_server() as (port, received):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        assert send_reports(now=MONDAY) == 1

    ((recipients, body),) = received
    assert recipients == [bob.email]
    assert "York: 1" in body
    assert "Leeds" not in body
    assert "because Ada asked for it" in body
    as_user(bob).post(f"{here}mail/", {"rhythm": ""})
    assert not ReportMail.objects.exists()
    assert AuditEvent.objects.filter(operation="report no longer mailed to", actor_label="Bob").exists()


def test_what_a_colleague_chose_for_herself_stays_and_who_asked_takes_back_what_she_asked(
    ada: Any, bob: Any, as_user: Any, cities: Any
) -> None:
    path, to_bob = f"/reports/{cities.public_id}/mail/colleague/", {"colleague": str(bob.public_id)}
    as_user(bob).post(f"/reports/{cities.public_id}/mail/", {"rhythm": "monthly"})

    answer = as_user(ada).post(path, to_bob | {"every": "daily"}, follow=True)

    assert "is mailed to Bob already" in answer.text
    assert ReportMail.objects.get().rhythm == "monthly"
    assert "chose this, and turns it off" in as_user(ada).post(path, to_bob | {"every": ""}, follow=True).text
    assert ReportMail.objects.get().rhythm == "monthly"
    as_user(bob).post(f"/reports/{cities.public_id}/mail/", {"rhythm": ""})
    as_user(ada).post(path, to_bob | {"every": "daily"})
    as_user(ada).post(path, to_bob | {"every": ""})
    assert not ReportMail.objects.exists()


def dashboard_main(client: Any, path: str) -> str:
    return str(client.get(path).text.partition("<main")[2].partition("</main>")[0])


def with_tiles(client: Any, path: str) -> str:
    """A dashboard with the tiles that come after it, as a browser has them."""
    page = dashboard_main(client, path)
    later = [client.get(address, headers=PART) for address in re.findall('hx-get="([^"]*)"', page)]
    assert {tile.status_code for tile in later} <= {200}
    return page + "".join(tile.text for tile in later)


@contextmanager
def mail_server() -> Iterator[tuple[int, list[tuple[list[str], str]]]]:
    """A server that takes mail as RFC 5321 says it; what it received as (recipients, body)."""
    received: list[tuple[list[str], str]] = []

    class Session(StreamRequestHandler):
        def handle(self) -> None:
            recipients: list[str] = []
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "RCPT":
                    recipients.append(line.partition("<")[2].partition(">")[0])
                if verb == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    received.append((recipients, self.read_message()))
                    recipients = []
                self.wfile.write(b"221 bye\r\n" if verb == "QUIT" else b"250 well\r\n")
                if verb == "QUIT":
                    return

        def read_message(self) -> str:
            lines = list(iter(self.rfile.readline, b".\r\n"))
            message = message_from_bytes(b"".join(lines))
            return bytes(message.get_payload(decode=True)).decode()

    with ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server.server_address[1], received
        server.shutdown()
        thread.join()


def test_two_workers_send_no_mail_twice_and_none_that_was_turned_off_meanwhile(
    ada: Any, bob: Any, alice: Any, cities: Any, mailoutbox: Any, business: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (ada, bob, alice):
        actions.set_mail(cities, person, Rhythm.DAILY, by=person, today=date(2026, 5, 1))
    meanwhile = [send_reports]

    def find(keys: Any, **asked: Any) -> Any:
        if meanwhile:
            ReportMail.objects.filter(person=alice).delete()
            assert meanwhile.pop()(now=MONDAY) == 1
        return shown_tiles(keys, **asked)

    monkeypatch.setattr("rapport.insight.report_builder.mailing.shown_tiles", find)
    assert send_reports(now=MONDAY) == 1

    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([ada.email, bob.email])


def test_a_mail_ends_with_being_turned_off_unshared_deleted_or_deactivated(
    ada: Any, alice: Any, as_user: Any, cities: Any, mailoutbox: Any
) -> None:
    here = f"/reports/{cities.public_id}/"
    as_user(alice).post(f"{here}mail/", {"rhythm": "daily"})
    assert ReportMail.objects.get().person_id == alice.pk
    assert as_user(alice).post(f"{here}mail/", {"rhythm": "hourly"}).status_code == 404
    as_user(alice).post(f"{here}mail/", {"rhythm": ""})
    assert not ReportMail.objects.exists()

    as_user(alice).post(f"{here}mail/", {"rhythm": "weekly"})
    ReportMail.objects.update(mailed_on=date(2026, 5, 1))
    actions.trash(cities, by=ada, now=NOW)
    assert send_reports(now=MONDAY) == 0
    actions.restore(cities, by=ada)
    actions.set_shared(cities, False, by=ada)
    assert not ReportMail.objects.exists()
    with pytest.raises(actions.ReportRefused):
        actions.set_mail(cities, alice, Rhythm.DAILY, by=ada, today=date(2026, 6, 1))
    assert mailoutbox == []
