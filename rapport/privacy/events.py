"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class CustomerErased(Event):
    """Somebody is gone for good. The digests are those of her public ids; nobody can be found by them who is not known.

    The public ids themselves lead to nothing any more; other systems that knew her by them are to forget her too.
    """

    name: ClassVar[str] = "privacy.customer_erased"

    erasure_id: int
    customer_ids: tuple[int, ...]
    digests: tuple[str, ...]
    public_ids: tuple[str, ...] = ()
