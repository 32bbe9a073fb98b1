"""Reading the trail: by place and by index however long it is, in words, and nothing that nobody declared."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from rapport.audit import queries
from rapport.audit.actions import record, record_bulk
from rapport.audit.queries import CHANGES, PROGRAMS, TrailAsked, TrailEntry, trail
from rapport.audit.reading import KINDS, Act, Reason, acts_of, read_entries, words
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
            cursor.execute("explain " + branch.as_string(connection.connection), {"actor": asked.actor_id})
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

    assert sorted(recorded() - known.keys()) == [], "list them in trail.ACTS of their room"
    assert {act.kind for act in known.values()} <= set(KINDS) - {CHANGES}
    assert all(acts_of(kind) for kind in set(KINDS) - {CHANGES, PROGRAMS})


def reasons_given() -> Iterator[str]:
    """The reasons that code gives `acting` by a text, a constant or the name of an event."""
    for path in ROOMS.rglob("*.py"):
        if {"tests", "demo", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "acting":
                for keyword in node.keywords:
                    if keyword.arg == "reason":
                        yield from texts_of(keyword.value, path)


def texts_of(node: ast.expr, path: Path) -> list[str]:
    match node:
        case ast.Constant():
            return [node.value]
        case ast.JoinedStr(values=[ast.Constant(value=beginning), *_rest]):
            return [beginning]
        case ast.IfExp():
            return texts_of(node.body, path) + texts_of(node.orelse, path)
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)):
            module = importlib.import_module(".".join(path.relative_to(ROOMS.parent).with_suffix("").parts))
            found = getattr(module, name, None)
            said = getattr(found, node.attr, None) if isinstance(node, ast.Attribute) else found
            return [said] if isinstance(said, str) else []
        case _:
            return []


def test_why_something_changed_is_said_in_words():
    known = {reason.name for reason in contributions("trail", "REASONS", Reason)}

    without = {said for said in reasons_given() if said not in known and not any(k.startswith(said) for k in known)}
    assert sorted(without) == [], "list them in trail.REASONS of their room"


def test_every_table_of_the_trail_has_words(db):
    with connection.cursor() as cursor:
        cursor.execute("select distinct tgrelid::regclass::text from pg_trigger where tgname = 'audit_row'")
        audited = {name for (name,) in cursor.fetchall()}

    assert sorted(audited - words().keys()) == [], "list them in trail.TABLES of their room"


def test_acts_on_many_rows_are_told_in_words(ada):
    with acting(ada, reason="bulk act 7"):
        record_bulk("undo customer.assign", {"bulk_act": 7, "rows": 12_000, "customers_profile": 2})

    read = read_entries(ada, trail(TrailAsked()).entries)[0]
    assert (read.what, read.reason, read.is_data) == ("Act on many, undone: Assign owner", "Act on many rows", False)
    assert [(said.label, said.after) for said in read.said if not said.is_data] == [("Rows", "12,000")]


def test_money_is_told_as_money(ada):
    when = datetime(2026, 3, 2, tzinfo=UTC)
    added = (("currency", "EUR"), ("price_micros", 12_500_000))
    raised = (("price_micros", [12_500_000, 1_234_560_000]),)
    events = [
        TrailEntry(1, when, "Ada", "user:1", "", "", "1", "", True, False, values, "commerce_product", operation)
        for values, operation in ((added, "insert"), (raised, "update"))
    ]

    first, second = read_entries(ada, events)
    assert [(said.label, said.after) for said in first.said] == [("Currency", "EUR"), ("Price", "€12.50")]
    assert [(said.before, said.after) for said in second.said] == [("12.50", "1,234.56")]


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
