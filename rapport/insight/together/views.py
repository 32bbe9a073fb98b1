"""The page of what is bought together, and what one customer likely buys next."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.commerce.permissions import VIEW as SEE_PRODUCTS
from rapport.customers.consents.restrictions import restriction_of
from rapport.customers.queries import find_customer, name_for
from rapport.insight import queries
from rapport.insight.behind.links import ORDER, leads_to_lists
from rapport.insight.explaining.explained import explained
from rapport.insight.explaining.meanings import TOGETHER
from rapport.insight.models import Snapshot
from rapport.insight.permissions import TRAITS, VIEW
from rapport.insight.reports import NotYetMade
from rapport.insight.together.likely_page import LikelyPage, likely_page
from rapport.insight.together.page import BY_LIFT, ORDERS, together_page
from rapport.insight.waiting import render_coming
from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute
from rapport.records.layouts.sight import visible_fields
from rapport.ui.rendering import render_page, wants_part

_LONGEST = 100


@staff_only(VIEW)
@require_safe
def bought_together(request: HttpRequest) -> HttpResponse:
    user, status = staff_user(request), 200
    snapshot = queries.current_snapshot()
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:_LONGEST]
    order = request.GET.get("by", "")
    order = order if order in dict(ORDERS) else BY_LIFT
    context: dict[str, Any] = {"words": words, "order": order, "orders": ORDERS, "snapshot": snapshot}
    if not user.has_right(SEE_PRODUCTS.name):
        context["state"] = "closed"
    elif snapshot is None:
        context["state"] = "unrefreshed"
    else:
        try:
            sees_codes = "code" in visible_fields(user, "product")
            page = together_page(
                snapshot, as_of=_as_of(snapshot), words=words, order=order, sees_codes=sees_codes,
                listed=leads_to_lists(user, ORDER),
            )  # fmt: skip
            context |= {"state": "shown" if page.baskets else "empty", "page": page}
            context["explained"] = explained(TOGETHER)
            context["may_import"] = user.has_right("records.import")
        except NotYetMade:
            context["state"] = "coming"
        except (SnapshotMissing, UnableToCompute) as failure:
            context |= {"state": "failed", "failure": str(failure)}
            status = 503
    return render_coming(request, "insight/together.html", context, status=status)


@staff_only(TRAITS)
@require_safe
def likely_next(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A panel of the customer page that comes once it is seen, or a page of its own."""
    user = staff_user(request)
    customer = find_customer(user, public_id)
    page, failure = None, ""
    if user.has_right(SEE_PRODUCTS.name):
        page, failure = _of_customer(customer.pk)
    context = {
        "customer": customer, "title": name_for(user, customer), "page": page, "failure": failure,
        "is_part": wants_part(request),
    }  # fmt: skip
    status = 503 if failure and not wants_part(request) else 200
    return render_page(request, "insight/likely_next.html", context, block="likely", status=status)


def _of_customer(customer_id: int) -> tuple[LikelyPage | None, str]:
    """Nothing of somebody who has not bought, or whose data may not be used."""
    snapshot = queries.current_snapshot()
    if snapshot is None or queries.worth_of(customer_id) is None or restriction_of(customer_id) is not None:
        return None, ""
    try:
        page = likely_page(snapshot, customer_id, as_of=_as_of(snapshot))
    except (SnapshotMissing, UnableToCompute) as failure:
        return None, str(failure)
    return (page if page.products else None), ""


def _as_of(snapshot: Snapshot) -> date:
    day: date = queries.usual_question(snapshot, queries.newest_run())["as_of"]
    return day
