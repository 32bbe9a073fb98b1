"""What this room shows on the customer page: the customer's orders."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rapport.accounts.queries import business_zone
from rapport.commerce.permissions import VIEW
from rapport.commerce.queries import days_late, late_words, orders_of, title_of
from rapport.ui.panels import Panel


def _orders(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    zone = business_zone()
    page = orders_of(customer_id, before=request.GET.get("before", ""))
    rows = []
    for order in page.orders:
        late = days_late(order.promised_on, order.delivered_at, zone=zone)
        rows.append((order, title_of(order), late_words(late) if late else ""))
    return {"orders": page, "order_rows": rows}


PANELS = (
    Panel(
        "orders",
        _("Orders"),
        place="tab",
        template="commerce/orders_panel.html",
        context=_orders,
        right=VIEW.name,
        order=10,
    ),
)
