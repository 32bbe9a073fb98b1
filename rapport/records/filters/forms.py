"""The filter builder as a form: conditions and groups of them as rows that are typed, added and taken out."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records.behaviors import Behavior, Blank, BlankKind, read_blanks, write_blanks
from rapport.records.filters.conditions import (
    MOST_CONDITIONS,
    Filter,
    Group,
    Node,
    Operator,
    Reader,
    operators_of,
    parse_filter,
    parse_filters,
)
from rapport.records.filters.dates import amount
from rapport.records.filters.operators import Takes
from rapport.records.filters.text import ALL, ANY, JOINS, NONE, read_list, write_list
from rapport.records.filters.values import TO
from rapport.records.registry import Field, FieldKind, UnknownField

MOST_GROUPS = 10
JOIN_WORDS: tuple[tuple[str, str | Promise], ...] = (
    (ALL, gettext_lazy("all of these hold")),
    (ANY, gettext_lazy("any of these holds")),
    (NONE, gettext_lazy("none of these holds")),
)
_NAME = re.compile(r"(join|kept|field|not|operator|value)-(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
_STEP = re.compile(r"(add|ungroup|unkeep)-(\d{1,2})|(drop)-(\d{1,2})-(\d{1,2})|(group)|(show)|(apply)", re.ASCII)
_BLANK = "blank-"
_OF_THE_FORM = ("step", "builder", "add", "after", "filter", "was")


@dataclass
class Line:
    """One condition as it is typed; `error` says what is wrong with it."""

    field: Field | None = None
    operator: Operator | None = None
    is_negated: bool = False
    values: list[str] = dataclasses.field(default_factory=list)
    error: str = ""
    is_new: bool = False
    filled: dict[str, list[str]] = dataclasses.field(default_factory=dict)

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """What its question leaves open."""
        return self.field.asks.blanks if self.field is not None and isinstance(self.field.asks, Behavior) else ()

    @property
    def operators(self) -> list[Operator]:
        return operators_of(self.field) if self.field is not None else []

    @property
    def takes(self) -> str:
        """What its value is typed into."""
        if self.operator is None or self.field is None:
            return ""
        if self.operator.takes is Takes.ONE and self.field.kind is FieldKind.BOOLEAN:
            return "boolean"
        if self.operator.takes is Takes.CHOSEN and self.field.kind is FieldKind.PERSON:
            return "people"
        return self.operator.takes.value

    @property
    def input_type(self) -> str:
        """A day is picked; what is no day stays as it was typed."""
        if self.field is None or self.field.kind not in (FieldKind.DATE, FieldKind.INSTANT):
            return "text"
        return "date" if all(map(_is_day, self.values)) else "text"

    @property
    def is_amount(self) -> bool:
        return self.field is not None and self.field.kind in (FieldKind.NUMBER, FieldKind.MONEY)

    @property
    def choices(self) -> list[tuple[str, Any]]:
        return list(self.field.choices()) if self.field is not None and self.field.choices is not None else []

    @property
    def suggested(self) -> Sequence[str]:
        """What is offered while its text is typed."""
        return self.field.suggest() if self.field is not None and self.field.suggest is not None else ()

    @property
    def text(self) -> str:
        """The value as it stands in an address."""
        takes = self.operator.takes if self.operator is not None else Takes.NOTHING
        values = [each.strip() for each in self.values]
        if takes is Takes.BLANKS:
            return write_blanks(self.filled)
        if takes is Takes.SEVERAL:
            return write_list(line.strip() for each in values for line in each.splitlines() if line.strip())
        if takes is Takes.CHOSEN:
            return ",".join(values)
        if takes is Takes.TWO:
            return TO.join([*values, "", ""][:2])
        if takes is Takes.AMOUNT:
            return "_".join([*values, "", ""][:2])
        return _by_code(self.field, values[0]) if values else ""


@dataclass
class Lines:
    """Conditions that stand together."""

    join: str = ALL
    lines: list[Line] = dataclasses.field(default_factory=list)


@dataclass
class Builder:
    """The first group is the filter itself, the others stand in it; `kept` are deeper ones, shown and kept as they are."""

    groups: list[Lines]
    kept: list[Node] = dataclasses.field(default_factory=list)
    others: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    was: list[str] = dataclasses.field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(group.lines) for group in self.groups) + sum(len(list(each.conditions)) for each in self.kept)

    @property
    def may_grow(self) -> bool:
        return self.count < MOST_CONDITIONS

    @property
    def has_errors(self) -> bool:
        return bool(self.wrong)

    @property
    def wrong(self) -> list[tuple[str, Line]]:
        """(where it stands, the line) of every line with an error."""
        return [
            (f"{place}-{number}", line)
            for place, group in enumerate(self.groups)
            for number, line in enumerate(group.lines)
            if line.error
        ]


def builder_of(nodes: Sequence[Node], query: QueryDict) -> Builder:
    """What is asked for already, as rows."""
    was = [each.parameter for each in nodes]
    if len(nodes) == 1 and isinstance(nodes[0], Group) and not _is_line(nodes[0]):
        root = nodes[0]
        nodes, join = root.parts, root.join
    else:
        join = ALL
    builder = Builder([Lines(join)], others=others_of(query), was=was)
    for node in nodes:
        if _is_line(node):
            builder.groups[0].lines.append(_line(node))
        elif isinstance(node, Group) and all(map(_is_line, node.parts)) and len(builder.groups) <= MOST_GROUPS:
            builder.groups.append(Lines(node.join, [_line(part) for part in node.parts]))
        else:
            builder.kept.append(node)
    return builder


def typed_builder(query: QueryDict, *, fields: Mapping[str, Field], reader: Reader) -> Builder:
    """The rows as they were sent. A name that the registry does not know is UnknownField, a value that does not fit is not."""
    groups: dict[int, Lines] = {0: Lines()}
    lines: dict[tuple[int, int], Line] = {}
    kept = []
    for name in query:
        found = _NAME.fullmatch(name)
        if found is None:
            continue
        part, place = found[1], int(found[2])
        if part == "kept":
            kept.append(parse_kept(str(query[name]), fields=fields, reader=reader))
            continue
        group = groups.setdefault(place, Lines())
        if part == "join":
            group.join = str(query[name]) if query[name] in JOINS else ALL
        elif found[3] is not None and (place, int(found[3])) not in lines:
            lines[place, int(found[3])] = _typed_line(query, f"{place}-{int(found[3])}", fields=fields)
    for (place, _number), line in sorted(lines.items(), key=lambda item: item[0]):
        groups[place].lines.append(line)
    if len(groups) > MOST_GROUPS + 1 or len(lines) > MOST_CONDITIONS:
        raise UnknownField(_("A list takes at most {count} filters.").format(count=MOST_CONDITIONS))
    return Builder(
        [groups[place] for place in sorted(groups)], kept, others_of(query), query.getlist("was")[:MOST_CONDITIONS]
    )


def others_of(query: QueryDict) -> list[tuple[str, str]]:
    """What else the list was asked, which stays as it is."""
    return [
        (name, value)
        for name, values in query.lists()
        if name not in _OF_THE_FORM and not _NAME.fullmatch(name) and not name.startswith(_BLANK)
        for value in values
    ][:20]


def take_step(builder: Builder, step: str) -> None:
    """Add a row or a group, or take one out; a step that is not known changes nothing."""
    found = _STEP.fullmatch(step)
    if found is None:
        return
    place = int(found[2] or found[4] or 0)
    if place >= len(builder.groups) and found[1] != "unkeep":
        return
    if found[1] == "add" and builder.may_grow:
        builder.groups[place].lines.append(Line(is_new=True))
    elif found[1] == "ungroup" and place:
        del builder.groups[place]
    elif found[1] == "unkeep" and place < len(builder.kept):
        del builder.kept[place]
    elif found[3] and int(found[5]) < len(builder.groups[place].lines):
        del builder.groups[place].lines[int(found[5])]
    elif found[6] and builder.may_grow and len(builder.groups) <= MOST_GROUPS:
        builder.groups.append(Lines(ANY, [Line(is_new=True)]))


def filters_from(builder: Builder, *, fields: Mapping[str, Field], reader: Reader) -> list[Node]:
    """What the rows ask for; rows that say nothing are left out, and each that does not fit is told what is wrong."""
    found = [_nodes(group, fields=fields, reader=reader) for group in builder.groups]
    groups = [
        Group(group.join, tuple(nodes)) for group, nodes in zip(builder.groups[1:], found[1:], strict=True) if nodes
    ]
    parts = [*found[0], *groups, *builder.kept]
    if not parts or builder.has_errors:
        return []
    return parts if builder.groups[0].join == ALL else [Group(builder.groups[0].join, tuple(parts))]


def parse_kept(text: str, *, fields: Mapping[str, Field], reader: Reader) -> Node:
    found = parse_filters([text], fields=fields, reader=reader)
    return found[0] if len(found) == 1 else Group(ALL, found)


def _nodes(group: Lines, *, fields: Mapping[str, Field], reader: Reader) -> list[Node]:
    found: list[Node] = []
    for line in group.lines:
        if line.field is None:
            continue
        if line.operator is None:
            line.operator = line.operators[0]
            line.error = _("Say how “%(field)s” is compared.") % {"field": line.field.label}
            continue
        text = f"{line.field.name}.{line.operator.name}:{line.text}"
        try:
            asked = parse_filter(text, fields=fields, reader=reader)
        except UnknownField as refusal:
            line.error = str(refusal)
        else:
            found.append(Group(NONE, (asked,)) if line.is_negated else asked)
    return found


def _typed_line(query: QueryDict, place: str, *, fields: Mapping[str, Field]) -> Line:
    name = query.get(f"field-{place}", "")
    if not name:
        return Line()
    found = fields.get(name)
    if found is None or not found.operators:
        raise UnknownField(_("There is no field “{name}” to filter by.").format(name=name[:60]))
    wanted = query.get(f"operator-{place}", "")
    operator = next((each for each in operators_of(found) if each.name == wanted), None)
    line = Line(found, operator, f"not-{place}" in query, query.getlist(f"value-{place}"))
    line.filled = {blank.name: _typed_blank(query, f"{_BLANK}{place}-{blank.name}", blank) for blank in line.blanks}
    return line


def _typed_blank(query: QueryDict, name: str, blank: Blank) -> list[str]:
    """A length of time is typed in two places, its number and its unit; without a number it is not asked."""
    typed = [str(each).strip() for each in query.getlist(name)]
    if blank.kind is BlankKind.LENGTH:
        return ["_".join(typed[:2])] if len(typed) > 1 and typed[0] else []
    return [each for each in typed if each]


def _is_line(node: Node) -> bool:
    """Whether it is one condition, or the opposite of one, that can be typed."""
    if isinstance(node, Filter):
        return node.field.offered
    return node.join == NONE and len(node.parts) == 1 and isinstance(node.parts[0], Filter) and _is_line(node.parts[0])


def _line(node: Node) -> Line:
    asked = next(iter(node.conditions))
    line = Line(asked.field, asked.operator, isinstance(node, Group), list(_typed_values(asked)))
    line.filled = read_blanks(asked.text) if line.blanks else {}
    return line


def _typed_values(asked: Filter) -> Iterator[str]:
    """The opposite of `Line.text`."""
    takes = asked.operator.takes
    if takes is Takes.SEVERAL:
        yield "\n".join(read_list(asked.text))
    elif takes is Takes.CHOSEN:
        yield from (each.strip() for each in asked.text.split(","))
    elif takes is Takes.TWO:
        yield from (each.strip() for each in asked.text.split(TO, 1))
    elif takes is Takes.AMOUNT:
        count, unit = amount(asked.text)
        yield from (str(count), f"{unit}s")
    elif takes not in (Takes.NOTHING, Takes.BLANKS):
        yield _by_name(asked.field, asked.text)


def _by_name(field: Field, text: str) -> str:
    """“Germany”, where DE is kept, and the name is understood again."""
    if field.suggest is None or field.format is None or field.read is None:
        return text
    name = field.format(text)
    return name if field.read(name) == text else text


def _by_code(field: Field | None, typed: str) -> str:
    """The opposite: an address says the same in every language."""
    if field is None or field.suggest is None or field.read is None:
        return typed
    return field.read(typed) or typed


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return not text
    return True
