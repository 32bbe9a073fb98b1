"""The contacts around purchases: orders and deliveries on the timeline, web visits, campaigns and their responses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from rapport.demo import company
from rapport.demo.catalogue import (
    BEANS,
    CUPS,
    ESPRESSO,
    FILTER,
    GIFTS,
    GRINDERS,
    KETTLES,
    KNIVES,
    MACHINES,
    TEA,
    WHOLESALE,
    Item,
)
from rapport.demo.ledger import Customer, Ledger, Order
from rapport.demo.profiles import seen_in
from rapport.demo.purchases import Shelf
from rapport.demo.seasons import local_instant, moment

_GUIDES = (
    "How to descale a machine", "Which grind for which brewer", "Five ways to brew at home", "Keeping beans fresh",
    "Water and taste", "Opening a coffee bar", "Sharpening a knife", "Our visit to Huila",
)  # fmt: skip
_SEARCHES = (
    "moka pot",
    "decaf",
    "filter size 2",
    "gift",
    "grinder",
    "matcha",
    "oat drink",
    "descaler",
    "cappuccino cups",
    "decaf beans",
    "tamper",
)


@dataclass(frozen=True)
class Campaign:
    name: str
    day: date
    channel: str
    category: str
    for_business: bool


_YEAR = (
    (1, 14, "New harvest", BEANS), (2, 9, "Valentine’s tasting box", GIFTS), (3, 10, "Spring cleaning", "Cleaning and care"),
    (4, 3, "Easter breakfast", CUPS), (5, 5, "Mother’s Day gifts", GIFTS), (6, 8, "Cold brew summer", FILTER),
    (7, 7, "Travel brewers", FILTER), (8, 24, "Back to the desk", TEA), (9, 15, "Roastery open day", ESPRESSO),
    (10, 12, "Grinder weeks", GRINDERS), (11, 10, "Winter flavors", TEA), (11, 25, "Black Friday", MACHINES),
    (12, 6, "Gifts in time", GIFTS),
)  # fmt: skip
_YEAR_ON_PAPER = ((3, 22, "Spring catalogue", KETTLES), (11, 1, "Christmas catalogue", KNIVES))
_YEAR_OF_TRADE = ((2, 2, "Trade prices", WHOLESALE), (9, 2, "Terrace season review", ESPRESSO))


def campaigns_between(first_day: date, last_day: date) -> list[Campaign]:
    """The campaigns of some years: a newsletter about monthly, a catalogue twice a year, letters to the trade."""
    planned = [
        Campaign(f"{name} {year}", date(year, month, day), channel, category, for_business)
        for year in range(first_day.year, last_day.year + 1)
        for entries, channel, for_business in (
            (_YEAR, "email", False),
            (_YEAR_ON_PAPER, "direct_mail", False),
            (_YEAR_OF_TRADE, "email", True),
        )
        for month, day, name, category in entries
    ]
    return sorted((c for c in planned if first_day <= c.day <= last_day), key=lambda campaign: campaign.day)


def show_order(ledger: Ledger, order: Order) -> None:
    """An order's own entries on the timeline."""
    if order.profile is None:
        return
    pieces = sum(abs(line.quantity) for line in order.lines)
    what = f"{pieces} item{'' if pieces == 1 else 's'}, {_euros(abs(order.total_micros))}"
    sentence = {"sale": f"Order {order.external_id}: {what}", "return": f"Returned {what}"}.get(
        order.kind, f"Canceled order {order.reverses.external_id if order.reverses else ''}: {what}"
    )
    ledger.touch(order.profile, order.placed_at, "order", order.channel, sentence, record=order.place)
    if order.delivered_at is not None:
        late = f", {order.days_late} day{'' if order.days_late == 1 else 's'} late" if order.days_late else ""
        ledger.touch(
            order.profile, order.delivered_at, "delivery", order.channel,
            f"{order.carrier} delivered order {order.external_id}{late}", record=order.place, direction="out",
        )  # fmt: skip


def _euros(micros: int) -> str:
    return f"€{micros // 1_000_000:,}.{micros // 10_000 % 100:02}"


