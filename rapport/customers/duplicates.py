"""How a room above tells whom somebody may be typing in again: it lists its finder in duplicate_finders.FINDERS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from rapport.core.rooms import contributions

if TYPE_CHECKING:
    from rapport.accounts.models import User


class PossibleDuplicate(Protocol):
    """A customer who may be meant, and what she shares with what was typed."""

    @property
    def customer(self) -> Any: ...

    @property
    def shares(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class DuplicateFinder:
    """`find` names those whom the user may see; `keep_apart` is told that a new customer is none of them.

    The page asks `url_name` while somebody types; its answer is shown in the form.
    """

    find: Callable[[User, Mapping[str, Any]], Sequence[PossibleDuplicate]]
    keep_apart: Callable[..., None]
    describe: Callable[[PossibleDuplicate], str]
    url_name: str


def find_duplicates(user: User, values: Mapping[str, Any]) -> list[tuple[PossibleDuplicate, str]]:
    """Who may be meant, with what they share in words."""
    return [(found, each.describe(found)) for each in finders() for found in each.find(user, values)]


def finders() -> list[DuplicateFinder]:
    return list(contributions("duplicate_finders", "FINDERS", DuplicateFinder))
