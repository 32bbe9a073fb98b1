"""The next best action: what comes first, what is held back and why, and that answers are kept, undone and learned from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from rapport.audit.models import AuditEvent
from rapport.customers.consents.ledger import GRANTED, WITHDRAWN, record_consent
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.models import ActionAnswer, Customer, StandingAction, StandingRun
from rapport.customers.next_actions import next_birthday
from rapport.customers.next_best import rules as next_rules
from rapport.customers.next_best.answered import Answered, answers_in_order, newest_standing
from rapport.customers.next_best.answers import NotProposed, next_actions_for, refuse_action, take_action
from rapport.customers.next_best.choosing import next_actions_of, smoothed
from rapport.customers.next_best.rules import Doing, Found, Permission, Rule, Urgency
from rapport.customers.next_best.standing import at_stake, write_standing
from rapport.customers.tests.world import add_profile, make_customer, touch
from rapport.identity.actions import merge_customers
from rapport.records.command_log.models import Command
from rapport.records.custom_fields.actions import save_layout
from rapport.webhooks.tests.world import make_endpoint, said
from rapport.work.models import Task
from tests.world import NOW

EURO = 1_000_000


def rule_of(name: str, urgency: Urgency, found: Found | None = None, **more: Any) -> Rule:
    told = found or Found(f"Because of {name}.")
    return Rule(name, f"Do {name}", f"No {name}.", urgency, lambda ids, now: dict.fromkeys(ids, told), **more)


@pytest.fixture
def ana(alice: Any, business: Any) -> Customer:
    return make_customer("Ana Souza", owner=alice, email="ana@example.com", language="pt")


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Any:
    def these(*chosen: Rule) -> None:
        monkeypatch.setattr(next_rules, "rules", lambda: {rule.name: rule for rule in chosen})
        monkeypatch.setattr("rapport.customers.next_best.standing.rules", lambda: {rule.name: rule for rule in chosen})

    return these


def names(candidates: Any) -> list[str]:
    return [each.rule.name for each in candidates]


def test_a_complaint_comes_before_risk_orders_offers_and_questions_whatever_is_at_stake(
    ana: Customer, business: Any
) -> None:
    rich = Found("Rich.", micros=10_000 * EURO, currency=business.currency)
    rules = [
        rule_of("ask", Urgency.ASK, rich), rule_of("due", Urgency.DUE, rich), rule_of("risk", Urgency.RISK, rich),
        rule_of("complaint", Urgency.COMPLAINT),
    ]  # fmt: skip

    found = next_actions_of([ana.pk], rules, now=NOW)[ana.pk]

    assert names(found.proposed) == ["complaint", "risk", "due", "ask"]


def test_within_a_class_the_amount_times_the_likelihood_decides_and_other_currencies_count_nothing(
    ana: Customer, business: Any
) -> None:
    here = business.currency
    rules = [
        rule_of("small", Urgency.RISK, Found("", micros=100 * EURO, currency=here, likelihood=0.9)),
        rule_of("large", Urgency.RISK, Found("", micros=1_000 * EURO, currency=here, likelihood=0.2)),
        rule_of("abroad", Urgency.RISK, Found("", micros=9_000 * EURO, currency="XTS")),
    ]

    found = next_actions_of([ana.pk], rules, now=NOW)[ana.pk]

    assert [(each.rule.name, each.stake_micros, each.score) for each in found.proposed] == [
        ("large", 200 * EURO, 100.0), ("small", 90 * EURO, 45.0), ("abroad", 0, 0.5),
    ]  # fmt: skip


def test_no_offer_while_something_went_wrong_and_none_without_consent_or_against_an_objection(
    ana: Customer, alice: Any
) -> None:
    offer = rule_of("offer", Urgency.OFFER, permission=Permission.AGREED)
    complaint = rule_of("complaint", Urgency.COMPLAINT)

    def why(*rules: Rule) -> str:
        found = next_actions_of([ana.pk], rules, now=NOW + timedelta(days=1))[ana.pk]
        return next((each.why_not for each in found.held_back if each.rule.name == "offer"), "")

    assert why(offer).startswith("No consent to offers by this channel")
    said = {"by": alice, "now": NOW, "origin": "call"}
    record_consent(ana, "offers", "email", GRANTED, **said)
    assert why(offer).startswith("No consent to offers by this channel")
    record_consent(ana, "offers", "call_center", GRANTED, **said)
    assert why(offer) == ""
    assert why(offer, complaint).startswith("Something went wrong")
    record_consent(ana, "offers", "call_center", WITHDRAWN, by=alice, now=NOW + timedelta(hours=1), origin="call")
    assert why(offer).startswith("Said no to marketing by this channel")
    restrict_processing(ana, ground="disputed", by=alice, now=NOW)
    assert why(offer).startswith("Processing is restricted")
    assert next_actions_of([ana.pk], [complaint], now=NOW)[ana.pk].best is None


def test_a_call_that_is_no_offer_needs_no_consent_but_heeds_an_objection(ana: Customer, alice: Any) -> None:
    risk = rule_of("risk", Urgency.RISK, permission=Permission.NO_OBJECTION)

    assert next_actions_of([ana.pk], [risk], now=NOW)[ana.pk].best is not None
    record_consent(ana, "newsletter", "call_center", WITHDRAWN, by=alice, now=NOW, origin="call")
    assert next_actions_of([ana.pk], [risk], now=NOW)[ana.pk].best is None


def test_what_was_refused_is_quiet_for_its_days_and_says_so(ana: Customer, alice: Any, only: Any) -> None:
    only(rule_of("risk", Urgency.RISK, quiet_days=14))

    refuse_action(ana, "risk", by=alice, now=NOW, note="On holiday")

    later = next_actions_for(alice, ana, now=NOW + timedelta(days=13))
    assert later.best is None
    assert "Not now, somebody said" in later.held_back[0].why_not
    assert "On holiday" in later.held_back[0].why_not
    assert names(next_actions_for(alice, ana, now=NOW + timedelta(days=14)).proposed) == ["risk"]
    with pytest.raises(NotProposed, match="Not now"):
        take_action(ana, "risk", by=alice, now=NOW + timedelta(days=1))
    with pytest.raises(NotProposed):
        take_action(ana, "nothing_of_the_kind", by=alice, now=NOW)
    answer = ActionAnswer.objects.get()
    assert (answer.rule, answer.answer, answer.note, answer.answered_by) == ("risk", "refused", "On holiday", alice)
    assert AuditEvent.objects.filter(table_name="customers_actionanswer").count() == 1


def test_a_rule_is_weighted_by_how_often_it_is_taken(ana: Customer, alice: Any, only: Any) -> None:
    assert (smoothed(0, 0), smoothed(1, 1), smoothed(0, 6)) == (0.5, 0.6, 0.2)
    liked, disliked = rule_of("liked", Urgency.RISK), rule_of("disliked", Urgency.RISK)
    only(liked, disliked)
    assert names(next_actions_for(alice, ana, now=NOW).proposed) == ["disliked", "liked"]  # alike: by name

    for number in range(3):
        other = make_customer(f"Customer {number}", owner=alice)
        take_action(other, "liked", by=alice, now=NOW)
        refuse_action(other, "disliked", by=alice, now=NOW)

    told = answers_in_order(["liked", "disliked", "no rule"])
    assert sorted(told, key=lambda each: each.rule)[:1] == [Answered("disliked", False, NOW)]
    assert len(told) == 6
    found = next_actions_for(alice, ana, now=NOW)
    assert [(each.rule.name, round(each.rate, 4)) for each in found.proposed] == [
        ("liked", round(5 / 7, 4)), ("disliked", round(2 / 7, 4)),
    ]  # fmt: skip


def test_a_complaint_that_was_taken_no_longer_holds_offers_back(ana: Customer, alice: Any, only: Any) -> None:
    only(rule_of("complaint", Urgency.COMPLAINT), rule_of("offer", Urgency.OFFER))

    assert names(next_actions_for(alice, ana, now=NOW).proposed) == ["complaint"]
    take_action(ana, "complaint", by=alice, now=NOW)
    assert names(next_actions_for(alice, ana, now=NOW).proposed) == ["offer"]


def test_the_bar_says_the_best_and_the_second_and_is_answered_and_undone(
    ana: Customer, alice: Any, as_user: Any, only: Any
) -> None:
    only(rule_of("risk", Urgency.RISK), rule_of("due", Urgency.DUE), rule_of("task", Urgency.ASK, doing=Doing.TASK))
    client, page = as_user(alice), reverse("customer", args=[ana.public_id])

    shown = client.get(page).content.decode()
    for words in ("Next best action", "<b>Do risk.</b>", "Because of risk.", "Then: Do due.", "Start call", "Why?"):
        assert words in shown

    said = client.post(reverse("customer_next_take", args=[ana.public_id, "risk"]))
    assert said.url.startswith(reverse("quick_log_on", args=["customer", ana.public_id]))
    assert "Called: Do risk" in client.get(said.url).content.decode()
    assert "<b>Do due.</b>" in client.get(page).content.decode()

    client.post(reverse("change_undo_last"))
    assert "<b>Do risk.</b>" in client.get(page).content.decode()
    assert not ActionAnswer.objects.exists()

    client.post(reverse("customer_next_take", args=[ana.public_id, "task"]))
    assert Task.objects.get().title == "Do task"
    client.post(reverse("change_undo", args=[Command.objects.order_by("-pk")[0].public_id]))
    assert not Task.objects.exists()
    assert not ActionAnswer.objects.exists()

    client.post(reverse("customer_next_refuse", args=[ana.public_id, "risk"]), {"note": "x" * 301})
    assert not ActionAnswer.objects.exists()
    client.post(reverse("customer_next_refuse", args=[ana.public_id, "risk"]), {"note": "Called yesterday"})
    again = client.get(page).content.decode()
    assert "“Called yesterday”" in again
    assert "was not proposed" not in again


def test_who_may_not_change_sees_no_buttons_and_strangers_nothing(
    ana: Customer, alice: Any, charlie: Any, as_user: Any, only: Any
) -> None:
    only(rule_of("risk", Urgency.RISK))
    url = reverse("customer_next_take", args=[ana.public_id, "risk"])

    assert as_user(charlie).post(url).status_code == 404
    assert as_user(alice).get(url).status_code == 405


def test_an_answer_goes_along_with_a_merge(ana: Customer, alice: Any, ada: Any, only: Any) -> None:
    only(rule_of("risk", Urgency.RISK))
    other = make_customer("Ana S.", owner=alice, external_id="other")
    refuse_action(other, "risk", by=alice, now=NOW)

    merge_customers(ana.pk, [other.pk], by=ada, now=NOW)

    assert ActionAnswer.objects.get().customer_id == ana.pk
    assert next_actions_for(alice, ana, now=NOW).best is None


def test_a_case_that_nobody_answered_is_called_about_first(ana: Customer, alice: Any) -> None:
    touch(ana, "case", days_ago=3)

    assert names(next_actions_for(alice, ana, now=NOW).proposed)[0] == "open_case"
    touch(ana, "call", days_ago=2, direction="out")
    assert "open_case" not in names(next_actions_for(alice, ana, now=NOW).proposed)
    touch(ana, "case", days_ago=1)
    assert "open_case" in names(next_actions_for(alice, ana, now=NOW).proposed)
    assert "open_case" not in names(next_actions_for(alice, ana, now=NOW + timedelta(days=30)).proposed)


def test_birthdays_and_what_we_do_not_know(ana: Customer, alice: Any) -> None:
    today = date(2025, 2, 20)
    assert next_birthday(date(1980, 2, 20), today) == today
    assert next_birthday(date(1980, 2, 19), today) == date(2026, 2, 19)
    assert next_birthday(date(1980, 2, 29), today) == date(2025, 3, 1)
    assert next_birthday(date(1980, 2, 29), date(2024, 2, 20)) == date(2024, 2, 29)
    assert "ask_missing" not in names(next_actions_for(alice, ana, now=NOW).proposed)
    nobody = make_customer("Nobody", owner=alice)
    assert "how to reach them, who they are" in next_actions_for(alice, nobody, now=NOW).proposed[0].found.reason
    add_profile(nobody, source="till", external_id="9", born_on=(NOW + timedelta(days=5)).date(), phone="+442079460958")
    assert names(next_actions_for(alice, nobody, now=NOW).proposed) == ["birthday"]


def test_today_lists_at_most_ten_of_ones_own_most_at_stake_first(
    alice: Any, bob: Any, business: Any, only: Any, as_user: Any
) -> None:
    mine = [make_customer(f"Customer {number:02}", owner=alice) for number in range(12)]
    theirs = make_customer("Of Bob", owner=bob)
    places = {customer.pk: number for number, customer in enumerate(mine)} | {theirs.pk: 99}

    def find(ids: Any, now: Any) -> dict[int, Found]:
        return {
            key: Found("Because.", micros=(places[key] + 1) * EURO, currency=business.currency, likelihood=0.5)
            for key in ids
        }

    only(Rule("risk", "Call", "No.", Urgency.RISK, find), rule_of("ask", Urgency.ASK))

    assert write_standing(now=NOW, at_once=5) == 13
    assert write_standing(now=NOW) == 13
    assert StandingAction.objects.count() == 13
    assert list(StandingRun.objects.values_list("by_rule", flat=True)) == [{"risk": 13}] * 2
    assert newest_standing() == StandingRun.objects.latest("id")
    found = at_stake(alice, now=NOW)

    assert [key for key, _best in found] == [customer.pk for customer in reversed(mine)][:10]
    assert found[0][1].stake_micros == 6 * EURO
    refuse_action(mine[11], "risk", by=alice, now=NOW)
    assert at_stake(alice, now=NOW)[0][0] == mine[10].pk
    text = as_user(alice).get(reverse("today")).content.decode()
    assert "Most at stake among yours" in text
    assert "Of Bob" not in text


def test_answers_are_told_to_who_sees_the_customer_and_may_read_the_rule(
    ana: Customer, alice: Any, charlie: Any, ada: Any, only: Any
) -> None:
    only(rule_of("risk", Urgency.RISK), rule_of("away", Urgency.ASK, fields=("city",)))
    everything, some, nothing = (make_endpoint(each, "next_action.answered")[0] for each in (ada, alice, charlie))
    layout: Any = {"ordering": (), "columns": None, "hidden_panels": (), "panel_ordering": (), "by": ada}
    save_layout(alice.role, "customer", hidden=("city",), **layout)

    take_action(ana, "risk", by=alice, now=NOW)
    refuse_action(ana, "away", by=ada, now=NOW, note="Not said to anybody else")

    one = [str(ana.public_id)]
    taken = ("next_action.answered", one, {"rule": "risk", "answer": "taken"})
    assert said(everything) == [taken, ("next_action.answered", one, {"rule": "away", "answer": "refused"})]
    assert said(some) == [taken]
    assert said(nothing) == []


def test_a_program_reads_takes_and_refuses(program: Any, ana: Customer, only: Any) -> None:
    only(rule_of("risk", Urgency.RISK), rule_of("offer", Urgency.OFFER, permission=Permission.AGREED))
    path = f"/customers/{ana.public_id}/next-actions"

    read = program.get(path).json()
    assert [each["rule"] for each in read["proposed"]] == ["risk"]
    assert read["proposed"][0]["reason"] == "Because of risk."
    assert read["held_back"][0]["why_not"].startswith("No consent")

    taken = program.post(f"{path}/risk/take")
    assert (taken.status_code, taken.json()["answer"]) == (201, "taken")
    assert program.post(f"{path}/risk/take").status_code == 409
    assert program.post(f"/changes/{taken.json()['undo']}/undo").status_code == 200
    refused = program.post(f"{path}/risk/refuse", {"note": "On holiday"})
    assert (refused.status_code, refused.json()["answer"]) == (201, "refused")
    assert ActionAnswer.objects.get().note == "On holiday"
    assert program.post(f"{path}/risk/refuse", {"note": "x" * 301}).status_code in (400, 422)
