"""Whom one can name with @: the colleagues who may see the record, and nobody else."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.records.record_kinds import find_record
from rapport.work.naming import people_to_name
from rapport.work.permissions import EDIT

_LONGEST = 60


@staff_only(EDIT)
@require_safe
def people_who_see(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    record = find_record(user, kind, public_id)
    found = people_to_name(record, request.GET.get("q", "").strip()[:_LONGEST], without=user)
    return JsonResponse({"people": [{"name": person.name} for person in found]})
