"""Tokens for programs: their pages, what they are worth, how much they fetch, and answers that are given once."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection

from rapport.accounts import api_tokens
from rapport.accounts.api_tokens import RightsNotOwned, make_token
from rapport.accounts.models import ApiAnswer, ApiToken, ApiTokenHour
from rapport.accounts.tests.programs import Program, let_connect
from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.work.models import Task
from tests.world import NOW

PAGE, EVERYBODYS = "/settings/profile/programs/", "/settings/programs/"
NEW = {"name": "Web shop", "days": "30", "rights": ["customers.view"]}


def token_in(answer):
    return re.search(r"rapport_[\w-]{43}", answer.content.decode()).group()


def test_a_token_is_made_shown_once_and_works(as_user, alice):
    let_connect(alice)
    client = as_user(alice)

    made = client.post(PAGE, NEW)

    text, kept = token_in(made), ApiToken.objects.get()
    assert (kept.name, kept.owner, kept.rights) == ("Web shop", alice, ["customers.view"])
    assert kept.expires_at - kept.made_at == timedelta(days=30)
    assert text not in client.get(PAGE).content.decode()
    assert made["Cache-Control"] == "no-store"
    program = Program(alice)
    program.text = text
    assert program.get("/me").json()["rights"] == ["customers.view"]


def test_the_profile_leads_to_ones_programs_where_one_may_connect_them(as_user, alice):
    assert PAGE not in as_user(alice).get("/settings/profile/").content.decode()
    assert as_user(alice).get(PAGE).status_code == 403
    let_connect(alice)

    assert PAGE in as_user(alice).get("/settings/profile/").content.decode()
    assert "No tokens yet" in as_user(alice).get(PAGE).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"rights": []}, {"rights": ["accounts.administer"]}, {"rights": ["made.up"]}, {"days": "365"}],
    ids=str,
)
def test_a_token_that_nobody_could_lend_is_not_made(wrong, as_user, alice):
    let_connect(alice)

    answer = as_user(alice).post(PAGE, NEW | wrong)

    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_rights_that_one_has_not_got_are_not_offered(as_user, rita):
    let_connect(rita)
    page = as_user(rita).get(PAGE).content.decode()

    assert "customers.view" in page
    assert "customers.edit" not in page
    with pytest.raises(RightsNotOwned):
        make_token("Shop", rights=["customers.edit"], days=30, by=rita, now=NOW)


def test_one_click_ends_a_token(as_user, alice):
    program = Program(alice)
    answer = as_user(alice).post(f"{EVERYBODYS}{program.token.public_id}/end/")

    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert program.get("/me").status_code == 401
    assert "Ended" in as_user(alice).get(PAGE).content.decode()


def test_nobody_ends_the_token_of_another_but_who_administers(as_user, alice, bob, ada):
    program = Program(alice)
    path = f"{EVERYBODYS}{program.token.public_id}/end/"

    assert as_user(bob).post(path).status_code == 404
    assert program.get("/me").status_code == 200
    assert as_user(ada).post(path, {"from": "all"})["Location"] == EVERYBODYS
    assert program.get("/me").status_code == 401


def test_who_administers_sees_everybodys_tokens_and_when_they_were_used(as_user, ada, alice, bob):
    Program(alice, name="Till").get("/me")
    Program(bob, name="Robot", expires_at=NOW)
    Program(alice, name="Gone", ended_at=NOW)

    page = as_user(ada).get(EVERYBODYS).content.decode()

    assert [
        word for word in ("Till", "Robot", "Gone", "Alice", "Bob", "never", "Expired", "Ended") if word not in page
    ] == []
    assert as_user(alice).get(EVERYBODYS).status_code == 403


def test_a_token_counts_what_it_fetched_and_when_it_was_used(alice):
    for number in range(3):
        make_customer(f"Customer {number}", owner=alice)
    program = Program(alice)

    program.get("/customers")
    program.get("/customers", {"limit": "2"})
    program.get("/me")

    hour = ApiTokenHour.objects.get()
    assert hour.rows == 3 + 2 + 1
    assert api_tokens.tokens_of(alice).get().used_at == hour.last_at


def test_a_program_that_fetches_too_many_rows_waits_for_the_next_hour(alice):
    for number in range(5):
        make_customer(f"Customer {number}", owner=alice)
    program = Program(alice, rows_an_hour=8)

    answers = [program.get("/customers", {"limit": "5"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert 0 < int(answers[1]["Retry-After"]) <= 3600
    assert answers[1].json()["type"] == "urn:rapport:problem:too-many-rows"
    assert program.get("/me").json()["rows_left"] == 0
    assert AuditEvent.objects.filter(operation="api rows used up", actor_label="Alice (Shop)").count() == 1
    with acting(SYSTEM):
        ApiTokenHour.objects.update(hour=utc_now() - timedelta(hours=2))
    assert program.get("/customers", {"limit": "5"}).status_code == 200


def test_what_a_program_writes_counts_too_once_each_also_where_it_is_refused(alice):
    program = Program(alice, rows_an_hour=3)

    statuses = [program.post("/tasks", {"title": title}).status_code for title in ("Call", "", "Write", "Meet")]

    assert statuses == [201, 422, 201, 429]
    assert Task.objects.count() == 2
    hour = ApiTokenHour.objects.get()
    assert (hour.rows, hour.refused) == (3, 1)


def test_what_a_program_writes_is_signed_by_its_owner_and_its_name(alice):
    Program(alice, name="Till").post("/customers", {"values": {"name": "New One"}})

    assert {event.actor_label for event in AuditEvent.objects.filter(table_name="customers_customer")} == {
        "Alice (Till)"
    }
    assert Customer.objects.get(name="New One").owner == alice


def test_the_same_request_with_the_same_key_has_one_effect_and_one_answer(alice):
    program, body = Program(alice), {"values": {"name": "New One"}}

    first, again = (program.post("/customers", body, **{"Idempotency-Key": "order-7"}) for _ in range(2))

    assert (first.status_code, first.content, first["Location"], first["ETag"]) == (
        again.status_code, again.content, again["Location"], again["ETag"],
    )  # fmt: skip
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Customer.objects.filter(name="New One").count() == 1


def test_another_request_with_the_same_key_is_refused(alice):
    program, headers = Program(alice), {"Idempotency-Key": "order-7"}
    program.post("/customers", {"values": {"name": "New One"}}, **headers)

    others = [
        program.post("/customers", {"values": {"name": "Other"}}, **headers),
        program.post("/tasks", {"title": "Other"}, **headers),
    ]

    assert [answer.status_code for answer in others] == [422, 422]
    assert others[0].json()["type"] == "urn:rapport:problem:key-used"
    assert not Customer.objects.filter(name="Other").exists()


def test_a_key_belongs_to_its_token(alice, bob):
    for person in (alice, bob):
        assert Program(person).post("/tasks", {"title": "Call"}, **{"Idempotency-Key": "k"}).status_code == 201

    assert ApiAnswer.objects.count() == 2


def test_what_was_refused_is_not_kept_and_may_be_sent_again(alice):
    program, headers = Program(alice), {"Idempotency-Key": "order-7"}
    make_customer("New One", owner=alice, email="new@example.com")
    body = {"values": {"name": "New One", "email": "new@example.com"}}

    refused = program.post("/customers", body, **headers)
    taken = program.post("/customers", body | {"anyway": True}, **headers)

    assert (refused.status_code, taken.status_code) == (409, 201)


def test_an_answer_is_kept_for_a_day(alice):
    program, headers = Program(alice), {"Idempotency-Key": "order-7"}
    program.post("/tasks", {"title": "Call"}, **headers)
    ApiAnswer.objects.update(asked_at=utc_now() - timedelta(hours=25))

    assert program.post("/tasks", {"title": "Another"}, **headers).status_code == 201
    ApiAnswer.objects.update(asked_at=utc_now() - timedelta(hours=25))
    ApiTokenHour.objects.update(hour=utc_now() - timedelta(days=200))
    api_tokens.remove_old(now=utc_now())
    assert not ApiAnswer.objects.exists()
    assert not ApiTokenHour.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_requests_with_the_same_key_at_once_have_one_effect(alice):
    program, answers, both = Program(alice), [], threading.Barrier(2)

    def send():
        both.wait()
        answers.append(program.post("/customers", {"values": {"name": "New One"}}, **{"Idempotency-Key": "k"}))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert Customer.objects.filter(name="New One").count() == 1


def test_a_refusal_is_a_problem_with_plain_words(alice):
    program = Program(alice)

    wrong_method = program.ask("DELETE", "/customers")
    no_json = program.post("/customers", b"{")
    unknown = program.post("/customers", {"values": {}, "score": 1})

    assert (wrong_method.status_code, wrong_method["Content-Type"]) == (405, "application/problem+json")
    assert sorted(wrong_method["Allow"].split(", ")) == ["GET", "POST"]
    assert no_json.status_code == 400
    assert unknown.json()["errors"] == [{"name": "body.body.score", "message": "Extra inputs are not permitted"}]
    assert all(answer["Cache-Control"] == "no-store" for answer in (wrong_method, no_json, unknown))
