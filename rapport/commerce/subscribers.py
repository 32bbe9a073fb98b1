"""What this room does when there is news of orders: whoever ordered may fit other segments than before."""

from __future__ import annotations

from rapport.commerce.events import OrderFulfilled, OrderPlaced
from rapport.commerce.queries import customers_of_import
from rapport.core.events import Subscription
from rapport.records.events import ImportFinished
from rapport.segments.asking import ask_to_rebuild, note_changed
from rapport.segments.keeping import MOST_ONE_BY_ONE


def ask_who_ordered(event: OrderPlaced) -> None:
    note_changed([event.customer_id])


def ask_who_was_served(event: OrderFulfilled) -> None:
    note_changed([event.customer_id])


def ask_whose_orders_came(event: ImportFinished) -> None:
    changed = customers_of_import(event.import_id, at_most=MOST_ONE_BY_ONE + 1)
    if len(changed) > MOST_ONE_BY_ONE:
        ask_to_rebuild()
    else:
        note_changed(changed)


SUBSCRIPTIONS = (
    Subscription(OrderPlaced, ask_who_ordered),
    Subscription(OrderFulfilled, ask_who_was_served),
    Subscription(ImportFinished, ask_whose_orders_came),
)
