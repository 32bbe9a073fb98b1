"""Say in a toast what was done, and offer to undo it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise

PASSING = "passing"


def toast(
    request: HttpRequest, text: str | Promise, *, undo_url: str = "", bad: bool = False, is_passing: bool = False
) -> None:
    """Shown on the next page or fragment this person gets; `undo_url` receives a POST. Never the only place of a fact.

    One of something that is still under way is passing: it goes when the page that follows that comes to its end.
    """
    tags = PASSING if is_passing else undo_url
    messages.add_message(request, messages.ERROR if bad else messages.SUCCESS, str(text), extra_tags=tags)
