"""Imagines the demo company's three years from a seed; knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rapport.commerce.demo import OrderRow, ProductRow
from rapport.customers.demo import (
    ConsentRow,
    ContactPointRow,
    CustomerRow,
    IdentifierRow,
    InteractionRow,
    ProfileRow,
    RelationshipRow,
    TouchpointRow,
)
from rapport.demo import company
from rapport.demo.around import surround
from rapport.demo.catalogue import Item, catalogue
from rapport.demo.contacts import campaigns_between, respond, show_order, sign_up, visit_web
from rapport.demo.conversations import open_for_today, talk
from rapport.demo.ledger import Customer, Ledger, Order, dice_for, public_id
from rapport.demo.lessons import learn
from rapport.demo.own_fields import ask_for_own_fields
from rapport.demo.people import people_of, rep_for
from rapport.demo.permission import ask_permission
from rapport.demo.profiles import correct_by_staff, seen_in
from rapport.demo.purchases import Shelf, buy, number_orders, sell_over_the_counter
from rapport.demo.seasons import local_instant
from rapport.demo.twins import add_twins

_LATEST_HOUR = 10


@dataclass(frozen=True)
class Imagined:
    """All rows, in the order of their places."""

    products: list[ProductRow]
    customers: list[CustomerRow]
    profiles: list[ProfileRow]
    identifiers: list[IdentifierRow]
    orders: list[OrderRow]
    interactions: list[InteractionRow]
    touchpoints: list[TouchpointRow]
    points: list[ContactPointRow]
    ties: list[RelationshipRow]
    consents: list[ConsentRow]


def imagine(*, seed: int, customers: int, today: date, now: datetime) -> Imagined:
    """The same rows for the same seed, number and day. Nothing after ten in the morning of that day, nor after `now`."""
    first_day = today - timedelta(days=company.YEARS * 365)
    until = min(local_instant(today, _LATEST_HOUR * 3600), now)
    ledger = Ledger(seed, first_day, today, until)
    items = catalogue()
    shelf = Shelf(items)
    campaigns = campaigns_between(first_day, today)
    ledger.customers = [c for c in people_of(ledger, customers, items) if c.joined_at <= until]
    for customer in ledger.customers:
        buy(ledger, customer, shelf)
        if customer.job_title:
            seen_in(ledger, customer, company.FIELD, customer.joined_at)
        sign_up(ledger, customer)
        if not customer.profiles:
            seen_in(
                ledger, customer, company.FIELD if customer.is_organization else company.WEB_SHOP, customer.joined_at
            )
        visit_web(ledger, customer, shelf)
        respond(ledger, customer, campaigns, shelf)
        correct_by_staff(ledger, customer)
    sell_over_the_counter(ledger, shelf, customers / 2000)
    number_orders(ledger)
    for order in ledger.orders:
        show_order(ledger, order)
    talk(ledger, shelf)
    open_for_today(ledger, shelf)
    learn(ledger)
    add_twins(ledger)
    surround(ledger)
    ask_permission(ledger)
    ask_for_own_fields(ledger)
    _give_owners(ledger)
    return _rows(ledger, items)


def _give_owners(ledger: Ledger) -> None:
    """Good customers get somebody of their own, too: sales people, and for some the service desk."""
    for customer in ledger.customers:
        if customer.owner is None and customer.kind == "person":
            spent = sum(order.total_micros for order in customer.orders)
            if spent > 900_000_000 and customer.dice.random() < 0.75:
                customer.owner = rep_for(customer.country, customer.address.region)
            elif customer.dice.random() < 0.03:
                customer.owner = customer.dice.choice(company.AGENTS)


def _rows(ledger: Ledger, items: tuple[Item, ...]) -> Imagined:
    ids = dice_for(ledger.seed, "public ids")
    opening = local_instant(ledger.first_day, 8 * 3600)
    return Imagined(
        products=[
            ProductRow(public_id(ids), i.code, i.name, i.category, i.price_micros, i.cost_micros, opening)
            for i in items
        ],
        customers=[_customer_row(customer) for customer in ledger.customers],
        profiles=[
            ProfileRow(p.customer.place, p.source, p.external_id, p.customer.kind, p.seen_at, p.raw, p.values, p.custom)
            for p in ledger.profiles
        ],
        identifiers=ledger.identifiers,
        orders=[_order_row(order) for order in ledger.orders],
        interactions=ledger.interactions,
        touchpoints=sorted(ledger.touchpoints, key=lambda touchpoint: (touchpoint.occurred_at, touchpoint.profile)),
        points=ledger.points,
        ties=ledger.ties,
        consents=ledger.consents,
    )


def _customer_row(customer: Customer) -> CustomerRow:
    first_seen = min(profile.first_seen for profile in customer.profiles.values())
    return CustomerRow(public_id(customer.dice), customer.kind, customer.owner, min(first_seen, customer.joined_at))


def _order_row(order: Order) -> OrderRow:
    return OrderRow(
        order.public_id, order.source, order.external_id, order.kind, order.reverses.place if order.reverses else None,
        order.profile.place if order.profile else None, order.channel, order.placed_at, order.promised_on,
        order.shipped_at, order.delivered_at, order.lines,
    )  # fmt: skip
