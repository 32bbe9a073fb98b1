"""Answers to proposed actions, and the standing ones, go the way of their customer: merged, split, exported, erased."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rapport.core.acting import SYSTEM
from rapport.customers.actions_trash import trash_customer
from rapport.customers.models import ActionAnswer, Customer, Profile, StandingAction
from rapport.customers.next_best.answers import next_actions_for, refuse_action, take_action
from rapport.customers.next_best.choosing import taken_rates
from rapport.customers.next_best.rules import Found, Rule, Urgency
from rapport.customers.next_best.standing import at_stake, write_standing
from rapport.customers.tests.world import make_customer
from rapport.identity.actions import merge_customers, split_customer, undo_merge
from rapport.identity.choosing import EVER, HandOver, written_since
from rapport.identity.models import Link
from rapport.privacy.actions import ask_for_erasure, erase
from rapport.privacy.tests.test_erasure import exported
from rapport.records.command_log.noting import UndoRefused, undo_command
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db", "home", "business")
GROUP = "customers_actionanswer.profile_id"


@pytest.fixture(autouse=True)
def risk(monkeypatch: pytest.MonkeyPatch) -> None:
    """One rule, which applies to everybody."""
    found = Found("Because.", micros=10_000_000, currency="GBP", likelihood=0.5)
    rule = Rule("risk", "Call", "No.", Urgency.RISK, lambda ids, now: dict.fromkeys(ids, found))
    for place in ("rapport.customers.next_best.rules.rules", "rapport.customers.next_best.standing.rules"):
        monkeypatch.setattr(place, lambda: {"risk": rule})


@pytest.fixture
def ana(alice: Any) -> Customer:
    return make_customer("Ana Souza", owner=alice, email="ana@souza.example")


@pytest.fixture
def bea(alice: Any) -> Customer:
    return make_customer("Bea Lima", owner=alice, source="till", email="bea@lima.example")


def answers() -> dict[str, int]:
    """Whose each answer is, by its note."""
    return dict(ActionAnswer.objects.values_list("note", "customer_id"))


def of_the_till() -> int:
    """Whose the profile of the till is now."""
    return Profile.objects.get(source__name="till").customer_id


def standing() -> set[int]:
    return set(StandingAction.objects.values_list("customer_id", flat=True))


def is_proposed(customer: Customer, user: Any) -> bool:
    return next_actions_for(user, customer, now=NOW + timedelta(hours=1)).best is not None


def test_taken_apart_again_each_has_the_answers_of_before_and_a_later_one_stays(
    ana: Customer, bea: Customer, alice: Any, ada: Any
) -> None:
    refuse_action(ana, "risk", by=alice, now=NOW - timedelta(days=30), note="of Ana")
    refuse_action(bea, "risk", by=alice, now=NOW - timedelta(days=40), note="of Bea")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    assert answers() == {"of Ana": ana.pk, "of Bea": ana.pk}
    refuse_action(bea, "risk", by=alice, now=NOW, note="of both")
    assert not is_proposed(ana, alice)

    undo_merge(Link.objects.get(), by=ada, now=NOW)

    assert of_the_till() != ana.pk
    assert answers() == {"of Ana": ana.pk, "of Bea": of_the_till(), "of both": ana.pk}
    assert not is_proposed(ana, alice)
    assert is_proposed(Customer.objects.get(pk=of_the_till()), alice)


def test_at_a_split_an_answer_goes_to_whom_it_was_given(ana: Customer, bea: Customer, alice: Any, ada: Any) -> None:
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW - timedelta(days=90))
    for note, days in (("of Bea", 60), ("of Ana", 30)):
        refuse_action(ana, "risk", by=alice, now=NOW - timedelta(days=days), note=note)
    (group,) = [each for each in written_since(ana.pk, EVER, user=alice) if each.name == GROUP]
    assert [row.text for row in group.rows] == ["risk · of Ana", "risk · of Bea"]
    hers = ActionAnswer.objects.get(note="of Bea")
    till = Profile.objects.get(source__name="till")

    split_customer(ana.pk, [bea.pk], by=ada, now=NOW, given=[HandOver(GROUP, till.pk, (str(hers.public_id),))])

    assert of_the_till() != ana.pk
    assert answers() == {"of Ana": ana.pk, "of Bea": of_the_till()}


def test_what_stands_of_a_merged_or_trashed_customer_is_shown_to_nobody_and_goes_with_the_next_pass(
    ana: Customer, bea: Customer, alice: Any, ada: Any
) -> None:
    gone = make_customer("Gone", owner=alice, external_id="gone")
    write_standing(now=NOW)
    assert standing() == {ana.pk, bea.pk, gone.pk}

    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    trash_customer(gone, by=ada, now=NOW)

    assert [key for key, _best in at_stake(alice, now=NOW)] == [ana.pk]
    write_standing(now=NOW)
    assert standing() == {ana.pk}
    undo_merge(Link.objects.get(), by=ada, now=NOW)
    write_standing(now=NOW)
    assert standing() == {ana.pk, of_the_till()}


def test_what_we_hold_about_somebody_has_her_answers_and_what_stands_and_nobody_elses(
    ana: Customer, bea: Customer, alice: Any, ada: Any
) -> None:
    write_standing(now=NOW)
    take_action(ana, "risk", by=alice, now=NOW)
    refuse_action(bea, "risk", by=alice, now=NOW, note="On holiday")

    with exported(bea, ada) as archive:
        tables = json.loads(archive.read("data.json"))["tables"]

    assert [(row["rule"], row["answer"], row["note"]) for row in tables["customers_actionanswer"]] == [
        ("risk", "refused", "On holiday")
    ]
    assert [(row["customer_id"], row["rule"]) for row in tables["customers_standingaction"]] == [(bea.pk, "risk")]


def test_the_erased_have_no_answers_nothing_stands_of_them_and_nothing_is_learned_of_them(
    ana: Customer, bea: Customer, alice: Any, ada: Any
) -> None:
    write_standing(now=NOW)
    taken = take_action(ana, "risk", by=alice, now=NOW)
    refuse_action(bea, "risk", by=alice, now=NOW, note="On holiday")
    assert taken_rates(["risk"]) == {"risk": 3 / 6}
    asked = ask_for_erasure(ana.pk, public_id=str(ana.public_id), ground="asked", by=ada, now=timezone.now())

    erase(asked, by=SYSTEM, now=timezone.now())

    assert answers() == {"On holiday": bea.pk}
    assert standing() == {bea.pk}
    assert taken_rates(["risk"]) == {"risk": 2 / 5}
    with pytest.raises(UndoRefused):
        undo_command(taken.command, by=alice, now=NOW)


def test_an_answer_is_taken_back_also_where_its_customer_was_merged_since(
    ana: Customer, bea: Customer, alice: Any, ada: Any
) -> None:
    refused = refuse_action(bea, "risk", by=alice, now=NOW, note="of Bea")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)

    undo_command(refused.command, by=alice, now=NOW)

    assert answers() == {}
    assert is_proposed(ana, alice)
