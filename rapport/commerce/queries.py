"""Reads of orders and products: for this room's pages and for other rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.accounts.access import find_or_404
from rapport.accounts.queries import business_zone
from rapport.commerce.models import Order, OrderKind, OrderLine, Product
from rapport.core.clock import business_day
from rapport.customers.moving import hold_customer
from rapport.customers.queries import staff_profile_id_of
from rapport.customers.touchpoints import RecordBehind
from rapport.records.places import read_place, write_place
from rapport.ui.formats import money

if TYPE_CHECKING:
    from rapport.accounts.models import User

ORDER, PRODUCT = "order", "product"
ORDERS_PAGE = 20
LINES_PAGE = 100
_TRIES = 5
CHANNELS: tuple[tuple[str, str | Promise], ...] = (
    ("web_shop", gettext_lazy("Web shop")),
    ("store", gettext_lazy("Store")),
    ("call_center", gettext_lazy("Call center")),
    ("field_sales", gettext_lazy("Field sales")),
    ("portal", gettext_lazy("Portal")),
    ("web", gettext_lazy("Web")),
    ("email", gettext_lazy("E-mail")),
    ("direct_mail", gettext_lazy("Direct mail")),
    ("advertising", gettext_lazy("Advertising")),
    ("chat", gettext_lazy("Chat")),
)
_TITLES = {
    OrderKind.SALE: gettext_lazy("Order %(number)s"),
    OrderKind.CANCELLATION: gettext_lazy("Cancellation %(number)s"),
    OrderKind.RETURN: gettext_lazy("Return %(number)s"),
    OrderKind.ADJUSTMENT: gettext_lazy("Adjustment %(number)s"),
}


def channel_choices() -> list[tuple[str, str | Promise]]:
    return list(CHANNELS)


def order_kind_choices() -> list[tuple[str, str | Promise]]:
    return [(value, label) for value, label in OrderKind.choices]


def title_of(order: Order) -> str:
    """Order 536365, Cancellation C536379 …"""
    return str(_TITLES[OrderKind(order.kind)] % {"number": order.external_id})


def find_order(user: User, public_id: Any) -> Order:
    """The order `user` may see: its customer's orders are seen by who sees the customer; else 404."""
    found: Order = find_or_404(Order.objects.select_related("reverses"), user, public_id=public_id)
    return found


@dataclass(frozen=True)
class LinePage:
    lines: list[OrderLine]
    next_number: int | None


def lines_of(order: Order, *, after: int = 0, size: int = LINES_PAGE) -> LinePage:
    """The lines behind number `after`, in the order of the source."""
    found = OrderLine.objects.filter(order=order, number__gt=after).select_related("product").order_by("number")
    lines = list(found[: size + 1])
    return LinePage(lines[:size], lines[size - 1].number if len(lines) > size else None)


def reversals_of(order: Order) -> list[Order]:
    """The orders that take this one back."""
    return list(Order.objects.filter(reverses=order).order_by("placed_at", "pk")[:20])


def days_late(promised_on: date | None, delivered_at: datetime | None, *, zone: ZoneInfo) -> int | None:
    """Days between the promise and the delivery, where both are known and it came after the promise."""
    if promised_on is None or delivered_at is None:
        return None
    days = (business_day(delivered_at, zone=zone) - promised_on).days
    return days if days > 0 else None


def late_words(days: int) -> str:
    return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}


@dataclass(frozen=True)
class CustomerOrders:
    """A page of one customer's orders, newest first, and what they come to by currency."""

    orders: list[Order]
    earlier: str | None
    totals: list[tuple[str, int, int, int]]


