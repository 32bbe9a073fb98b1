"""Rows of relationship files: what is meant by the word for the kind, and from whom to whom. No Django here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rapport.records.imports.values import ValueRefused

# the word → kind, and whether it is said from the other side
_FORWARD = {
    "works_at": "works at, works for, employee, employee of, employed by, employed at, staff of, contact at, member of",
    "household": "household, lives with, spouse, spouse of, married to, partner, partner of, husband, wife, same household",
    "owns": "owns, owner, owner of",
    "referred": "referred, recommended, introduced, referrer of",
    "parent": "parent, parent of, is the parent of, mother, mother of, father, father of, parent company of, holding of",
}
_BACKWARD = {
    "works_at": "employs, employer, employer of, has employee",
    "owns": "belongs to, owned by, is owned by",
    "referred": "referred by, was referred by, recommended by, introduced by",
    "parent": "child, child of, is a child of, son of, daughter of, subsidiary of, part of, branch of",
}
_PLAIN = re.compile(r"[\W_]+")


def _plain(word: str) -> str:
    return _PLAIN.sub(" ", word.casefold()).strip()


_WORDS = {_plain(word): (kind, False) for kind, words in _FORWARD.items() for word in words.split(",")}
_WORDS |= {_plain(word): (kind, True) for kind, words in _BACKWARD.items() for word in words.split(",")}
_WORDS |= {_plain(kind): (kind, False) for kind in _FORWARD}


def relationship_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `relationships`: one direction for each kind, the same one for both spellings."""

    def finish(values: dict[str, Any]) -> None:
        known = _WORDS.get(_plain(values["kind"]))
        if known is None:
            raise ValueRefused("choice", "kind")
        values["tie"], is_backward = known
        one, other = values["from_id"], values["to_id"]
        if one == other:
            raise ValueRefused("same_ends", "to_id")
        if is_backward or (values["tie"] == "household" and one > other):
            one, other = other, one
        values["said_from"], values["said_to"] = values["from_id"], values["to_id"]
        values["from_id"], values["to_id"] = one, other
        if values["since"] and values["until"] and values["until"] < values["since"]:
            raise ValueRefused("ends_before", "until")

    return finish
