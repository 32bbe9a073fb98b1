"""Journeys: worked by hand, the properties that always hold, and how the map is drawn."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis import ir

from rapport.insight.journeys.process_map import BOX_HEIGHT, BOX_WIDTH, ProcessMap, process_map
from rapport.insight.marts import journeys as mart
from rapport.insight.tests.shop import rows_of
from rapport.insight.warehouse.portable import unportable_parts

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
_RAW = pa.schema(
    [
        ("touchpoint_id", pa.int64()),
        ("profile_id", pa.int64()),
        ("kind", pa.string()),
        ("channel", pa.string()),
        ("occurred_at", pa.timestamp("us", tz="UTC")),
        ("occurred_on", pa.date32()),
    ]
)
_PROFILES = pa.schema([("profile_id", pa.int64()), ("customer_id", pa.int64())])


def contact(profile: int, hours: float, kind: str, channel: str = "web") -> dict[str, Any]:
    at = START + timedelta(hours=hours)
    return {"profile_id": profile, "kind": kind, "channel": channel, "occurred_at": at, "occurred_on": at.date()}


def moments_of(*contacts: dict[str, Any], as_of: date = date(2026, 12, 31), gap_days: int = 30) -> ir.Table:
    """Profiles 1 and 11 are customer 1, 2 is customer 2, and so on; 99 is nobody's any more."""
    numbered = [{"touchpoint_id": number} | each for number, each in enumerate(contacts, start=1)]
    profiles = [{"profile_id": number, "customer_id": number % 10} for number in range(1, 20)]
    facts = mart.facts(
        ibis.memtable(pa.Table.from_pylist(numbered, schema=_RAW)),
        ibis.memtable(pa.Table.from_pylist(profiles, schema=_PROFILES)),
        as_of=as_of,
    )
    return mart.moments(facts, gap_days=gap_days)


def report_of(moments: ir.Table) -> dict[str, Any]:
    follows = sorted(rows_of(mart.follows(moments), by="before"), key=lambda row: (row["before"], row["activity"]))
    return {
        "activities": rows_of(mart.activities(moments, mart.journeys(moments)), by="activity"),
        "follows": follows,
        "journeys": rows_of(mart.journeys(moments), by="customer_id"),
    }


GOLDEN = (
    contact(1, 0, "visit"),
    contact(1, 1, "visit"),  # the same step again
    contact(11, 5, "order"),  # another profile of the same customer; four hours after the last visit
    contact(1, 5 + 24 * 31, "visit"),  # 31 days later: a new journey
    contact(2, 0, "visit"),
    contact(2, 2, "order"),
    contact(2, 10, "case"),
    contact(2, 12, "order"),
    contact(3, 0, "call"),
    contact(99, 0, "call"),
)


def test_journeys_worked_by_hand() -> None:
    found = report_of(moments_of(*GOLDEN))
    assert [tuple(row.values()) for row in found["activities"]] == [
        # activity, steps, contacts, customers, began, ended
        ("call", 1, 1, 1, 1, 1),
        ("case", 1, 1, 1, 0, 0),
        ("order", 3, 3, 2, 0, 2),
        ("visit", 3, 4, 2, 3, 1),
    ]
    assert [tuple(row.values()) for row in found["follows"]] == [
        # before, activity, steps, customers, seconds in all, seconds that half do not exceed
        ("case", "order", 1, 1, 2 * 3600, 2 * 3600),
        ("order", "case", 1, 1, 8 * 3600, 8 * 3600),
        ("visit", "order", 2, 2, 6 * 3600, 2 * 3600),
    ]
    shown = [
        (row["customer_id"], row["journey"], row["contacts"], row["steps"], row["last_activity"])
        for row in found["journeys"]
    ]
    assert sorted(shown) == [
        (1, 1, 3, 2, "order"), (1, 2, 1, 1, "visit"), (2, 1, 4, 4, "order"), (3, 1, 1, 1, "call"),
    ]  # fmt: skip


def test_an_as_of_day_never_sees_what_comes_after_it() -> None:
    day = date(2026, 1, 1)
    later = contact(3, 24, "order")
    assert report_of(moments_of(*GOLDEN, as_of=day)) == report_of(moments_of(*GOLDEN, later, as_of=day))
    assert report_of(moments_of(*GOLDEN)) != report_of(moments_of(*GOLDEN, later))


