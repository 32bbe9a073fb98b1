"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class CustomerErased(Event):
    """Somebody is gone for good. The digests are those of her public ids; nobody can be found by them who is not known."""

    name: ClassVar[str] = "privacy.customer_erased"

    erasure_id: int
    customer_ids: tuple[int, ...]
    digests: tuple[str, ...]
