"""A URL is closed until its view declares who may enter; before set-up every closed one leads to the set-up page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from rapport.accounts.access import PROGRAM, PUBLIC, STAFF, refuse_stranger, staff_user
from rapport.accounts.masking import without_tokens
from rapport.accounts.queries import business, business_zone
from rapport.accounts.third_party import audience_of
from rapport.audit.actions import record

_LONGEST_PATH = 500


class ClosedUntilDeclaredMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(timezone.get_default_timezone()):
            response = self._get_response(request)
        if response.status_code == 403 and _is_staff(request):
            record(
                "denied", by=staff_user(request), request=request,
                values={"method": request.method, "path": without_tokens(request.path)[:_LONGEST_PATH]},
            )  # fmt: skip
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        declared = getattr(view, "audience", None)
        audience = declared or audience_of(request.resolver_match)
        if declared == PROGRAM:  # asks for a token by itself; a session opens nothing there
            return None
        if audience not in (PUBLIC, STAFF):
            raise Http404
        if _is_staff(request):
            timezone.activate(_zone_of(request))
            return None
        if declared != PUBLIC and business() is None:
            return HttpResponseRedirect(reverse("setup"))
        return None if audience == PUBLIC else refuse_stranger(request)


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def _zone_of(request: HttpRequest) -> ZoneInfo:
    own = staff_user(request).time_zone
    return ZoneInfo(own) if own else business_zone()
