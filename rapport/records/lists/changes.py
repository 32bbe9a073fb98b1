"""Telling somebody who looks at a list that it has changed meanwhile, without touching what is on the screen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from rapport.records.lists.columns import ListColumn
from rapport.records.lists.querying import PAGE_SIZE, Row
from rapport.records.registry import UnknownField

_DIGITS = 8
_MARK = re.compile(rf"(?:[0-9a-f]{{{_DIGITS}}}){{0,{PAGE_SIZE}}}")


def mark_of(rows: Iterable[Row], columns: Sequence[ListColumn]) -> str:
    """What the rows show, as one short hash for each; it tells nothing to whoever reads the address."""
    key = hashlib.sha256(f"list changes {settings.SECRET_KEY}".encode()).digest()
    names = [column.field.name for column in columns]
    return "".join(_hash(key, [row.id, *(row[name] for name in names)]) for row in rows)


def changes_between(before: str, now: str) -> int:
    """How many rows are new, gone or other than they were. Raises UnknownField for what is no mark."""
    if not _MARK.fullmatch(before):
        raise UnknownField(_("This place in the list is not known. Start again from the top."))
    old, new = _hashes(before), _hashes(now)
    return max(len(new - old), len(old - new))


def rows_changed(before: str, now: str, rows: Sequence[Row]) -> list[str]:
    """The ids of those of the rows, which `now` is the mark of, that are new or other than they were."""
    old = _hashes(before)
    marks = (now[place : place + _DIGITS] for place in range(0, len(now), _DIGITS))
    return [str(row.public_id) for row, mark in zip(rows, marks, strict=False) if mark not in old]


def _hash(key: bytes, values: list[object]) -> str:
    return hashlib.blake2b(repr(values).encode(), key=key, digest_size=_DIGITS // 2).hexdigest()


def _hashes(mark: str) -> set[str]:
    return {mark[place : place + _DIGITS] for place in range(0, len(mark), _DIGITS)}
