"""Answer a page as a whole, or one of its blocks to htmx: both from the same template."""

from __future__ import annotations

import hashlib
from typing import Any

import jinja2_fragments
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.loader import render_to_string
from django.utils.http import quote_etag


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    block: str = "main",
    status: int = 200,
) -> HttpResponse:
    """The whole page; or to htmx only `block`, followed by the toasts that wait. A boosted link gets the whole page."""
    if not wants_part(request):
        return HttpResponse(render_to_string(template, context, request=request), status=status)
    body = render_block(request, template, context, block=block)
    if len(messages.get_messages(request)):
        body += render_to_string("ui/toasts.html", {"oob": True}, request=request)
    return HttpResponse(body, status=status)


def unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with its ETag; only 304 to a poll that already has it. Not for what carries a CSRF token."""
    response["ETag"] = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    if request.headers.get("If-None-Match") == response["ETag"]:
        return HttpResponseNotModified(headers={"ETag": response["ETag"]})
    return response


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page; for a boosted link, or going back in history, it replaces the whole."""
    whole = ("HX-Boosted", "HX-History-Restore-Request")
    return request.headers.get("HX-Request") == "true" and not any(
        request.headers.get(name) == "true" for name in whole
    )


def render_block(request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, block: str) -> str:
    """One block of `template` as text. Names set or imported outside the block do not exist in it; `ui` does."""
    engine = next(engine for engine in engines.all() if isinstance(engine, Jinja2))
    values: dict[str, Any] = {}
    for processor in engine.template_context_processors:
        values.update(processor(request))
    values.update(context or {})
    values["request"] = request
    return jinja2_fragments.render_block(engine.env, template, block, values)
