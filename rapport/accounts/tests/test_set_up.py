"""Setting up: once, by one person, and never again."""

from __future__ import annotations

import io
import threading
from argparse import ArgumentParser

import pytest
from django.db import connection
from django.test import Client

from rapport.accounts import actions
from rapport.accounts.commands import COMMANDS
from rapport.accounts.models import Business, User
from rapport.audit.models import AuditEvent
from rapport.core.command_line import CommandRefused
from tests.world import NOW

ANSWERS = {
    "name": "Ada",
    "email": "Ada@Example.com",
    "password": "correct horse battery",
    "business_name": "Tiny Ltd",
    "time_zone": "Europe/London",
    "currency": "GBP",
}


@pytest.mark.parametrize("path", ["/", "/settings/staff/", "/account/login/"])
def test_before_set_up_every_page_leads_to_it(db, path):
    assert Client().get(path)["Location"] == "/setup/"


def test_setting_up_makes_the_business_and_signs_its_administrator_in(db):
    client = Client()
    assert client.get("/setup/").status_code == 200

    answer = client.post("/setup/", ANSWERS)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    business = Business.objects.get()
    assert (business.name, business.time_zone, business.currency) == ("Tiny Ltd", "Europe/London", "GBP")
    ada = User.objects.get()
    assert (ada.email, ada.role.name) == ("ada@example.com", "Administrator")
    assert client.get("/settings/staff/").status_code == 200
    acts = AuditEvent.objects.filter(table_name="").values_list("operation", "actor_label")
    assert list(acts) == [("set-up", "Ada"), ("sign-in", "Ada")]


@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_after_use_the_page_is_gone(ada, method):
    answer = getattr(Client(), method)("/setup/", ANSWERS if method == "post" else None)

    assert answer.status_code == 404
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("email", "not an address"),
        ("password", "short"),
        ("password", "password12345"),
        ("password", "x" * 300),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("currency", "XXX"),
        ("currency", "DEM"),
        ("business_name", "\x00"),
    ],
)
def test_bad_answers_are_refused_and_the_others_kept(db, field, value):
    answer = Client().post("/setup/", ANSWERS | {field: value})

    assert answer.status_code == 422
    assert not Business.objects.exists()
    assert not User.objects.exists()
    kept = b"Tiny Ltd" if field != "business_name" else b"Ada@Example.com"
    assert kept in answer.content
    assert b"correct horse" not in answer.content


def test_of_two_who_set_up_at_once_one_wins(transactional_db):
    barrier, outcomes = threading.Barrier(2), []

    def one(name):
        answers = ANSWERS | {"name": name, "email": f"{name}@example.com"}
        barrier.wait()
        try:
            outcomes.append(actions.set_up_business(**answers, now=NOW).name)
        except actions.AlreadySetUp:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(name,)) for name in ("Ada", "Eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes)[-1] == "refused"
    assert Business.objects.count() == 1
    assert [user.name for user in User.objects.all()] == [name for name in outcomes if name != "refused"]


def set_up(*words):
    parser = ArgumentParser()
    COMMANDS[0].configure(parser)
    return COMMANDS[0].run(parser.parse_args(words))


WORDS = ["--name", "Ada", "--email", "ada@example.com", "--business", "Tiny", "--time-zone", "Asia/Seoul"]


def test_the_command_sets_up_and_prints_a_random_password_once(db, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert set_up(*WORDS, "--currency", "krw") == 0

    printed = capsys.readouterr().out
    password = printed.rpartition(": ")[2].strip()
    assert User.objects.get().check_password(password)
    assert Business.objects.get().currency == "KRW"
    with pytest.raises(CommandRefused, match="already"):
        set_up(*WORDS, "--currency", "krw")


def test_the_command_names_what_it_cannot_use(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(CommandRefused, match="currency") as refusal:
        set_up(*WORDS, "--currency", "quatloos")

    assert refusal.value.code == 2
    assert not Business.objects.exists()
