"""The rights that roles are made of: every room lists its own in permissions.RIGHTS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise

from rapport.core.rooms import contributions


@dataclass(frozen=True)
class Right:
    name: str
    label: str | Promise
    reaches_everything: bool = False
    """What it allows touches records whoever owns them, so it is nothing for a role that reaches only some of them."""


def all_rights() -> Iterator[Right]:
    return contributions("permissions", "RIGHTS", Right)


@cache
def rights_reaching_everything() -> frozenset[str]:
    return frozenset(right.name for right in all_rights() if right.reaches_everything)
