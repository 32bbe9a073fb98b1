"""What this room shows on the customer page: what to do next, comments, files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import reach_of, staff_user
from rapport.accounts.sharing import shares_reaching
from rapport.core.clock import utc_now
from rapport.records.record_kinds import FoundRecord, records_by_id
from rapport.ui.panels import Panel
from rapport.work.permissions import VIEW
from rapport.work.presenting import comments_part, files_part, next_part

_CUSTOMER = "customer"


def _customer(request: HttpRequest, customer_id: int) -> FoundRecord | None:
    return records_by_id(staff_user(request), _CUSTOMER, [customer_id]).get(customer_id)


def _next(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    record = _customer(request, customer_id)
    return next_part(staff_user(request), record, now=utc_now()) if record is not None else None


def _comments(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    record = _customer(request, customer_id)
    return comments_part(staff_user(request), record) if record is not None else None


def _files(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    record = _customer(request, customer_id)
    return files_part(staff_user(request), record) if record is not None else None


def _shared(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    """To whom the customer is lent it is said, with until when; it is asked only where the gate knows of it already."""
    user = staff_user(request)
    if customer_id not in reach_of(user).shared_ids(_CUSTOMER):
        return None
    return {"shares": shares_reaching(user, _CUSTOMER, customer_id)}


PANELS = (
    Panel("shared", _("Shared with you"), "chip", "work/shared_chip.html", _shared, order=2),
    Panel("next", _("Next"), "right", "work/next_panel.html", _next, order=5, right=VIEW.name),
    Panel("comments", _("Comments"), "tab", "work/comments_part.html", _comments, order=70, right=VIEW.name),
    Panel("files", _("Files"), "tab", "work/files_part.html", _files, order=80, right=VIEW.name),
)
