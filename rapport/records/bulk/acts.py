"""Acts on many rows at once: what rooms declare of them in bulk_acts.py, and what can become of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django import forms
from django.db import transaction
from django.utils.functional import Promise

from rapport.core.rooms import contributions
from rapport.records.exporting.lists import exported_lists

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_ROWS = 100_000
AT_ONCE_ROWS = 50
ANY_LIST = "*"

Keys = tuple[int, ...]


class UnableToAct(ValueError):
    """Nothing was done with the selected rows; the message says why."""


@dataclass(frozen=True)
class Treated:
    """Done. `undo` is what taking it back needs, nothing where there is nothing to take back."""

    undo: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Refused:
    """This row stays as it is, and why."""

    reason: str


Answers = Mapping[int, Treated | Refused]


@dataclass(frozen=True)
class Batch:
    """Some rows of an act, by their number in it: the keys of each, what is wanted for it, or what undoing it needs."""

    rows: Mapping[int, Keys]
    by: User
    now: datetime
    answers: Mapping[str, str] = field(default_factory=dict)
    undo: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    wanted: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


class Chosen(Protocol):
    """What somebody selected: rows by name, or `query` for everything that fits."""

    @property
    def public_id(self) -> Any: ...

    @property
    def object(self) -> str: ...

    @property
    def query(self) -> str: ...

    @property
    def is_everything(self) -> bool: ...


@dataclass(frozen=True)
class Selectable:
    """Something whose rows can be selected, such as a list.

    `find` answers for rows by the value of their box, `everything` for all that a query string asks for, the first
    `at_most`; both name by keys, and only what this person may see. `names` says what rows are called, and where they are.
    """

    name: str
    label: str | Promise
    right: str
    url_name: str
    find: Callable[[User, Sequence[str]], Sequence[Keys]]
    everything: Callable[[User, str, int], Sequence[Keys]]
    names: Callable[[User, Sequence[Keys]], Mapping[Keys, tuple[str, str]]] | None = None


@dataclass(frozen=True)
class BulkAct:
    """Something that can be done with many rows.

    `apply` treats a batch within one transaction and answers for each row; the rows may have changed since they were
    selected, so it looks again at what `by` may see. `undo` does the same the other way; without it the page says that
    there is no way back. `ask` makes the form of what is to be known before; one with `wanted` says what each row gets, one
    with `page_part` brings its own template. `leads_to` is for acts with pages of their own: it returns where to go on,
    or raises UnableToAct. An act that `is_hidden` begins somewhere else than at the foot of a list. `batch_rows` is how many
    are treated together at least; where they take less than a second, it is more.
    """

    name: str
    object: str
    label: str | Promise
    right: str
    apply: Callable[[Batch], Answers] | None = None
    undo: Callable[[Batch], Answers] | None = None
    ask: Callable[[User, Mapping[str, Any] | None], forms.Form] | None = None
    leads_to: Callable[[User, Chosen, Callable[[], Sequence[Keys]]], str] | None = None
    what: str | Promise = ""
    picture: str = ""
    key: str = ""  # presses it for the selected rows, or for the row that has the focus
    batch_rows: int = 100
    order: int = 50
    is_hidden: bool = False


@cache
def _bulk_acts() -> tuple[BulkAct, ...]:
    return tuple(sorted(contributions("bulk_acts", "BULK_ACTS", BulkAct), key=lambda act: (act.order, act.name)))


def acts_for(user: User, object_name: str) -> list[BulkAct]:
    """What `user` may do with many rows of this object."""
    found = (act for act in _bulk_acts() if _fits(act, object_name) and not act.is_hidden)
    return [act for act in found if user.has_right(act.right)]


def find_act(object_name: str, name: str) -> BulkAct | None:
    return next((act for act in _bulk_acts() if _fits(act, object_name) and act.name == name), None)


def _fits(act: BulkAct, object_name: str) -> bool:
    return act.object == object_name or (act.object == ANY_LIST and object_name in exported_lists())


def one_by_one(
    batch: Batch, treat: Callable[[int], Treated], *, refusals: tuple[type[Exception], ...]
) -> dict[int, Treated | Refused]:
    """Treat row by row, each in a savepoint of its own: what is refused leaves the others alone."""
    answers: dict[int, Treated | Refused] = {}
    for number in batch.undo or batch.rows:
        try:
            with transaction.atomic():
                answers[number] = treat(number)
        except refusals as refusal:
            answers[number] = Refused(str(refusal))
    return answers
