"""The rights that roles are made of: every room lists its own in permissions.RIGHTS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from django.utils.functional import Promise

from rapport.core.rooms import contributions


class Grip(IntEnum):
    """How firmly a record must be in one's hands: what is shared is there to be read, or to be changed, not to be given away."""

    READ = 0
    CHANGE = 1
    HOLD = 2


@dataclass(frozen=True)
class Right:
    name: str
    label: str | Promise
    reaches_everything: bool = False
    """What it allows touches records whoever owns them, so it is nothing for a role that reaches only some of them."""
    grip: Grip = Grip.CHANGE
    """How a record must be reached for it; what does not say that it only reads is taken to change."""


def all_rights() -> Iterator[Right]:
    return contributions("permissions", "RIGHTS", Right)


@cache
def rights_reaching_everything() -> frozenset[str]:
    return frozenset(right.name for right in all_rights() if right.reaches_everything)
