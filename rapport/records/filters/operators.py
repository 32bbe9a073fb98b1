"""The comparisons that each kind of field knows: their names, their words, what they are asked with, and their SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.records.registry import Field, FieldKind


class Takes(Enum):
    """What a comparison is asked with."""

    NOTHING = "nothing"
    ONE = "one"
    TWO = "two"
    SEVERAL = "several"
    CHOSEN = "chosen"
    PERIOD = "period"
    AMOUNT = "amount"
    BLANKS = "blanks"


@dataclass(frozen=True)
class Operator:
    """A comparison: its name in the URL, its words where it is chosen, and its SQL over {field}, {folded} (text without
    its case), {value} and {end}.

    It may be asked of every field that allows it, or that allows what it comes `along` with: who may ask whether a day
    is before another may ask whether it is this week. `said` are its words before a value, where they differ, and
    `wrapped` what the value is put into.
    """

    name: str
    label: str | Promise
    template: str
    takes: Takes = Takes.ONE
    along: str = ""
    said: str | Promise | None = None
    wrapped: str | Promise = "%(value)s"

    @property
    def takes_value(self) -> bool:
        return self.takes is not Takes.NOTHING

    @property
    def is_plain(self) -> bool:
        """Whether one field of a form, or boxes to choose from, are enough to ask it."""
        return self.takes in (Takes.NOTHING, Takes.ONE, Takes.CHOSEN)


_LOWERED = "any(array(select lower(asked) from unnest({value}::text[]) asked))"
_EMPTY = (
    Operator("empty", _("is empty"), "{field} is null", Takes.NOTHING),
    Operator("filled", _("is filled in"), "{field} is not null", Takes.NOTHING),
)
_COMPARISONS = (
    Operator("is", _("is"), "{field} = {value}"),
    Operator("is_not", _("is not"), "{field} is distinct from {value}", along="is"),
    Operator("over", _("is over"), "{field} > {value}"),
    Operator("under", _("is under"), "{field} < {value}"),
    Operator("at_least", _("is at least"), "{field} >= {value}"),
    Operator("at_most", _("is at most"), "{field} <= {value}"),
    Operator("between", _("is between"), "({field} >= {value} and {field} <= {end})", Takes.TWO, along="at_least"),
)
_TEXTS = (
    Operator("is", _("is"), "{folded} = lower({value})"),
    Operator("is_not", _("is not"), "{folded} is distinct from lower({value})"),
    Operator("one_of", _("is one of"), "{folded} = " + _LOWERED, Takes.SEVERAL, along="is"),
    Operator("not_one_of", _("is none of"), "({folded} = " + _LOWERED + ") is not true", Takes.SEVERAL, along="is_not"),
    Operator("starts_with", _("starts with"), "starts_with({folded}, lower({value}))"),
    Operator("contains", _("contains"), "strpos({folded}, lower({value})) > 0"),
    Operator(
        "contains_not", _("does not contain"), "(strpos({folded}, lower({value})) > 0) is not true", along="contains"
    ),
)
_MOVING = (
    Operator(
        "in", _("is in"), "({field} >= {value} and {field} < {end})", Takes.PERIOD, along="after", said=""
    ),
    Operator(
        "in_last", _("is in the last …"), "({field} >= {value} and {field} < {end})", Takes.AMOUNT, along="after",
        said=_("in the last"),
    ),
    Operator(
        "in_next", _("is in the next …"), "({field} >= {value} and {field} < {end})", Takes.AMOUNT, along="after",
        said=_("in the next"),
    ),
    Operator(
        "more_ago", _("is more than … ago"), "{field} < {value}", Takes.AMOUNT, along="before",
        said=_("more than"), wrapped=_("%(value)s ago"),
    ),
    Operator(
        "more_ahead", _("is more than … from now"), "{field} >= {value}", Takes.AMOUNT, along="after",
        said=_("more than"), wrapped=_("%(value)s from now"),
    ),
)  # fmt: skip
# the days of this year and of earlier ones that return on the one that is asked for, 29 February else on the 28th
_EACH_YEAR = """{field} = any(array(
    select day from (select {value}::date as at) asked, generate_series(0, 150) years,
           lateral (values ((at - make_interval(years => years))::date), ((at - make_interval(years => years))::date + 1)) d (day)
     where (day + make_interval(years => years))::date = at))"""
_BETWEEN_DAYS = Operator(
    "between", _("is between"), "({field} >= {value} and {field} < {end})", Takes.TWO, along="after"
)
OPERATORS: dict[FieldKind, tuple[Operator, ...]] = {
    FieldKind.TEXT: _TEXTS,
    FieldKind.LINK: _TEXTS,
    FieldKind.CHOICE: (
        Operator("is", _("is"), "{field} = any({value})", Takes.CHOSEN),
        Operator("is_not", _("is not"), "({field} is null or {field} <> all({value}))", Takes.CHOSEN, along="is"),
    ),
    FieldKind.CHOICES: (
        Operator("has", _("has one of"), "{field} ?| {value}", Takes.CHOSEN),
        Operator("has_all", _("has all of"), "{field} ?& {value}", Takes.CHOSEN),
        Operator("has_not", _("has none of"), "({field} is null or not {field} ?| {value})", Takes.CHOSEN),
    ),
    FieldKind.NUMBER: _COMPARISONS,
    FieldKind.MONEY: _COMPARISONS,
    FieldKind.DATE: (
        Operator("on", _("is on"), "{field} = {value}"),
        Operator("before", _("is before"), "{field} < {value}"),
        Operator("after", _("is after"), "{field} > {value}"),
        Operator("each_year", _("returns each year on"), _EACH_YEAR),
        _BETWEEN_DAYS,
        *_MOVING,
    ),
    FieldKind.INSTANT: (
        Operator("on", _("is on"), "({field} >= {value} and {field} < {end})"),
        Operator("before", _("is before"), "{field} < {value}"),
        Operator("after", _("is after"), "{field} >= {end}"),
        _BETWEEN_DAYS,
        *_MOVING,
    ),
    FieldKind.BOOLEAN: (Operator("is", _("is"), "{field} = {value}"),),
    FieldKind.BEHAVIOR: (
        Operator("did", _("there are"), "", Takes.BLANKS, said="–"),
        Operator("never", _("there are none"), "", Takes.BLANKS, said=_("never –")),
    ),
    FieldKind.MEMBERSHIP: (
        Operator("is", _("is one of"), "", Takes.CHOSEN, said=_("is")),
        Operator("is_not", _("is none of"), "", Takes.CHOSEN, said=_("is not")),
    ),
    FieldKind.PERSON: (
        Operator("is", _("is"), "{field} = any({value})", Takes.CHOSEN),
        Operator("is_not", _("is not"), "({field} = any({value})) is not true", Takes.CHOSEN, along="is"),
    ),
}


def operators_of(field: Field) -> list[Operator]:
    """The comparisons a user may ask of `field`, in the order of the kind."""
    return [
        each
        for each in (*OPERATORS[field.kind], *_EMPTY)
        if each.name in field.operators or each.along in field.operators
    ]


def all_operators() -> dict[FieldKind, Sequence[Operator]]:
    """Every comparison by kind of field; for tests that check the registry against it."""
    return {kind: (*operators, *_EMPTY) for kind, operators in OPERATORS.items()}
