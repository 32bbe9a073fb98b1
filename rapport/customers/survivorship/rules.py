"""The rules by which one of several values is shown: read from their tables as one value, and as sort keys in SQL.

Under every rule a tie goes to the source that comes first, then to what was seen later, then to the newer profile; so
one profile always wins, whatever order they came in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.golden import CUSTOM_PREFIX, STAFF_SOURCE, Unit

PRIORITY, RECENT, FREQUENT, LONGEST = "priority", "recent", "frequent", "longest"
# counting and measuring would make typing a correction pointless
_STAFF_FIRST = (FREQUENT, LONGEST)
_UNKNOWN_PRIORITY = 100


@dataclass(frozen=True)
class Rules:
    """Which rule each unit has (`priority` where none is named), and how the sources stand."""

    priorities: Mapping[int, int]  # source id → priority, the smaller wins
    staff_id: int = 0
    rules: Mapping[str, str] = field(default_factory=dict)
    own_priorities: Mapping[str, Mapping[int, int]] = field(default_factory=dict)  # unit → source id → priority

    def __hash__(self) -> int:
        return hash((frozenset(self.priorities.items()), self.staff_id, frozenset(self.rules.items())))

    def rule_of(self, unit: str) -> str:
        return self.rules.get(unit, PRIORITY)

    def priority_of(self, unit: str, source_id: int) -> int:
        own = self.own_priorities.get(unit, {})
        return own.get(source_id, self.priorities.get(source_id, _UNKNOWN_PRIORITY))

    def puts_staff_first(self, unit: str) -> bool:
        return self.rule_of(unit) in _STAFF_FIRST


_LOCK = 7_263_110
READ_RULES = sql.SQL("""
select (select coalesce(json_object_agg(id, priority), '{{}}') from customers_source),
       coalesce((select id from customers_source where name = {staff}), 0),
       (select coalesce(json_object_agg(field, rule), '{{}}') from customers_fieldrule),
       (select coalesce(json_agg(json_build_array(field, source_id, priority)), '[]') from customers_fieldpriority)
""").format(staff=sql.Literal(STAFF_SOURCE))


LOCK_RULES = f"pg_advisory_xact_lock_shared({_LOCK})"
HOLD_RULES = f"select {LOCK_RULES}"
# two statements sent together: the second sees what was committed while the first waited
ASK_RULES = sql.SQL("select pg_advisory_xact_lock_shared({}); {}").format(sql.Literal(_LOCK), READ_RULES)


def rules_asked(cursor: CursorWrapper) -> Rules:
    """The rules in force, when the answers to ASK_RULES are the next to be read.

    A change of them waits until the end of this transaction, so that it finds what it derived.
    """
    cursor.nextset()
    return rules_of(cursor.fetchone())


def rules_in_force() -> Rules:
    """The same for pages, which wait for nobody."""
    with connection.cursor() as cursor:
        return _read(cursor)


def _read(cursor: CursorWrapper) -> Rules:
    cursor.execute(READ_RULES)
    return rules_of(cursor.fetchone())


def rules_of(row: Sequence[Any]) -> Rules:
    """The rules that the columns of READ_RULES say."""
    priorities, staff, rules, own = row
    by_unit: dict[str, dict[int, int]] = {}
    for unit, source_id, priority in own:
        by_unit.setdefault(unit, {})[source_id] = priority
    return Rules({int(key): value for key, value in priorities.items()}, staff, rules, by_unit)


def hold_off_deriving(cursor: CursorWrapper) -> None:
    """Wait for whoever derives by the rules as they are; to be called before a change of them."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def order_of(unit: Unit, rules: Rules) -> sql.Composed:
    """The sort keys that put the winner of a unit first, among the rows of `ranked` in survivorship/deriving.py."""
    keys: list[sql.Composable] = []
    if len(unit.fields) > 1:
        lead = sql.SQL(", ").join(map(sql.Identifier, unit.lead))
        keys.append(sql.SQL("(num_nonnulls({}) > 0) desc").format(lead))
    rule = rules.rule_of(unit.name)
    if rules.puts_staff_first(unit.name):
        keys.append(sql.SQL("is_staff desc"))
    if rule == RECENT:
        keys.append(sql.SQL("seen_at desc"))
    elif rule == FREQUENT:
        keys.append(sql.SQL("{} desc").format(sayers_column(unit)))
    elif rule == LONGEST:
        lengths = sql.SQL(" + ").join(
            sql.SQL("coalesce(char_length({}::text), 0)").format(sql.Identifier(each)) for each in unit.fields
        )
        keys.append(sql.SQL("({}) desc").format(lengths))
    own = rules.own_priorities.get(unit.name)
    if own:
        keys += [_own_priority(own), sql.SQL("seen_at desc"), sql.SQL("id desc")]
    else:
        keys.append(sql.SQL("rank"))
    return sql.SQL(", ").join(keys)


def sayers_column(unit: Unit) -> sql.Identifier:
    """How many sources say the same as a row, where the rule asks for it."""
    return sql.Identifier(f"{unit.name}_sayers")


def count_sayers(unit: Unit) -> sql.Composed:
    """That count, as a window over the profiles of a customer: distinct sources, letters of either case alike."""
    same = sql.SQL(", ").join(sql.SQL("lower({}::text)").format(sql.SQL("p.") + sql.Identifier(f)) for f in unit.fields)
    return sql.SQL(
        "dense_rank() over (partition by p.customer_id, {same} order by p.source_id)"
        " + dense_rank() over (partition by p.customer_id, {same} order by p.source_id desc) - 1 as {column}"
    ).format(same=same, column=sayers_column(unit))


def order_of_custom(rules: Rules) -> sql.Composed:
    """The same for custom values, whose rules differ from key to key: for rows with `key`, `text` and `sayers`."""
    keys = {rule: _keys_with(rules, rule) for rule in (RECENT, FREQUENT, LONGEST)}
    first = sorted([*keys[FREQUENT], *keys[LONGEST]])
    return sql.SQL(
        "(key = any({first}) and is_staff) desc, case when key = any({recent}) then seen_at end desc,"
        " case when key = any({frequent}) then sayers end desc,"
        " case when key = any({longest}) then char_length(text) end desc, {priority}, seen_at desc, id desc"
    ).format(
        first=_texts(first),
        recent=_texts(keys[RECENT]),
        frequent=_texts(keys[FREQUENT]),
        longest=_texts(keys[LONGEST]),
        priority=_custom_priority(rules),
    )


def _keys_with(rules: Rules, rule: str) -> list[str]:
    named = (unit for unit, chosen in rules.rules.items() if chosen == rule and unit.startswith(CUSTOM_PREFIX))
    return sorted(unit.removeprefix(CUSTOM_PREFIX) for unit in named)


def _custom_priority(rules: Rules) -> sql.Composable:
    cases = [
        sql.SQL("when key = {} then {}").format(sql.Literal(unit.removeprefix(CUSTOM_PREFIX)), _own_priority(own))
        for unit, own in sorted(rules.own_priorities.items())
        if unit.startswith(CUSTOM_PREFIX)
    ]
    return sql.SQL("case {} else priority end").format(sql.SQL(" ").join(cases)) if cases else sql.SQL("priority")


def _own_priority(own: Mapping[int, int]) -> sql.Composed:
    cases = (sql.SQL("when {} then {}").format(sql.Literal(source), sql.Literal(own[source])) for source in sorted(own))
    return sql.SQL("case source_id {} else priority end").format(sql.SQL(" ").join(cases))


def _texts(values: list[str]) -> sql.Composed:
    return sql.SQL("{}::text[]").format(sql.Literal(values))
