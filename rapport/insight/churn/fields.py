"""What is known of customers in fields, as a table to learn from: which field says who left, and what the others say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils.translation import gettext_noop

from rapport.core.money import from_micros
from rapport.insight.churn.words import feature_labels
from rapport.insight.marts import purchase_rhythm as rhythm
from rapport.insight.scores.churn import LeftOut, UnableToLearn
from rapport.insight.scores.columns import Column, Numbers, Table, category, number
from rapport.insight.warehouse.engine import Warehouse
from rapport.records.custom_fields.declaring import CustomDefinition
from rapport.records.custom_fields.queries import custom_fields_of
from rapport.records.registry import FieldKind

MEANS_LEFT = (
    "true",
    "1",
    "yes",
    "y",
    "left",
    "churned",
    "churn",
    "lost",
    "gone",
    "cancelled",
    "canceled",
    "attrited",
    "exited",
    "terminated",
    "ja",
    "oui",
    "sí",
)
_DENIALS = {"not", "no", "non", "never", "un", "nicht", "nie", "pas", "jamais", "nunca"}
_SAID_AMONG_OTHERS = {"churned", "lost", "gone", "cancelled", "canceled", "attrited", "exited", "terminated"}
_NUMBERS = (FieldKind.NUMBER, FieldKind.MONEY)
_OF_EVERYBODY = ("kind", "country", "region", "language")
_HAS = ("has_email", "has_phone")
_NOT_LEARNED = (FieldKind.LINK,)


@dataclass(frozen=True)
class Known:
    """Customers with their columns; `outcomes` are 1 for who left, 0 for who stayed, NaN where the field says nothing."""

    table: Table
    outcomes: Numbers
    label: CustomDefinition
    means_left: str
    left_out: list[LeftOut]
    fields: tuple[CustomDefinition, ...]


def read(warehouse: Warehouse, *, asked: str, means_left: str, as_of: date) -> Known:
    """The snapshot's customers by their fields. Fields keep no history: their values are those of the snapshot."""
    fields = custom_fields_of("customer")
    label = find_field(fields, asked)
    learned = tuple(each for each in fields if each.kind not in _NOT_LEARNED and each.name != label.name)
    customers = warehouse.table("customers").to_pyarrow().to_pydict()
    order = np.argsort(np.asarray(customers["customer_id"], dtype=np.int64), kind="stable")
    ids = np.asarray(customers["customer_id"], dtype=np.int64)[order]
    said = values_of(warehouse, (label, *learned))
    outcomes, positive = _outcomes(label, [said[label.name].get(each) for each in ids.tolist()], means_left)
    built_in = {name: [customers[name][place] for place in order.tolist()] for name in (*_OF_EVERYBODY, *_HAS)}
    columns = [*_declared(learned, said, ids.tolist(), as_of), *_demographic(built_in)]
    return Known(
        Table(ids, tuple(columns)), outcomes, label, positive,
        [LeftOut(each.name, each.label, "link") for each in fields if each.kind in _NOT_LEARNED]
        + [LeftOut("orders", "Orders", "orders")],
        fields,
    )  # fmt: skip


def find_field(fields: Sequence[CustomDefinition], asked: str) -> CustomDefinition:
    """The field of customers with this name or label, in any capitals."""
    wanted = " ".join(asked.split()).casefold()
    for each in fields:
        if wanted in (each.name.casefold(), each.label.casefold()):
            return each
    offered = ", ".join(each.label for each in fields) or "none"
    raise UnableToLearn(
        gettext_noop(
            "Customers have no field called “%(asked)s”. Fields of their own: %(offered)s. An import makes fields of a file's"
            " columns: --fields on the command line."
        ),
        asked=asked, offered=offered,
    )  # fmt: skip


def names(known: Known, asked: Sequence[str]) -> tuple[str, ...]:
    """The names of the fields that somebody called by name or label; built-in ones are called by their name."""
    built_in = {column.name for column in known.table.columns}
    return tuple(each if each in built_in else find_field(known.fields, each).name for each in asked)


def values_of(warehouse: Warehouse, fields: Sequence[CustomDefinition]) -> Mapping[str, dict[int, list[str]]]:
    """What each of the fields says, by customer; several choices at once are several values."""
    found: dict[str, dict[int, list[str]]] = {each.name: {} for each in fields}
    mart = rhythm.customer_values(warehouse.table("customer_values"), fields=tuple(found))
    rows = mart.to_pyarrow().to_pydict()
    for customer, name, value in zip(rows["customer_id"], rows["field"], rows["value"], strict=True):
        found[name].setdefault(customer, []).append(value)
    return found


