"""Segments: who is in them, kept up to date, and who came and went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import make_customer, touch
from rapport.identity.actions import merge_customers
from rapport.segments.actions import change_segment, make_segment, put_into, take_out, trash_segment
from rapport.segments.asking import note_changed
from rapport.segments.definitions import SegmentRefused, definition_of, in_order
from rapport.segments.keeping import catch_up, days_have_passed, rebuild
from rapport.segments.models import MemberBatch, Passage, Pick, Segment, SegmentMember, SegmentState
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
