"""Writes to orders: one verb, one function, one transaction, one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from rapport.commerce.events import OrderFulfilled, OrderPlaced
from rapport.commerce.models import Order, OrderKind, OrderLine, Product
from rapport.core.acting import Actor, acting
from rapport.core.events import publish
from rapport.core.money import format_money
from rapport.customers import actions as customers
from rapport.customers import queries as customer_queries


class OrderRefused(Exception):
    """The order cannot be placed or fulfilled as told; nothing was written."""


class OrderExists(OrderRefused):
    """The source already has an order of this number."""


@dataclass(frozen=True)
class Line:
    """One line to order: a product by its code in the source, or only a description."""

    description: str
    quantity: Decimal
    unit_price_micros: int
    code: str = ""

    @property
    def amount_micros(self) -> int:
        return int((self.quantity * self.unit_price_micros).to_integral_value(rounding=ROUND_HALF_EVEN))


@dataclass(frozen=True)
class NewOrder:
    """What is ordered, taken back or corrected, where, in which currency, and by whom."""

    source: str
    external_id: str
    kind: str
    channel: str
    currency: str
    placed_at: datetime
    lines: Sequence[Line]
    customer_id: int | None = None
    reverses: Order | None = None
    promised_on: date | None = None


def place_order(new: NewOrder, *, by: Actor, now: datetime, request: HttpRequest | None = None) -> Order:
    """Keep an order of any kind with its lines, and show it in the customer's timeline."""
    _check(new)
    with acting(by, request, reason=OrderPlaced.name):
        source = customers.ensure_source(new.source)
        profile_id = None
        if new.customer_id is not None:
            profile_id = customer_queries.profile_id_of(new.customer_id, source_id=source.pk)
        order = _insert(new, source_id=source.pk, profile_id=profile_id)
        OrderLine.objects.bulk_create(_lines_of(order, new, source_id=source.pk))
        if new.customer_id is not None and profile_id is not None:
            _point(order, kind="order", at=order.placed_at, summary=f"{new.external_id} · {_total(order)}")
        publish(OrderPlaced(order.pk, order.customer_id, order.kind))
    return order


def record_fulfilment(
    order: Order,
    *,
    by: Actor,
    promised_on: date | None = None,
    shipped_at: datetime | None = None,
    delivered_at: datetime | None = None,
    request: HttpRequest | None = None,
) -> Order:
    """Note when the order was promised, shipped or delivered; a first delivery is a touchpoint. None leaves as it is."""
    with acting(by, request, reason=OrderFulfilled.name):
        locked = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
        was_delivered = locked.delivered_at is not None
        locked.promised_on = promised_on or locked.promised_on
        locked.shipped_at = shipped_at or locked.shipped_at
        locked.delivered_at = delivered_at or locked.delivered_at
        _check_dates(locked)
        locked.save(update_fields=["promised_on", "shipped_at", "delivered_at"])
        if locked.delivered_at is not None and not was_delivered and locked.profile_id is not None:
            _point(locked, kind="delivery", at=locked.delivered_at, summary=f"{locked.external_id} · {_total(locked)}")
        publish(OrderFulfilled(locked.pk, locked.customer_id, locked.delivered_at is not None))
    return locked


def _check(new: NewOrder) -> None:
    if not new.lines:
        raise OrderRefused("An order needs at least one line.")
    if new.kind not in OrderKind.values:
        raise OrderRefused(f"There is no kind of order called {new.kind}.")
    if not new.external_id:
        raise OrderRefused("An order needs the number its source gave it.")
    if len(new.currency) != 3 or not new.currency.isupper():
        raise OrderRefused(f"{new.currency} is not the code of a currency.")
    if new.placed_at.tzinfo is None:
        raise OrderRefused("The time of an order needs a time zone.")
    if new.reverses is None:
        return
    if new.kind == OrderKind.SALE:
        raise OrderRefused("A sale reverses nothing.")
    if (new.reverses.customer_id, new.reverses.currency) != (new.customer_id, new.currency):
        raise OrderRefused("An order can only reverse one of the same customer and currency.")


def _check_dates(order: Order) -> None:
    if order.shipped_at is not None and order.delivered_at is not None and order.delivered_at < order.shipped_at:
        raise OrderRefused("An order cannot be delivered before it was shipped.")
    first = order.shipped_at or order.delivered_at
    if first is not None and first < order.placed_at:
        raise OrderRefused("An order cannot be shipped or delivered before it was placed.")


def _insert(new: NewOrder, *, source_id: int, profile_id: int | None) -> Order:
    try:
        with transaction.atomic():
            return Order.objects.create(
                source_id=source_id,
                external_id=new.external_id,
                kind=new.kind,
                reverses=new.reverses,
                customer_id=new.customer_id,
                profile_id=profile_id,
                channel=new.channel,
                currency=new.currency,
                total_micros=sum(line.amount_micros for line in new.lines),
                line_count=len(new.lines),
                placed_at=new.placed_at,
                promised_on=new.promised_on,
            )
    except IntegrityError as error:
        raise OrderExists(f"{new.source} already has an order {new.external_id}.") from error


def _lines_of(order: Order, new: NewOrder, *, source_id: int) -> list[OrderLine]:
    products = _products(new, source_id=source_id)
    return [
        OrderLine(
            order=order,
            number=number,
            product=products.get(line.code),
            description=line.description,
            quantity=line.quantity,
            unit_price_micros=line.unit_price_micros,
            amount_micros=line.amount_micros,
        )
        for number, line in enumerate(new.lines, start=1)
    ]


def _products(new: NewOrder, *, source_id: int) -> dict[str, Product]:
    """The products of the lines by code; one that is new to the source is made from its line."""
    wanted = {line.code: line for line in new.lines if line.code}
    found = {p.code: p for p in Product.objects.filter(source_id=source_id, code__in=list(wanted))}
    for code, line in wanted.items():
        if code not in found:
            found[code], _made = Product.objects.get_or_create(
                source_id=source_id,
                code=code,
                defaults={
                    "name": line.description,
                    "price_micros": line.unit_price_micros if line.unit_price_micros > 0 else None,
                    "currency": new.currency,
                },
            )
    return found


def _point(order: Order, *, kind: str, at: datetime, summary: str) -> None:
    assert order.profile_id is not None
    customers.add_touchpoint(
        customer_id=order.customer_id,
        profile_id=order.profile_id,
        kind=kind,
        channel=order.channel,
        occurred_at=at,
        summary=summary,
        direction="out" if kind == "delivery" else "in",
        record_id=order.pk,
    )


def _total(order: Order) -> str:
    return format_money(order.total_micros, order.currency)
