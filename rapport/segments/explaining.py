"""Why a customer is in a segment, or not: each condition with what is known of the customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from rapport.accounts.queries import staff_list
from rapport.customers.lists import EXPORTED_CUSTOMERS
from rapport.records.behaviors import Asked
from rapport.records.filters.conditions import Filter, Node, condition_of
from rapport.records.filters.text import ALL, ANY
from rapport.records.lists.sql import joins_of, run
from rapport.records.registry import Field, FieldKind
from rapport.segments.definitions import IN_SEGMENT, parse_definition
from rapport.segments.models import Segment
from rapport.segments.queries import every_segment

_NOTHING = sql.SQL("null")


@dataclass(frozen=True)
class Reason:
    """One line: a condition with what is known, or the head of a group; `depth` is how far it stands within others."""

    words: str
    fits: bool
    depth: int = 0
    join: str = ""
    field: Field | None = None
    value: Any = None
    segments: tuple[Segment, ...] = ()
    is_sum: bool = False

    @property
    def is_group(self) -> bool:
        return bool(self.join)


def reasons_for(segment: Segment, customer_id: int, *, now: datetime) -> list[Reason]:
    """Line by line. Raises UnknownField where a field that is asked about has gone."""
    nodes = parse_definition(segment.definition, now=now)
    every = list(_flat(nodes, 0))
    values: list[sql.Composable] = []
    arguments: list[Any] = []
    for node, _depth in every:
        condition, bound = condition_of(node, found_by=EXPORTED_CUSTOMERS.found_by)
        told, said = _told(node)
        values += [sql.SQL("coalesce({}, false)").format(condition), told]
        arguments += [*bound, *said]
    query = sql.SQL("select {values} from {table} r{joins} where r.id = {key}").format(
        values=sql.SQL(", ").join(values),
        table=sql.Identifier(EXPORTED_CUSTOMERS.table),
        joins=joins_of(condition.field.join for node in nodes for condition in node.conditions),
        key=sql.Placeholder(),
    )
    (found,) = run(query, [*arguments, customer_id])
    people = {person.pk: person.name for person in staff_list()}
    by_id = {str(each.public_id): each for each in every_segment()}
    return [
        _reason(node, depth, bool(found[2 * place]), found[2 * place + 1], people, by_id)
        for place, (node, depth) in enumerate(every)
    ]


def joined(nodes: Sequence[Node]) -> str:
    """How the outermost conditions hold together."""
    return ALL if len(nodes) != 1 or isinstance(nodes[0], Filter) else nodes[0].join


def _flat(nodes: Sequence[Node], depth: int) -> Iterator[tuple[Node, int]]:
    for node in nodes:
        yield node, depth
        if not isinstance(node, Filter):
            yield from _flat(node.parts, depth + 1)


def _told(node: Node) -> tuple[sql.Composable, list[Any]]:
    """What is known of the customer where the condition looks."""
    if not isinstance(node, Filter):
        return _NOTHING, []
    if isinstance(node.value, Asked):
        return node.value.told or (_NOTHING, [])
    return sql.SQL(node.field.sql), []  # type: ignore[arg-type]


def _reason(node: Node, depth: int, fits: bool, told: Any, people: dict[int, str], by_id: dict[str, Segment]) -> Reason:
    if not isinstance(node, Filter):
        return Reason(node.label, fits, depth, join=node.join or ANY)
    if node.field.kind is FieldKind.PERSON:
        told = people.get(told)
    is_sum = isinstance(node.value, Asked) and node.value.is_sum
    segments = [by_id[key] for key in node.text.split(",") if key in by_id] if node.field.name == IN_SEGMENT else []
    return Reason(node.words, fits, depth, field=node.field, value=told, segments=tuple(segments), is_sum=is_sum)
