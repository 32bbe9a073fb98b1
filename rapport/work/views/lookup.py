"""Records looked up by a name while something else is being typed, and made where there is none; nobody leaves her page for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.records.record_kinds import FoundRecord, Maker, RecordKind, record_kinds
from rapport.work.permissions import EDIT

LONGEST_NAME = 200


@staff_only(EDIT)
@require_safe
def record_find(request: HttpRequest) -> HttpResponse:
    """Those whose name has these words, and what could be made of it."""
    user, words = staff_user(request), _words(request.GET.get("q", ""))
    kinds = [kind for kind in record_kinds().values() if not kind.right or user.has_right(kind.right)]
    found = [_told(each, kind) for kind in kinds if kind.search and words for each in kind.search(user, words)]
    makers = [
        {"kind": kind.name, "as": maker.name, "label": str(maker.label)}
        for kind in kinds
        for maker in kind.makers
        if user.has_right(maker.right)
    ]
    return JsonResponse({"found": found, "make": makers if words else []})


@staff_only(EDIT)
@require_POST
def record_make(request: HttpRequest) -> HttpResponse:
    user, name = staff_user(request), _in_one_line(request.POST.get("name", ""))
    kind = record_kinds().get(request.POST.get("kind", ""))
    maker = _maker(kind, request.POST.get("as", ""))
    if kind is None or maker is None or not 0 < len(name) <= LONGEST_NAME:
        return HttpResponseBadRequest()
    if not user.has_right(maker.right):
        return HttpResponse(status=403)
    return JsonResponse(_told(maker.make(user, name, utc_now(), request), kind), status=201)


def _maker(kind: RecordKind | None, name: str) -> Maker | None:
    return next((maker for maker in kind.makers if maker.name == name), None) if kind is not None else None


def _words(text: str) -> str:
    return _in_one_line(text)[:LONGEST_NAME]


def _in_one_line(text: str) -> str:
    return " ".join(text.replace("\x00", " ").split())


def _told(record: FoundRecord, kind: RecordKind) -> dict[str, Any]:
    return {"kind": record.kind, "id": str(record.public_id), "name": record.name, "what": str(kind.label)}
