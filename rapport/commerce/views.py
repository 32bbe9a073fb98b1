"""The pages of orders, their lines and products."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.queries import business_zone
from rapport.commerce import queries
from rapport.commerce.lists import ORDER_LINES, PRODUCTS, orders_for
from rapport.commerce.permissions import VIEW
from rapport.commerce.record_kinds import of_order, of_product
from rapport.core.clock import utc_now
from rapport.customers.permissions import VIEW as VIEW_CUSTOMERS
from rapport.customers.queries import customers_by_id, name_for, shown_name, source_label
from rapport.records.custom_fields.panel import own_fields_panel
from rapport.records.layouts.sight import visible_fields
from rapport.records.lists.page import answer_aside, build_list
from rapport.records.lists.querying import refuses_unknown_fields
from rapport.ui.rendering import render_page, wants_part
from rapport.work.presenting import work_on


@staff_only(VIEW)
@require_safe
@refuses_unknown_fields
def orders(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    sees_customers = user.has_right(VIEW_CUSTOMERS.name)
    listed = orders_for(user)
    aside = answer_aside(request, listed, user=user)
    if aside is not None:
        return aside
    shown = build_list(request, listed, user=user, columns=("currency", "customer_public_id", "customer_number"))
    context = {
        "list": shown,
        "is_part": wants_part(request),
        "sees_customers": sees_customers,
        "shown_name": shown_name,
    }
    return render_page(request, "commerce/orders.html", context, block="results")


@staff_only(VIEW)
@require_safe
@refuses_unknown_fields
def order_lines(request: HttpRequest) -> HttpResponse:
    """What was sold, line by line: the rows behind reports of order lines."""
    user = staff_user(request)
    aside = answer_aside(request, ORDER_LINES, user=user)
    if aside is not None:
        return aside
    besides = ("currency", "customer_public_id", "customer_number", "product_public_id")
    context = {
        "list": build_list(request, ORDER_LINES, user=user, columns=besides),
        "is_part": wants_part(request),
        "sees_customers": user.has_right(VIEW_CUSTOMERS.name),
        "shown_name": shown_name,
    }
    return render_page(request, "commerce/order_lines.html", context, block="results")


@staff_only(VIEW)
@require_safe
def order(request: HttpRequest, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    found = queries.find_order(user, public_id)
    after = request.GET.get("after", "0")
    if not after.isdecimal() or len(after) > 9:
        raise Http404
    ids = [found.customer_id] if found.customer_id and user.has_right(VIEW_CUSTOMERS.name) else []
    late = queries.days_late(found.promised_on, found.delivered_at, zone=business_zone())
    customer = customers_by_id(user, ids).get(found.customer_id) if found.customer_id else None
    context = {
        "order": found,
        "title": queries.title_of(found),
        "channel": dict(queries.CHANNELS).get(found.channel, found.channel),
        "source": source_label(found.source_id),
        "customer": customer,
        "customer_name": name_for(user, customer) if customer is not None else "",
        "page": queries.lines_of(found, after=int(after)),
        "reverses": found.reverses,
        "reversals": [(each, queries.title_of(each)) for each in queries.reversals_of(found)],
        "reverses_title": queries.title_of(found.reverses) if found.reverses else "",
        "late": queries.late_words(late) if late else "",
        "sees": visible_fields(user, "order"),
        "work": work_on(user, of_order(found), now=utc_now()),
        **own_fields_panel(user, "order", found.public_id, found.custom),
    }
    return render_page(request, "commerce/order.html", context)


@staff_only(VIEW)
@require_safe
@refuses_unknown_fields
def products(request: HttpRequest) -> HttpResponse:
    user = staff_user(request)
    aside = answer_aside(request, PRODUCTS, user=user)
    if aside is not None:
        return aside
    shown = build_list(request, PRODUCTS, user=user, columns=("currency",))
    return render_page(
        request, "commerce/products.html", {"list": shown, "is_part": wants_part(request)}, block="results"
    )


@staff_only(VIEW)
@require_safe
def product(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = queries.find_product(public_id)
    if found is None:
        raise Http404
    user = staff_user(request)
    context = {
        "product": found,
        "source": source_label(found.source_id),
        "sees": visible_fields(user, "product"),
        "work": work_on(user, of_product(found), now=utc_now()),
        **own_fields_panel(user, "product", found.public_id, found.custom),
    }
    return render_page(request, "commerce/product.html", context)