def orders_of(customer_id: int, *, before: str = "", size: int = ORDERS_PAGE) -> CustomerOrders:
    """The orders behind the place `before`, or the newest; totals are (currency, orders, taken back, net micros)."""
    found = Order.objects.filter(customer_id=customer_id)
    totals = (
        found.values_list("currency")
        .annotate(
            orders=Count("pk", filter=Q(kind=OrderKind.SALE)),
            taken_back=Count("pk", filter=Q(kind__in=(OrderKind.CANCELLATION, OrderKind.RETURN))),
            net=Sum("total_micros"),
        )
        .order_by("-orders", "currency")
    )
    page = found.order_by("-placed_at", "-pk")
    if before:
        instant, last = read_place(before)
        page = page.filter(placed_at__lte=instant).filter(Q(placed_at__lt=instant) | Q(pk__lt=last))
    orders = list(page[: size + 1])
    end = orders[size - 1] if len(orders) > size else None
    earlier = write_place(end.placed_at, end.pk) if end is not None else None
    return CustomerOrders(orders[:size], earlier, list(totals))


def orders_behind(ids: Sequence[int]) -> dict[int, RecordBehind]:
    """Orders, for the timeline."""
    return {
        order.pk: RecordBehind(title=title_of(order), url=reverse("order", args=[order.public_id]), detail=_sum(order))
        for order in Order.objects.filter(pk__in=ids)
    }


def deliveries_behind(ids: Sequence[int]) -> dict[int, RecordBehind]:
    """Deliveries of orders, for the timeline."""
    zone = business_zone()
    found = {}
    for order in Order.objects.filter(pk__in=ids):
        late = days_late(order.promised_on, order.delivered_at, zone=zone)
        found[order.pk] = RecordBehind(
            title=_("%(order)s delivered") % {"order": title_of(order)},
            url=reverse("order", args=[order.public_id]),
            detail=_sum(order),
            chip=late_words(late) if late else "",
            tone="bad",
        )
    return found


def _sum(order: Order) -> str:
    lines = ngettext("%(count)s line", "%(count)s lines", order.line_count) % {"count": order.line_count}
    return f"{money(order.total_micros, order.currency)} · {lines}"


def find_product(public_id: Any) -> Product | None:
    return Product.objects.filter(public_id=public_id).first()


def orders_by_id(user: User, ids: Sequence[int]) -> dict[int, Order]:
    """Those of the given orders that `user` may see."""
    return {order.pk: order for order in Order.objects.visible_to(user).filter(pk__in=ids)}


def visible_order_ids(user: User) -> QuerySet[Order, Any]:
    """The keys of all orders that `user` may see, as a part of another query."""
    return Order.objects.visible_to(user).values("pk")


def customer_behind(order_id: int) -> int | None:
    """The customer of an order, held until the transaction ends, wherever a merge or a split has put the order."""
    behind = Order.objects.filter(pk=order_id).values_list("customer_id", flat=True)
    customer = behind.first()
    for _attempt in range(_TRIES):
        if customer is None or hold_customer(customer).pk == customer == behind.first():
            break
        customer = behind.first()
    return customer


def customers_of_import(import_id: int, *, at_most: int) -> list[int]:
    """Whose orders an import brought or changed; the first `at_most` that are found."""
    orders = Order.objects.filter(import_id=import_id, customer__isnull=False).order_by()
    return list(orders.values_list("customer_id", flat=True).distinct()[:at_most])


def owner_behind(order_id: int) -> tuple[int | None, int | None, datetime | None]:
    """The customer of an order, who owns her, and since when she lies in the trash."""
    found: tuple[int | None, int | None, datetime | None] = (
        Order.objects.filter(pk=order_id).values_list("customer_id", "customer__owner_id", "customer__trashed_at").get()
    )
    return found


def profile_of_order(order_id: int) -> int | None:
    """The profile that an order hangs on; of its customer's, the oldest, where the order itself does not say."""
    profile, customer = Order.objects.filter(pk=order_id).values_list("profile_id", "customer_id").get()
    return profile if profile is not None or customer is None else staff_profile_id_of(customer)


def products_by_id(ids: Sequence[int]) -> dict[int, Product]:
    return {product.pk: product for product in Product.objects.filter(pk__in=ids)}


def product_ids() -> QuerySet[Product, Any]:
    """The keys of all products, as a part of another query: whoever sees products sees all of them."""
    return Product.objects.values("pk")
