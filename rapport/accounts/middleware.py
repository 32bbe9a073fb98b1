"""A URL is closed until its view declares who may enter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from rapport.accounts.access import PUBLIC, STAFF, refuse_stranger
from rapport.accounts.third_party import audience_of


class ClosedUntilDeclaredMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        audience = getattr(view, "audience", None) or audience_of(request.resolver_match)
        if audience == PUBLIC:
            return None
        if audience != STAFF:
            raise Http404
        return None if request.user.is_authenticated else refuse_stranger(request)
