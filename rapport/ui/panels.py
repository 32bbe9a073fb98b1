"""Blocks on the customer page: every room lists its own in panels.PANELS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True)
class Panel:
    """A block on the customer page.

    `place` is "left" or "right" (cards), "tab" (beside the timeline), "worth" (a tile of the strip at the top), "bar" (across
    the page beneath that strip) or "chip" (beside the name).
    `context` receives (request, customer_id) after the gate let the customer through, and returns the values for
    `template`, or None to show nothing.
    """

    name: str
    title: str | Promise
    place: str
    template: str
    context: Callable[[HttpRequest, int], dict[str, Any] | None]
    order: int = 50
    right: str = ""
