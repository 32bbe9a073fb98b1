"""The rights that roles are made of: every room lists its own in permissions.RIGHTS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from rapport.core.rooms import contributions


@dataclass(frozen=True)
class Right:
    name: str
    label: str | Promise


def all_rights() -> Iterator[Right]:
    return contributions("permissions", "RIGHTS", Right)
