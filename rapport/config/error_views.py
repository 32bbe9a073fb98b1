"""The answer to an error nobody caught: an outage in plain words with the time to try again, else the shell's page."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from rapport.core.outages import Outage, outage_behind
from rapport.ui.context import Shell, theme_of


def server_error(request: HttpRequest) -> HttpResponse:
    outage = outage_behind(sys.exc_info()[1])
    if outage is None:
        known = {
            "status": 500,
            "title": _("Something went wrong"),
            "text": _("This is a fault of Rapport, and it has been logged under the number below."),
        }
        return render(request, "ui/error.html", known, status=500)
    return _answer(request, outage)


def _answer(request: HttpRequest, outage: Outage) -> HttpResponse:
    """Made without the database: no person, no menu."""
    if _wants_page(request):
        shell = Shell(
            language=translation.get_language() or "en",
            theme=theme_of(request, None),
            person=None,
            menu=(),
            shortcuts=False,
        )
        known = {"shell": shell, "outage": outage, "csrf_token": "", "messages": ()}
        text, kind = str(render_to_string("config/outage.html", known)), "text/html"
    else:
        text, kind = f"{outage.title}. {outage.advice}\n", "text/plain"
    response = HttpResponse(text, status=outage.status, content_type=f"{kind}; charset=utf-8")
    response["Retry-After"] = str(outage.retry_after)
    response["Cache-Control"] = "no-store"
    response.lost_connection = outage.lost_connection  # type: ignore[attr-defined]
    return response


def _wants_page(request: HttpRequest) -> bool:
    return request.accepts("text/html") and not request.headers.get("HX-Request")
