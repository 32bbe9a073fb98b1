"""Reading the trail: by place and by index however long it is, in words, and nothing that nobody declared."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from rapport.audit import queries
from rapport.audit.actions import record
from rapport.audit.queries import CHANGES, PROGRAMS, TrailAsked, trail
from rapport.audit.reading import KINDS, Act, acts_of, read_entries, words
from rapport.core.acting import acting
from rapport.core.rooms import contributions

ROOMS = Path(__file__).parents[2]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_FILL = """
select count(audit_write(case when g % 10 = 0 then '' else 'accounts_team' end, g::text,
    case when g % 10 = 0 then 'sign-in' else 'update' end, '{}', '{}')) from generate_series(1, 3000) g
"""


@pytest.fixture
def long_trail(ada):
    with acting(ada), connection.cursor() as cursor:
        cursor.execute(_FILL)


def plan_of(asked: TrailAsked) -> list[str]:
    """How each part of what is asked is looked up when nothing is sorted that an index has in order already."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_sort = off; set local enable_seqscan = off; set local enable_bitmapscan = off")
        branches = [queries._branch(each, asked, cursor) for each in queries._conditions(asked)]
        plans = []
        for branch in branches:
            cursor.execute("explain " + branch.as_string(connection.connection))
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (TrailAsked(), "audit_event_at"),
        (TrailAsked(since=NOON, until=NOON), "audit_event_at"),
        (TrailAsked(actor_id="user:1"), "audit_event_actor"),
        (TrailAsked(kind=CHANGES), "audit_event_at"),
        (TrailAsked(kind="sign-ins", acts=("sign-in", "sign-out")), "audit_event_act"),
        (TrailAsked(kind=PROGRAMS), "audit_event_program"),
    ],
    ids=["all", "days", "person", "changes", "sign-ins", "programs"],
)
def test_a_page_of_the_trail_is_read_from_an_index_in_its_order(asked, index, long_trail):
    for plan in plan_of(asked):
        assert index in plan
        assert "Sort" not in plan
        assert "Seq Scan" not in plan


def test_the_history_of_a_record_is_read_from_the_index_of_its_rows(long_trail):
    (plan,) = plan_of(TrailAsked(rows={"accounts_team": [7, 8]}))

    assert "audit_event_row" in plan


def test_pages_follow_each_other_without_gap_or_repetition_also_within_one_instant(long_trail):
    seen, before = [], None
    for _page in range(100):
        page = trail(TrailAsked(before=before, size=70))
        seen += [entry.id for entry in page.entries]
        before = page.before
        if before is None:
            break

    assert len(seen) == len(set(seen)) >= 3000
    assert seen == sorted(seen, reverse=True)


def test_a_place_that_is_none_leads_to_nothing(long_trail):
    assert trail(TrailAsked(before=2**61)).entries == ()


def recorded() -> set[str]:
    """The acts that code records by a plain name."""
    names = set()
    for path in ROOMS.rglob("*.py"):
        if {"tests", "demo"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("record", "record_bulk") and isinstance(node.args[0].value, str):
                    names.add(node.args[0].value)
    return names


def test_what_is_recorded_by_name_has_words_and_a_kind():
    known = {act.name: act for act in contributions("trail", "ACTS", Act)}

    of_a_kind = re.compile(r"sign|password|two-factor|denied|export|download|read|eras|backup")
    without = sorted(name for name in recorded() - known.keys() if of_a_kind.search(name))
    assert without == [], "list them in trail.ACTS of their room"
    assert {act.kind for act in known.values()} <= set(KINDS) - {CHANGES}
    assert all(acts_of(kind) for kind in set(KINDS) - {CHANGES, PROGRAMS})


def test_an_act_that_nobody_named_is_shown_as_it_is(ada):
    record("turned the tables", by=ada, values={"tables": 3})

    (read,) = [each for each in read_entries(ada, trail(TrailAsked()).entries) if not each.event.table][:1]
    assert (read.what, read.is_data) == ("turned the tables", True)
    assert [(said.label, said.after) for said in read.said] == [("Tables", "3")]


def test_words_are_of_columns_that_there_are(db):
    with connection.cursor() as cursor:
        cursor.execute("select table_name, column_name from information_schema.columns where table_schema = 'public'")
        there = set(cursor.fetchall())
    named = {(table, column) for table, of in words().items() for column in of.columns}

    assert sorted(named - there) == []