def _outcomes(label: CustomDefinition, values: Sequence[list[str] | None], means_left: str) -> tuple[Numbers, str]:
    """Who left, by the one value of the field that means so: named, or one of the usual words, of the two that occur."""
    said = [each[0] if each else None for each in values]
    occur = sorted({each for each in said if each is not None})
    shown = {each: label.label_of(each) for each in occur}
    if means_left:
        meant = [each for each in occur if means_left.casefold() in (each.casefold(), shown[each].casefold())]
    else:
        meant = [each for each in occur if _means_left(each) or _means_left(shown[each])]
    if len(occur) < 2 and not meant:
        raise UnableToLearn(
            gettext_noop(
                "“%(field)s” says %(told)s of everybody of whom it says something. To learn who leaves there must be customers"
                " who left and customers who stayed."
            ),
            field=label.label, told=shown[occur[0]] if occur else "nothing",
        )  # fmt: skip
    if len(meant) != 1 or (len(occur) > 2 and not means_left):
        told = ", ".join(shown[each] for each in occur[:12]) or "nothing at all"
        raise UnableToLearn(
            gettext_noop(
                "Which value of “%(field)s” means that somebody left? It says: %(told)s. Name one: on the page, or with --left on"
                " the command line."
            ),
            field=label.label, told=told,
        )  # fmt: skip
    outcomes = np.array([np.nan if each is None else float(each == meant[0]) for each in said])
    return outcomes, shown[meant[0]]


def _means_left(said: str) -> bool:
    """Whether a value says that somebody left: one of the usual words, by itself or among others ("Attrited Customer")."""
    plain = said.casefold().strip(" .!")
    words = set(re.findall(r"\w+", plain))
    return plain.removesuffix(".0") in MEANS_LEFT or bool(words & _SAID_AMONG_OTHERS and not words & _DENIALS)


def _declared(
    fields: Sequence[CustomDefinition], said: Mapping[str, dict[int, list[str]]], ids: Sequence[int], as_of: date
) -> list[Column]:
    columns: list[Column] = []
    for each in fields:
        values = said[each.name]
        first = [values[customer][0] if customer in values else None for customer in ids]
        if each.kind in _NUMBERS:
            columns.append(number(each.name, each.label, [number_of(each, value) for value in first], each.kind.value))
        elif each.kind is FieldKind.DATE:
            columns.append(number(each.name, each.label, [_days_since(value, as_of) for value in first], "days ago"))
        elif each.kind is FieldKind.CHOICES:
            columns += _each_choice(each, values, ids)
        elif each.kind is FieldKind.BOOLEAN:
            columns.append(category(each.name, each.label, [_yes_or_no(value) for value in first]))
        elif _looks_like_numbers(first):
            columns.append(number(each.name, each.label, [_float(value) for value in first]))
        else:
            columns.append(category(each.name, each.label, [value and each.label_of(value) for value in first]))
    return columns


def _each_choice(field: CustomDefinition, values: Mapping[int, list[str]], ids: Sequence[int]) -> list[Column]:
    """Several choices at once: each of them is had or not."""
    return [
        category(
            field.name,
            f"{field.label}: {choice.label}",
            [_yes_or_no(str(choice.value in values.get(customer, ())).lower()) for customer in ids],
        )
        for choice in field.choices
    ]


def _demographic(built_in: Mapping[str, Sequence[object]]) -> list[Column]:
    labels = feature_labels()
    found = [
        category(name, labels[name], [None if value is None else str(value) for value in built_in[name]])
        for name in _OF_EVERYBODY
    ]
    return found + [
        category(name, labels[name], ["yes" if value else "no" for value in built_in[name]]) for name in _HAS
    ]


def _looks_like_numbers(values: Sequence[str | None]) -> bool:
    """A text field of which all values are numbers, and more of them than levels could be."""
    said = [each for each in values if each is not None]
    return len(set(said)) > 12 and all(_float(each) is not None for each in said)


def number_of(field: CustomDefinition, value: str | None) -> float | None:
    """The number that a kept value is, money in whole units; None where it is none."""
    found = _float(value)
    return float(from_micros(int(found))) if found is not None and field.kind is FieldKind.MONEY else found


def _float(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def _days_since(value: str | None, as_of: date) -> float | None:
    try:
        return None if value is None else float((as_of - date.fromisoformat(value)).days)
    except ValueError:
        return None


def _yes_or_no(value: str | None) -> str | None:
    return None if value is None else "yes" if value == "true" else "no"
