"""May this request carry a large body? Asked before any of it is read, of its address and its session alone."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from rapport.accounts.access import PROGRAM, PUBLIC, staff_user
from rapport.accounts.api_tokens import find_lent, sent_token
from rapport.core.bodies import USUAL_BODY, largest_body
from rapport.core.clock import utc_now


class Refused(Exception):
    """A request is answered without the application: a status and a sentence."""

    def __init__(self, status: int, sentence: str, *, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.status = HTTPStatus(status)
        self.sentence = sentence
        self.retry_after = retry_after


def too_large(limit: int) -> Refused:
    return Refused(413, _("This is too large; at most %(size)d MB can be sent here.") % {"size": limit >> 20})


def ask_room_for(environ: dict[str, Any]) -> int:
    """`room_for` outside of a request of Django's, which else looks after the connections."""
    close_old_connections()
    try:
        return room_for(environ)
    finally:
        close_old_connections()


def room_for(environ: dict[str, Any]) -> int:
    """How many bytes this request may carry. Raises Refused unless whoever sends them may use the view they go to."""
    try:
        view = resolve(environ["PATH_INFO"]).func
    except Resolver404:
        raise too_large(USUAL_BODY) from None
    limit = largest_body(view)
    if limit <= USUAL_BODY or environ["REQUEST_METHOD"] != "POST":
        raise too_large(USUAL_BODY)
    audience = getattr(view, "audience", None)
    if audience == PROGRAM:
        _refuse_unknown_programs(environ)
    elif audience != PUBLIC:
        _refuse_strangers(environ, getattr(view, "right", None))
    return limit


def _refuse_unknown_programs(environ: dict[str, Any]) -> None:
    """Which right its owner lent is looked at by the operation itself."""
    if find_lent(sent_token(environ.get("HTTP_AUTHORIZATION", "")), now=utc_now()) is None:
        raise Refused(401, _("Send a token that works."))


def _refuse_strangers(environ: dict[str, Any], right: Any) -> None:
    request = WSGIRequest(environ | {"wsgi.input": BytesIO(), "CONTENT_LENGTH": "0"})
    request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = get_user(request)
    if not request.user.is_authenticated:
        raise Refused(401, _("Sign in first."))
    if right is not None and not staff_user(request).has_right(right.name):
        raise Refused(403, _("Your role does not allow this."))
