"""What customers buy: when the next order comes, what lies in the basket, how it is delivered, what comes back."""

from __future__ import annotations

from bisect import bisect
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from rapport.commerce.demo import LineRow
from rapport.demo import company
from rapport.demo.catalogue import Item
from rapport.demo.ledger import Customer, Ledger, Order, dice_for, public_id
from rapport.demo.profiles import seen_in
from rapport.demo.seasons import after_working_days, is_closed, local_instant, moment, opening_day, season

_LATE, _LATE_IN_THE_BAD_MONTH = 0.045, 0.5
_SOURCE_PREFIX = {"web_shop": "W", "store": "S", "call_center": "T", "field_sales": "F"}


class Shelf:
    """The products by category, drawn by popularity."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        self.items = items
        self._by_category: dict[str, tuple[list[Item], list[float]]] = {}
        for category in dict.fromkeys(item.category for item in items):
            shelf = [item for item in items if item.category == category]
            self._by_category[category] = (shelf, list(accumulate(item.popularity for item in shelf)))

    def pick(self, category: str, dice: Random) -> Item:
        shelf, weights = self._by_category[category]
        return shelf[min(bisect(weights, dice.random() * weights[-1]), len(shelf) - 1)]


def buy(ledger: Ledger, customer: Customer, shelf: Shelf) -> None:
    """All orders of a customer, one after the other, until today or until the customer leaves."""
    habit, dice = customer.habit, customer.dice
    if not habit.buys:
        return
    day = _first_purchase(ledger, customer)
    leaves_on = day + timedelta(days=dice.randint(*habit.stays_days)) if habit.stays_days else ledger.today
    while day <= min(leaves_on, ledger.today):
        channel = _channel(customer)
        placed_at = moment(opening_day(day, channel, dice), channel, dice)
        if placed_at > ledger.now:
            return
        order = _order(ledger, customer, channel, max(placed_at, customer.joined_at + timedelta(minutes=4)), shelf)
        if order.placed_at > ledger.now:
            return
        late_chance = 0.16 if order.days_late else 0.0
        if habit.is_once or dice.random() < habit.leaving + late_chance:
            return
        gap = habit.gap_days * dice.gammavariate(habit.steadiness, 1 / habit.steadiness)
        day = placed_at.date() + timedelta(
            days=max(2, round(gap / season(day, business=customer.is_organization) ** 0.8))
        )


def sell_over_the_counter(ledger: Ledger, shelf: Shelf, per_day: float) -> None:
    """Purchases in the stores by people who showed no card: orders without a customer."""
    dice = dice_for(ledger.seed, "counter")
    day = ledger.first_day
    while day <= ledger.today:
        crowd = 0 if is_closed(day) else per_day * season(day, business=False) * (2 if day.weekday() == 5 else 0.8)
        for _ in range(int(crowd + dice.random())):
            placed_at = moment(day, "store", dice)
            lines = _lines(
                ledger,
                (("Coffee beans", 3.0), ("Tea", 1.5), ("Cups and glasses", 1.0), ("Gifts", 1.0)),
                (1, 2),
                placed_at,
                shelf,
                dice,
            )
            if placed_at <= ledger.now:
                ledger.orders.append(
                    Order(None, None, company.TILL, "store", "sale", None, placed_at, lines, public_id(dice))
                )
        day += timedelta(days=1)


def number_orders(ledger: Ledger) -> None:
    """Places and order numbers in the order of time, as the cash registers and the shop gave them."""
    ledger.orders.sort(key=lambda order: (order.placed_at, order.public_id))
    for place, order in enumerate(ledger.orders, 1):
        order.place = place
        order.external_id = f"{_SOURCE_PREFIX[order.channel]}-{ledger.next_number('order ' + order.channel, 20_100)}"


def _first_purchase(ledger: Ledger, customer: Customer) -> date:
    """Customers from before are somewhere within their rhythm when our books begin; new ones buy soon."""
    dice, joined_on = customer.dice, customer.joined_at.date()
    if joined_on < ledger.first_day:
        return ledger.first_day + timedelta(days=int(dice.random() * max(customer.habit.gap_days, 40)))
    return joined_on if dice.random() < 0.7 else joined_on + timedelta(days=int(dice.expovariate(1 / 25)))


def _channel(customer: Customer) -> str:
    names, weights = zip(*customer.channels, strict=True)
    return str(customer.dice.choices(names, weights)[0])


def _order(ledger: Ledger, customer: Customer, channel: str, placed_at: datetime, shelf: Shelf) -> Order:
    dice = customer.dice
    source = company.SOURCE_OF_CHANNEL[channel]
    profile = seen_in(ledger, customer, source, placed_at)
    order = Order(
        customer, profile, source, channel, "sale", None, placed_at,
        _basket(ledger, customer, placed_at, shelf), public_id(dice),
    )  # fmt: skip
    ledger.orders.append(order)
    customer.orders.append(order)
    canceled = channel != "store" and dice.random() < 0.013
    if canceled:
        at = placed_at + timedelta(minutes=dice.randint(8, 900))
        _reverse(ledger, order, "cancellation", at, order.lines)
    elif channel != "store":
        _deliver(ledger, order)
    if not canceled and dice.random() < (0.035 if channel == "web_shop" else 0.012):
        received = order.delivered_at or (placed_at if channel == "store" else None)
        if received is not None:
            at = moment(
                received.date() + timedelta(days=dice.randint(2, 13)),
                "web_shop" if channel == "web_shop" else "call_center",
                dice,
            )
            _reverse(ledger, order, "return", at, tuple(dice.sample(order.lines, 1)))
    return order


def _basket(ledger: Ledger, customer: Customer, at: datetime, shelf: Shelf) -> tuple[LineRow, ...]:
    habit, dice = customer.habit, customer.dice
    lines = {
        line.product: line
        for line in _lines(ledger, habit.categories, habit.lines, at, shelf, dice, habit.quantity, customer)
    }
    if not habit.is_once and customer.habit.name not in ("occasional", "restaurant"):
        for item in customer.favorites:
            if dice.random() < 0.8:
                lines[item.key] = _line(ledger, item, at, habit.quantity, dice, customer)
    return tuple(lines.values())


def _lines(
    ledger: Ledger, categories: tuple[tuple[str, float], ...], count: tuple[int, int], at: datetime, shelf: Shelf,
    dice: Random, quantity: tuple[int, int] = (1, 1), customer: Customer | None = None,
) -> tuple[LineRow, ...]:  # fmt: skip
    names, weights = zip(*categories, strict=True)
    wanted = dice.choices(names, weights, k=dice.randint(*count))
    items = dict.fromkeys(shelf.pick(category, dice) for category in wanted)
    if at.month not in (11, 12):
        items = {item: None for item in items if "Advent" not in item.name and "Winter" not in item.name} or {
            shelf.items[0]: None
        }
    return tuple(_line(ledger, item, at, quantity, dice, customer) for item in items)


def _line(
    ledger: Ledger, item: Item, at: datetime, quantity: tuple[int, int], dice: Random, customer: Customer | None
) -> LineRow:
    wholesale = customer is not None and customer.is_organization
    pieces = 1 if item.price_micros > 150_000_000 else dice.randint(*quantity)
    if customer is not None and wholesale and pieces > 1:
        years_here = (at - customer.joined_at).days / 365.25
        pieces = max(1, round(pieces * (1 + customer.growth) ** years_here))
    return LineRow(item.key, item.name, pieces, item.price_years_ago(ledger.today.year - at.year, wholesale=wholesale))


def _deliver(ledger: Ledger, order: Order) -> None:
    """Promise a day, hand over to a carrier, arrive – now and then late, and often so in one carrier's bad month."""
    customer = order.customer
    assert customer is not None
    dice, placed_on = customer.dice, order.placed_at.date()
    order.carrier = company.CARRIERS[dice.random() < 0.4]
    order.promised_on = after_working_days(placed_on, 1 + customer.country.delivery_days)
    shipped_on = after_working_days(placed_on, 1)
    shipped_at = local_instant(shipped_on, dice.triangular(13, 18, 16.5) * 3600)
    months_ago = (ledger.today.year - shipped_on.year) * 12 + ledger.today.month - shipped_on.month
    in_trouble = order.carrier == company.UNRELIABLE_CARRIER and months_ago == company.UNRELIABLE_MONTHS_AGO
    arrives_on = order.promised_on
    if dice.random() < (_LATE_IN_THE_BAD_MONTH if in_trouble else _LATE):
        arrives_on = after_working_days(arrives_on, min(1 + int(dice.expovariate(0.7)), 7))
    elif customer.country.delivery_days > 1 and dice.random() < 0.3:
        arrives_on = after_working_days(placed_on, customer.country.delivery_days)
    arrives_at = max(local_instant(arrives_on, dice.triangular(8.5, 20.5, 13) * 3600), shipped_at + timedelta(hours=9))
    order.shipped_at = shipped_at if shipped_at <= ledger.now else None
    order.delivered_at = arrives_at if arrives_at <= ledger.now else None
    if order.delivered_at is not None:
        order.days_late = max((arrives_on - order.promised_on).days, 0)


def _reverse(ledger: Ledger, order: Order, kind: str, at: datetime, lines: tuple[LineRow, ...]) -> None:
    if at > ledger.now or order.customer is None:
        return
    taken_back = tuple(line._replace(quantity=-line.quantity) for line in lines)
    reversal = Order(
        order.customer, order.profile, order.source, order.channel, kind, order, at, taken_back,
        public_id(order.customer.dice),
    )  # fmt: skip
    ledger.orders.append(reversal)
    order.customer.orders.append(reversal)
