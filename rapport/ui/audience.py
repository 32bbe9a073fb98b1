"""Say who may enter a page of the shell itself; the gate above this room reads it and closes what says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponse

View = TypeVar("View", bound=Callable[..., HttpResponse])


def for_anybody(view: View) -> View:
    view.audience = "public"  # type: ignore[attr-defined]
    return view


def for_staff(view: View) -> View:
    view.audience = "staff"  # type: ignore[attr-defined]
    view.right = None  # type: ignore[attr-defined]
    return view
