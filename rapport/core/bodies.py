"""How much a request may carry: a little by default; a view that takes files says how much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

USUAL_BODY = 3 << 20
View = TypeVar("View", bound=Callable[..., Any])


def takes_body(*, at_most: int) -> Callable[[View], View]:
    """Declare that requests to this view may carry up to `at_most` bytes."""

    def declare(view: View) -> View:
        view.largest_body = at_most  # type: ignore[attr-defined]
        return view

    return declare


def largest_body(view: Any) -> int:
    """What the view itself declared, else what any page may be sent."""
    declared = getattr(view, "largest_body", USUAL_BODY)
    return declared if isinstance(declared, int) else USUAL_BODY
