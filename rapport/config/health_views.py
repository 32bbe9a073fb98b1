"""What probes ask: is the process alive, can it serve. Strangers learn ok or not ok; the log says why."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rapport.accounts.access import public
from rapport.core import environment
from rapport.core.health import check_health

log = logging.getLogger(__name__)


@public
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


@public
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database takes writes, the disk has room, the queue moves."""
    troubles = check_health(home=environment.home()).troubles
    if troubles:
        log.warning("Not ready: %s.", "; ".join(troubles))
    return JsonResponse({"ok": not troubles}, status=503 if troubles else 200)