def test_journeys_with_and_without_an_activity_are_all_journeys() -> None:
    moments = moments_of(*GOLDEN)
    keys = ["customer_id", "journey"]
    ordered = mart.with_activity(moments, activity="order")
    having = report_of(moments.semi_join(ordered, keys))["journeys"]
    lacking = report_of(moments.anti_join(ordered, keys))["journeys"]
    assert {(row["customer_id"], row["journey"]) for row in having} == {(1, 1), (2, 1)}
    assert {(row["customer_id"], row["journey"]) for row in lacking} == {(1, 2), (3, 1)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_begins_and_ends_and_follows_adds_up_whatever_the_order_of_rows_and_threads(seed: int) -> None:
    chance = random.Random(seed)
    kinds = ("visit", "order", "call", "case", "campaign")
    contacts = [
        contact(
            chance.randrange(1, 20), chance.randrange(0, 4000), chance.choice(kinds), chance.choice(("web", "store"))
        )
        for _ in range(400)
    ]
    moments = moments_of(*contacts, gap_days=10)
    found = report_of(moments)
    count = len(found["journeys"])
    assert sum(row["began"] for row in found["activities"]) == sum(row["ended"] for row in found["activities"]) == count
    for row in found["activities"]:
        into = sum(way["steps"] for way in found["follows"] if way["activity"] == row["activity"])
        out_of = sum(way["steps"] for way in found["follows"] if way["before"] == row["activity"])
        assert into + row["began"] == row["steps"] == out_of + row["ended"]
    assert all(way["before"] != way["activity"] for way in found["follows"])
    one = [rows_of(mart.follows(moments), by="steps", threads=1), rows_of(mart.follows(moments), by="steps", threads=4)]
    key = lambda row: (row["before"], row["activity"])  # noqa: E731
    assert sorted(one[0], key=key) == sorted(one[1], key=key)


def test_the_marts_of_journeys_mean_the_same_on_every_engine() -> None:
    raw = ibis.table(
        {
            "touchpoint_id": "int64", "profile_id": "int64", "kind": "string", "channel": "string",
            "occurred_at": "timestamp('UTC')", "occurred_on": "date",
        },
        name="touchpoints",
    )  # fmt: skip
    profiles = ibis.table({"profile_id": "int64", "customer_id": "int64"}, name="profile_customers")
    moments = mart.moments(mart.facts(raw, profiles, as_of=date(2026, 1, 1)), gap_days=30)
    for table in (
        moments, mart.journeys(moments), mart.follows(moments), mart.activities(moments, mart.journeys(moments)),
        mart.with_activity(moments, activity="order"), mart.on_channel(moments, channel="web"),
    ):  # fmt: skip
        assert sorted(set(unportable_parts(table))) == []


def _report(ways: dict[tuple[str, str], int], began: dict[str, int]) -> dict[str, Any]:
    names = sorted({name for way in ways for name in way} | set(began))
    return {
        "activities": [
            {
                "activity": name,
                "steps": began.get(name, 0) + sum(count for way, count in ways.items() if way[1] == name),
                "began": began.get(name, 0),
                "ended": 0,
            }
            for name in names
        ],
        "follows": [
            {"before": way[0], "activity": way[1], "steps": count, "median_seconds": 60} for way, count in ways.items()
        ],
    }


def _apart(drawn: ProcessMap) -> bool:
    boxes = drawn.boxes
    return all(
        abs(one.left - other.left) >= BOX_WIDTH or abs(one.top - other.top) >= BOX_HEIGHT
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
    )


def test_a_map_runs_from_the_beginning_downward_and_leaves_no_activity_out() -> None:
    ways = {("a", "b"): 90, ("b", "c"): 60, ("c", "d"): 40, ("d", "e"): 30, ("e", "a"): 2, ("a", "e"): 1}
    drawn = process_map(_report(ways, {"a": 100}), share=0.5)
    tops = {box.activity: (box.top, box.left) for box in drawn.boxes}
    assert tops["a"][0] <= tops["b"][0] <= tops["d"][0] <= tops["e"][0]
    shown = {(arrow.before, arrow.activity) for arrow in drawn.arrows}
    assert ("a", "e") not in shown, "a rare way between activities that are on the map anyway"
    assert {name for way in shown for name in way} == set("abcde")
    assert drawn.shown == len(shown) < drawn.ways == 6
    assert _apart(drawn)


def test_a_map_of_thirty_steps_keeps_its_boxes_apart_and_shows_few_ways() -> None:
    chance = random.Random(30)
    names = [f"step_{number:02}" for number in range(30)]
    ways = {
        (one, other): chance.randrange(1, 5) + (500 if index + 1 < 30 and other == names[index + 1] else 0)
        for index, one in enumerate(names)
        for other in names
        if one != other and (chance.random() < 0.4 or other == names[min(index + 1, 29)])
    }
    drawn = process_map(_report(ways, {names[0]: 400, names[1]: 50}), share=0.7)
    assert len(drawn.boxes) == 30
    assert _apart(drawn)
    assert len(drawn.arrows) <= 60, "of hundreds of ways the ones that carry the most"
    assert drawn.share >= 0.7
    assert all(0 <= box.left <= drawn.width and 0 <= box.top <= drawn.height for box in drawn.boxes)


def test_nothing_is_drawn_of_nothing() -> None:
    drawn = process_map({"activities": [], "follows": []}, share=0.9)
    assert drawn.boxes == []
    assert drawn.arrows == []
    assert drawn.share == 1.0