def visit_web(ledger: Ledger, customer: Customer, shelf: Shelf) -> None:
    """Web visits: before most orders in the shop, and now and then without buying."""
    profile = customer.profiles.get(company.WEB_SHOP) or customer.profiles.get(company.NEWSLETTER)
    if profile is None:
        return
    dice = customer.dice
    for order in customer.orders:
        if order.kind == "sale" and order.channel == "web_shop":
            looked_at = shelf.items[order.lines[0].product - 1]
            for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
                before = timedelta(hours=dice.expovariate(1 / 30), minutes=dice.randint(3, 40))
                if order.placed_at - before > profile.first_seen:
                    ledger.touch(profile, order.placed_at - before, "page_view", "web", web_visit(looked_at, dice))
    day = profile.first_seen.date()
    interest = dice.lognormvariate(4.35, 0.7) * (2.2 if not customer.habit.buys or customer.habit.is_once else 1)
    last_active = max((o.placed_at.date() for o in customer.orders), default=day) + timedelta(
        days=int(dice.expovariate(1 / 120))
    )
    if customer.habit.name in ("loyal", "café", "office"):
        last_active = ledger.today
    while (day := day + timedelta(days=1 + int(dice.expovariate(1 / interest)))) <= min(last_active, ledger.today):
        category = dice.choices(*zip(*customer.habit.categories, strict=True))[0]
        ledger.touch(
            profile, moment(day, "web_shop", dice), "page_view", "web", web_visit(shelf.pick(category, dice), dice)
        )


def web_visit(item: Item, dice: Random) -> str:
    pages = 1 + int(dice.expovariate(1 / 5))
    seen = f"{pages} page{'' if pages == 1 else 's'}"
    kind = dice.random()
    if kind < 0.42:
        return f"{seen}, looked at {item.name}"
    if kind < 0.7:
        return f"{seen}, looked at {item.category.lower()}"
    if kind < 0.82:
        return f"{seen}, searched for “{dice.choice(_SEARCHES)}”"
    if kind < 0.92:
        return f"{seen}, read “{dice.choice(_GUIDES)}”"
    return f"{seen}, left {item.name} in the cart"


def sign_up(ledger: Ledger, customer: Customer) -> None:
    """Some leave their e-mail address for the newsletter: visitors at once, buyers at some later time."""
    dice = customer.dice
    share = 0.75 if not customer.habit.buys else 0.6 if customer.is_organization else 0.56
    if customer.email is None or dice.random() > share:
        return
    at = (
        customer.joined_at
        if not customer.habit.buys
        else customer.joined_at + timedelta(days=dice.expovariate(1 / 40), hours=3)
    )
    if at <= ledger.now:
        seen_in(ledger, customer, company.NEWSLETTER, at)


def respond(ledger: Ledger, customer: Customer, campaigns: list[Campaign], shelf: Shelf) -> None:
    """Openings, clicks and redeemed vouchers; who has left opens less, and some unsubscribe."""
    dice = customer.dice
    mail, till = customer.profiles.get(company.NEWSLETTER), customer.profiles.get(company.TILL)
    last_order = max((order.placed_at for order in customer.orders), default=None)
    for campaign in campaigns:
        profile = mail if campaign.channel == "email" else till
        if profile is None or campaign.for_business > customer.is_organization:
            continue
        sent_at = local_instant(campaign.day, 9.5 * 3600)
        if sent_at < profile.first_seen:
            continue
        interest = customer.reads_mail * (0.45 if last_order is not None and (sent_at - last_order).days > 200 else 1.0)
        if dice.random() > (interest if campaign.channel == "email" else interest * 0.3):
            continue
        at = sent_at + timedelta(hours=dice.expovariate(1 / 14), days=6 if campaign.channel == "direct_mail" else 0)
        ledger.touch(profile, at, "campaign", campaign.channel, _response(campaign, customer, shelf))
        profile.seen_at = max(profile.seen_at, min(at, ledger.now))
        if campaign.channel == "email" and dice.random() < 0.004:
            ledger.touch(profile, at + timedelta(seconds=50), "campaign", "email", "Unsubscribed from the newsletter")
            mail = None


def _response(campaign: Campaign, customer: Customer, shelf: Shelf) -> str:
    dice = customer.dice
    if campaign.channel == "direct_mail":
        return f"Used the voucher of “{campaign.name}” in {customer.store}"
    if dice.random() < 0.62:
        return f"Opened “{campaign.name}”"
    if dice.random() < 0.8:
        return f"Opened “{campaign.name}”, clicked {shelf.pick(campaign.category, dice).name}"
    return f"Opened “{campaign.name}” twice, clicked {campaign.category.lower()}"
