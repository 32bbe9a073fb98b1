"""Segments: who is in them, kept up to date, and who came and went."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from rapport.commerce import events as commerce_events
from rapport.commerce.actions import Line, NewOrder, place_order
from rapport.commerce.models import Product
from rapport.core.acting import SYSTEM, acting
from rapport.core.events import Event, subscriptions_to
from rapport.core.personal import Person
from rapport.customers import events as customers_events
from rapport.customers.events import RulesApplied
from rapport.customers.models import Customer, Profile
from rapport.customers.survivorship.rederiving import run_derivation
from rapport.customers.survivorship.settings import current_draft, save_rules
from rapport.customers.tests.world import add_profile, make_customer, touch
from rapport.identity import events as identity_events
from rapport.identity.actions import merge_customers
from rapport.segments.actions import change_segment, make_segment, put_into, take_out, trash_segment
from rapport.segments.asking import note_changed
from rapport.segments.computing import who_fits
from rapport.segments.definitions import SegmentRefused, definition_of, in_order
from rapport.segments.explaining import reasons_for
from rapport.segments.forgetting import collect_segments, forget_in_segments
from rapport.segments.keeping import catch_up, days_have_passed, rebuild
from rapport.segments.models import MemberBatch, Passage, Pick, Segment, SegmentMember, SegmentState
from rapport.segments.retention import RETAINED
from rapport.segments.subscribers import ask_ruled
from tests.world import NOW


def make(name: str, *filters: str, **values: Any) -> Segment:
    return make_segment(name, definition=definition_of(filters), by=SYSTEM, now=NOW, **values)


def members(segment: Segment) -> set[str]:
    found = SegmentMember.objects.filter(segment=segment).values_list("customer__name", flat=True)
    return set(found)


def change(customer: Customer, **values: Any) -> None:
    with acting(SYSTEM):
        Customer.objects.filter(pk=customer.pk).update(**values)
    note_changed([customer.pk])


def test_a_segment_holds_whom_its_filters_fit_and_follows_them(ada: Any) -> None:
    porto, faro = make_customer("Ana", city="Porto"), make_customer("Bea", city="Faro")
    segment = make("Porto", "city.is:Porto")

    rebuild(now=NOW)
    assert members(segment) == {"Ana"}

    change(porto, city="Lisboa")
    change(faro, city="Porto")
    later = NOW + timedelta(minutes=5)
    assert catch_up(now=later) == 2

    assert members(segment) == {"Bea"}
    state = SegmentState.objects.get(segment=segment)
    assert (state.member_count, state.computed_at) == (1, NOW)
    assert list(Passage.objects.order_by("id").values_list("customer_id", "has_entered", "at")) == [
        (porto.pk, True, NOW),
        (faro.pk, True, later),
        (porto.pk, False, later),
    ]
    newest = MemberBatch.objects.order_by("-pk").first()
    assert newest is not None
    assert (newest.entered, newest.left, newest.member_count) == (1, 1, 1)


def test_a_segment_just_filled_is_compared_without_loops_though_the_server_knows_it_as_empty(ada: Any) -> None:
    segment, said = make("Porto", "city.is:Porto"), []
    with connection.cursor() as cursor:
        cursor.execute("analyze segments_segmentmember")
        cursor.execute(
            "insert into segments_segmentmember (segment_id, customer_id, since)"
            " select %s, 1000000 + n, now() from generate_series(1, 3000) n",
            [segment.pk],
        )
    with connection.execute_wrapper(_noting_moves(said)):
        rebuild(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"explain {said[0][0]}", said[0][1])
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert not SegmentMember.objects.filter(segment=segment).exists()
    assert "Full Join" in plan


def _noting_moves(said: list[tuple[str, Any]]) -> Any:
    def note(execute: Any, text: str, arguments: Any, many: bool, context: Any) -> Any:
        if text.lstrip().startswith("with differing"):
            said.append((text, arguments))
        return execute(text, arguments, many, context)

    return note


def test_behavior_is_counted_by_kind_channel_and_time(ada: Any) -> None:
    often, once, long_ago = make_customer("Often"), make_customer("Once"), make_customer("Long ago")
    make_customer("Never")
    for day in (1, 20, 60):
        touch(often, "call", days_ago=day, channel="call_center")
    touch(once, "call", days_ago=3, channel="call_center")
    touch(once, "note", days_ago=3)
    touch(long_ago, "call", days_ago=200, channel="call_center")
    said = {
        "contacts.did:kind=call,within=90_days,times=3": {"Often"},
        "contacts.did:kind=call,within=90_days,times=1": {"Often", "Once"},
        "contacts.did:kind=call,kind=note,times=2": {"Often", "Once"},
        "contacts.did:channel=web": {"Once"},
        "contacts.never:kind=call,within=90_days": {"Long ago", "Never"},
        "contacts.never:": {"Never"},
        "any(contacts.did:kind=call,times=3;contacts.never:)": {"Often", "Never"},
        "none(contacts.did:kind=call,times=3,within=2_years)": {"Once", "Long ago", "Never"},
    }
    segments = {text: make(text, text) for text in said}

    rebuild(now=NOW)
    assert {text: members(each) for text, each in segments.items()} == said

    SegmentMember.objects.all().delete()
    note_changed(Customer.objects.values_list("pk", flat=True))
    catch_up(now=NOW)
    assert {text: members(each) for text, each in segments.items()} == said


def test_time_that_passes_makes_people_leave(ada: Any) -> None:
    ana = make_customer("Ana")
    touch(ana, "call", days_ago=29)
    segment = make("Called", "contacts.did:within=30_days")
    rebuild(now=NOW)
    assert members(segment) == {"Ana"}
    assert not days_have_passed(now=NOW + timedelta(hours=2))

    tomorrow = NOW + timedelta(days=2)
    assert days_have_passed(now=tomorrow)
    rebuild(now=tomorrow)

    assert members(segment) == set()
    assert not days_have_passed(now=tomorrow)


def test_segments_are_made_of_segments_but_never_of_themselves(ada: Any) -> None:
    make_customer("Ana", city="Porto", language="pt")
    make_customer("Bea", city="Porto", language="en")
    make_customer("Cal", city="Faro", language="pt")
    porto, portuguese = make("Porto", "city.is:Porto"), make("Portuguese", "language.is:pt")
    both = make("Both", f"in_segment.is:{porto.public_id}", f"in_segment.is:{portuguese.public_id}")
    either = make("Either", f"in_segment.is:{porto.public_id},{portuguese.public_id}")
    only = make("Only", f"in_segment.is:{porto.public_id}", f"in_segment.is_not:{portuguese.public_id}")

    rebuild(now=NOW)
    assert (members(both), members(either), members(only)) == ({"Ana"}, {"Ana", "Bea", "Cal"}, {"Bea"})
    assert [each.name for each in in_order([both, porto, portuguese])] == ["Porto", "Portuguese", "Both"]

    with pytest.raises(SegmentRefused, match="cannot be made of itself: Porto → Both → Porto"):
        change_segment(porto, definition=f"filter=in_segment.is:{both.public_id}", by=SYSTEM, now=NOW)
    with pytest.raises(SegmentRefused, match="Both, Either, Only"):
        trash_segment(porto, by=SYSTEM, now=NOW)


def test_what_depends_on_who_looks_is_refused(ada: Any) -> None:
    with pytest.raises(SegmentRefused, match="depends on who looks"):
        make("Mine", "owner.is:me")
    with pytest.raises(SegmentRefused, match="no field"):
        make("Odd", "shoe_size.is:40")
    make("Taken", "city.is:Porto")
    with pytest.raises(SegmentRefused, match="of this name"):
        make("taken", "city.is:Faro")
    assert Segment.objects.count() == 1


def test_a_list_is_filled_by_hand_and_follows_a_merge(ada: Any) -> None:
    ana, bea = make_customer("Ana"), make_customer("Bea")
    segment = make("Invited", is_static=True)

    assert put_into(segment, [ana.pk, bea.pk], by=ada, now=NOW) == {ana.pk, bea.pk}
    assert put_into(segment, [ana.pk], by=ada, now=NOW) == set()
    catch_up(now=NOW)
    assert members(segment) == {"Ana", "Bea"}

    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    note_changed([ana.pk, bea.pk])
    catch_up(now=NOW)
    held = SegmentMember.objects.filter(segment=segment)
    assert list(held.values_list("customer_id", flat=True)) == [ana.pk]
    assert Pick.objects.filter(customer=ana).count() == 2
    assert take_out(segment, [ana.pk], by=ada, now=NOW) == {ana.pk}
    catch_up(now=NOW)
    assert members(segment) == set()
    assert Profile.objects.filter(customer=ana).count() >= 2


def test_orders_and_products_are_asked_by_how_often_how_much_and_what(ada: Any) -> None:
    ana, bea = make_customer("Ana"), make_customer("Bea")
    beans = Line("Beans", Decimal(2), 30_000_000, code="BEANS-1")
    cup = Line("Cup", Decimal(1), 8_000_000, code="CUP-1")
    usual = NewOrder(
        source="shop", external_id="1", kind="sale", channel="web_shop", currency="GBP", placed_at=NOW - timedelta(days=9),
        lines=[beans, cup], customer_id=ana.pk,
    )  # fmt: skip
    place_order(usual, by=SYSTEM, now=NOW)
    place_order(replace(usual, external_id="2", channel="store", lines=[beans]), by=SYSTEM, now=NOW)
    place_order(replace(usual, external_id="3", customer_id=bea.pk, lines=[cup]), by=SYSTEM, now=NOW)
    place_order(replace(usual, external_id="4", customer_id=bea.pk, currency="USD"), by=SYSTEM, now=NOW)
    with acting(SYSTEM):
        Product.objects.filter(code="BEANS-1").update(category="Coffee")
    said = {
        "orders.did:times=2": {"Ana"},
        "orders.did:": {"Ana", "Bea"},
        "orders.did:channel=store": {"Ana"},
        "orders.did:worth=128": {"Ana"},
        "orders.did:worth=128.01": set(),
        "orders.never:channel=store": {"Bea"},
        "purchases.did:product=cup": {"Ana", "Bea"},
        "purchases.did:product=CUP-1,within=5_days": set(),
        "purchases.did:category=coffee,times=2,worth=120": {"Ana"},
        "purchases.never:category=coffee": {"Bea"},
    }
    segments = {text: make(text, text) for text in said}

    rebuild(now=NOW)
    assert {text: members(each) for text, each in segments.items()} == said

    SegmentMember.objects.all().delete()
    note_changed([ana.pk, bea.pk])
    catch_up(now=NOW)
    assert {text: members(each) for text, each in segments.items()} == said
    told = {
        reason.words: (reason.value, reason.is_sum)
        for text in said
        for reason in reasons_for(segments[text], ana.pk, now=NOW)
    }
    assert told["Orders – at least 2 times"] == (2, False)
    assert told["Orders – for at least 128"] == (128_000_000, True)


def test_whoever_changes_is_asked_again(ada: Any) -> None:
    """Every fact that names customers reaches this room, but for those that move none between segments."""
    unasked = {
        "customers.customer_erased", "privacy.customer_erased", "commerce.order_detailed", "customers.next_action_answered",
    }  # fmt: skip
    rooms = (customers_events, identity_events, commerce_events)
    facts = [
        each for room in rooms for each in vars(room).values() if isinstance(each, type) and issubclass(each, Event)
    ]
    for fact in facts:
        names = set(fact.__dataclass_fields__)
        if not names & {"customer_id", "customer_ids"} or fact.name in unasked:
            continue
        handlers = [each.handler.__module__ for each in subscriptions_to(fact)]
        assert {"rapport.segments.subscribers", "rapport.commerce.subscribers"} & set(handlers), fact


def test_news_of_many_is_worked_off_in_chunks_and_reads_only_those_who_changed(
    ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("select set_config('rapport.bulk', 'on', true)")
        cursor.execute(
            "insert into customers_customer (name, city, sort_key) select 'P ' || n, 'Porto', 'p ' || n"
            " from generate_series(1, 2000) n"
        )
        cursor.execute("select demo_analyze()")
    segment = make("Many", "city.is:Porto", "contacts.never:kind=call,within=30_days,times=2")
    note_changed(Customer.objects.values_list("pk", flat=True))
    monkeypatch.setattr("rapport.segments.keeping.CHUNK", 700)

    assert catch_up(now=NOW) == 2000
    assert [batch.entered for batch in MemberBatch.objects.order_by("pk")] == [700, 700, 600]
    assert SegmentState.objects.get(segment=segment).member_count == 2000

    query, arguments = who_fits(segment, now=NOW, only=[1, 2, 3])
    with connection.cursor() as cursor:
        cursor.execute("explain " + query.as_string(connection.connection), arguments)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on customers_customer" not in plan
    assert "GroupAggregate" not in plan
    whole, _arguments = who_fits(segment, now=NOW, only=None)
    assert "group by" in whole.as_string(connection.connection)


def test_members_follow_new_scores_and_imports_that_are_taken_back(ada: Any) -> None:
    make_customer("Ana", city="Porto")
    scored, plain = make("Scored", "value.at_least:10"), make("Porto", "city.is:Porto")
    above = make("Above", f"in_segment.is:{scored.public_id}")
    assert rebuild(table="insight_rfm", now=NOW) == 2
    computed = SegmentState.objects.exclude(computed_at=None).values_list("segment_id", flat=True)
    assert set(computed) == {scored.pk, above.pk}
    assert rebuild(plain.pk, now=NOW) == 1
    assert members(plain) == {"Ana"}


def test_members_follow_the_rules_of_which_value_is_shown_once_all_is_chosen_again(ada: Any) -> None:
    ana = make_customer("Ana", city="Porto")
    add_profile(ana, source="till", external_id="A-1", seen_at=NOW - timedelta(days=9), city="Vila Nova de Gaia")
    segment = make("Gaia", "city.is:Vila Nova de Gaia")
    rebuild(now=NOW)
    assert members(segment) == set()

    draft = current_draft()
    units = tuple(replace(each, rule="longest") if each.name == "address" else each for each in draft.units)
    derivation = save_rules(replace(draft, units=units), by=ada)
    assert derivation is not None
    run_derivation(derivation.pk, now=NOW)

    with connection.cursor() as cursor:
        cursor.execute(
            "select args ->> 'subscription', args -> 'payload' ->> 'changed' from procrastinate_jobs"
            " where args ->> 'subscription' like '%.ask_ruled'"
        )
        assert cursor.fetchall() == [("rapport.segments.subscribers.ask_ruled", "1")]
        ask_ruled(RulesApplied(derivation_id=derivation.pk, changed=1))
        cursor.execute("select count(*) from procrastinate_jobs where queueing_lock = 'segments.rebuild:all'")
        assert cursor.fetchone() == (1,)
    rebuild(now=NOW)
    assert members(segment) == {"Ana"}


def test_erasing_somebody_takes_her_out_of_segments_and_empties_what_names_her(ada: Any) -> None:
    ana = make_customer("Ana Almeida", email="ana@example.com", city="Porto")
    porto, named = make("Porto", "city.is:Porto"), make("One", "email.is:ana@example.com")
    invited = make("Invited", is_static=True)
    put_into(invited, [ana.pk], by=ada, now=NOW)
    rebuild(now=NOW)
    person = Person(customers=(ana.pk,), public_ids=(), profiles=(), emails=frozenset({"ana@example.com"}))
    assert [row["segment"] for row in collect_segments(person)["segments"]] == ["Porto", "One", "Invited"]

    with acting(SYSTEM):
        forget_in_segments(person)

    assert not SegmentMember.objects.exists()
    assert not Passage.objects.exists()
    named.refresh_from_db()
    assert named.definition == ""
    rebuild(now=NOW)
    assert SegmentState.objects.get(segment=named).problem == "It asks nothing any more."
    assert not days_have_passed(now=NOW)
    assert members(porto) == {"Ana Almeida"}


def test_what_lies_in_the_trash_ends_and_what_was_noted_of_members_too(ada: Any) -> None:
    make_customer("Ana", city="Porto")
    porto, faro = make("Porto", "city.is:Porto"), make("Faro", "city.is:Faro")
    put_into(make("Invited", is_static=True), [Customer.objects.get().pk], by=ada, now=NOW)
    rebuild(now=NOW)
    trash_segment(porto, by=SYSTEM, now=NOW)
    later = NOW + timedelta(days=1)

    with acting(SYSTEM):
        ended = {each.name: (each.count(later), each.remove(later), each.remove(later)) for each in RETAINED}

    assert ended == {"segment_passages": (2, 2, 0), "segment_trash": (1, 1, 0)}
    assert set(Segment.objects.values_list("name", flat=True)) == {"Faro", "Invited"}
    assert not MemberBatch.objects.filter(segment_id=porto.pk).exists()
    assert SegmentState.objects.filter(segment=faro).exists()
