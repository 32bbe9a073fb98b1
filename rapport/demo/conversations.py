"""What customers and staff said to each other: calls, visits, notes and cases that fit what happened before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import cycle
from random import Random
from typing import NamedTuple

from rapport.demo import company
from rapport.demo.contacts import web_visit
from rapport.demo.ledger import Customer, Ledger, Order, Profile, dice_for
from rapport.demo.people import VISITED
from rapport.demo.profiles import seen_in
from rapport.demo.purchases import Shelf
from rapport.demo.seasons import is_closed, local_instant, moment

_WAITING = (
    "Asked where order {order} is: {carrier} promised {promised}. Traced it, arrives {delivered}. No charge for shipping.",
    "Order {order} is {days} late, was meant for a birthday. Sends a tasting box along to make up for it.",
    "{carrier} left a note but never rang. Second attempt agreed for {delivered}.",
    "Annoyed about {carrier}: the track and trace of {order} has said “on its way” since {promised}. Promised to call back.",
    "Wants {order} by the weekend. {carrier} cannot say; offered pick-up in {store}, prefers to wait.",
    "{order} has been lying in the depot of {carrier} since {promised}. Asked them to hurry.",
)
_WAITING_BUSINESS = (
    "Out of beans since this morning, {order} should have been here {promised}. {rep} brings two bags from the store.",
    "Third question about {order}: {carrier} is {days} late. Wants a fixed delivery day, or looks elsewhere.",
    "No oat drink left for the weekend. {order} is {days} late with {carrier}; emergency box goes by courier.",
    "Driver of {carrier} stood before a closed door. {order} comes again {delivered}.",
)
_AFTERWARDS = (
    "{order} came {days} late and the box was wet. Contents fine; apologized.",
    "Complained about {carrier}: {order} arrived {days} after the promised day. Credited the shipping.",
    "Wants to know whether we can send with somebody else than {carrier}. Noted it for the next order.",
)
_AFTERWARDS_BUSINESS = (
    "Delivery {order} came {days} late, terrace was full on Saturday. Credited the shipping, told {rep}.",
    "{carrier} delivered {order} during the lunch rush, {days} late. Wants mornings only from now on.",
    "Had to buy beans in the supermarket because {order} was {days} late. {rep} drops by.",
)
_RETURN_CASES = (
    "{product} arrived with a crack", "wrong size: {product}", "{product} does not fit the machine", "{product} ordered twice",
    "{product}: grinder blocked after a week", "{product} tastes stale", "changed their mind about {product}",
)  # fmt: skip
_QUESTIONS = (
    "which grind for {product}?", "invoice with company name", "is {product} back in stock?", "password of the web shop",
    "how long does {product} keep?", "spare part for {product}", "loyalty points missing", "delivery address changed",
    "gift card code does not work", "allergens in {product}",
)  # fmt: skip
_ANSWERS = (
    "answered the same day",
    "solved in first contact",
    "explained by phone",
    "sent the guide",
    "replacement sent",
    "refunded",
)
_VISITS = (
    "Tasted the new harvest with {contact}; {product} goes on the bar next month.",
    "Checked the grinders, burrs are worn: offer for a set follows. Two new baristas start in {next_month}.",
    "Went through prices with {contact}. Keeps {product}, asks for a discount from 20 kg.",
    "Second location opens in {next_month}. {contact} wants a machine on loan and the same blend.",
    "Quiet week, but {contact} is happy with {product}. Left samples of the decaf.",
    "Water filter overdue, replaced it. {contact} orders by phone; showed the web shop.",
    "Met {contact}. A competitor offers 8 % less; stays because of the fixed delivery day.",
    "New menu in {next_month}: cold brew and {product}. {contact} decides by Friday.",
    "Trained the weekend team on milk. {contact} books a second session in {next_month}.",
    "Espresso ran in 18 seconds: set the grinder finer, {product} tastes right again.",
    "{contact} was out, spoke with the kitchen. They like {product}, portions are going up.",
    "Measured the water: too hard. Offer for a filter system by e-mail.",
    "Lunch rush, ten minutes only. {contact} wants paper cups with their own print.",
    "Showed the dual boiler. {contact} likes it, has to ask the landlord about the power supply.",
)
_CALLS_OUT = (
    "Usual order is due; {contact} adds two bags of {product}.",
    "No answer, left a message about the Tuesday route.",
    "Invoice of last month was paid twice, refund agreed with {contact}.",
    "{contact} asks for {product} from next week on.",
    "Closed for a week of painting, pause the deliveries until they call.",
    "Confirmed the new prices; {contact} not amused, but stays.",
    "Sugar sticks out of stock, {contact} takes cubes instead.",
    "Asked how {product} is doing: sells well with oat drink.",
    "Delivery day moved to Thursday, {contact} agrees.",
    "{contact} needs a copy of the last three invoices for the accountant.",
    "Credit card had expired, new one is in. Order goes out today.",
    "Reminded of the tasting in {next_month}; {contact} brings a colleague.",
    "Guests ask for decaf after dinner: {contact} tries 2 kg.",
    "One carton of oat drink was leaking, credited it.",
    "{contact} is leaving, successor starts in {next_month}. Introduce ourselves then.",
    "Wants to know where {product} comes from, sent the farm sheet for the menu.",
)
_SILENT = (
    "Has not ordered for {weeks} weeks. {contact} says they found a cheaper roaster; offered a tasting.",
    "Called because of the silence: under new management, decision about coffee in {next_month}.",
    "{weeks} weeks without an order. Rebuilding the kitchen, open again in {next_month}.",
    "Misses the fixed delivery day. {contact} wants to see {rep} in person.",
    "Staff shortage, closed two days a week. {contact} orders again when the terrace opens.",
)
_NOTES = (
    "Prefers deliveries before 10.", "Pays by invoice, 30 days.", "Ring the bell at the back door.",
    "Speaks little Dutch, English is fine.",
    "Interested in the home barista course.", "Drinks decaf only.", "Buys for the whole office at Christmas.",
    "Please no calls on Monday.",
    "Asked for beans without plastic packaging.", "Two machines: Loods 2 upstairs, Loods 1 in the bar.",
)  # fmt: skip
_FIRST_CASE = 3_100


class Case(NamedTuple):
    """A question or complaint; without `solved_at` it is open."""

    opened_at: datetime
    solved_at: datetime | None
    profile: Profile
    channel: str
    subject: str
    answer: str


def talk(ledger: Ledger, shelf: Shelf) -> None:
    """All conversations, then the cases numbered in the order in which they were opened."""
    cases: list[Case] = []
    for customer in ledger.customers:
        dice = customer.dice
        for order in customer.orders:
            if _is_late(ledger, order) and dice.random() < (0.55 if customer.is_organization else 0.38):
                _complain(ledger, order, cases)
            elif order.kind == "return" and dice.random() < 0.45:
                _return_case(order, shelf, cases)
        if customer.is_organization:
            _look_after(ledger, customer, shelf)
        elif customer.profiles:
            _ask(ledger, customer, shelf, cases)
    for case in sorted(cases, key=lambda case: case.opened_at):
        number = ledger.next_number("case", _FIRST_CASE)
        ledger.touch(case.profile, case.opened_at, "case", case.channel, f"Case {number} opened: {case.subject}")
        if case.solved_at is not None:
            solved = f"Case {number} solved: {case.answer}"
            ledger.touch(case.profile, case.solved_at, "case", case.channel, solved, direction="out")


def _complain(ledger: Ledger, order: Order, cases: list[Case]) -> None:
    """A call on the working day after the promised one; the case stays open until the parcel has come."""
    customer, promised_on = order.customer, order.promised_on
    if customer is None or promised_on is None or order.profile is None:
        return
    dice = customer.dice
    called_at = _office_moment(promised_on + timedelta(days=1), dice)
    if called_at > ledger.now:
        return
    waiting = order.delivered_at is None or called_at < order.delivered_at
    days = (called_at.date() - promised_on).days if waiting else order.days_late
    texts = {
        (True, True): _WAITING_BUSINESS, (True, False): _AFTERWARDS_BUSINESS, (False, True): _WAITING, (False, False): _AFTERWARDS
    }[customer.is_organization, waiting]  # fmt: skip
    text = dice.choice(texts).format(
        order=order.external_id, carrier=order.carrier, promised=_day(promised_on), store=customer.store or "Rotterdam",
        delivered=_arrival(order, called_at),
        days=f"{days} day{'' if days == 1 else 's'}", rep=_first_name(customer.owner or company.FIELD_SALES[0]),
    )  # fmt: skip
    known_by_phone = customer.phone is not None and dice.random() < 0.3
    profile = seen_in(ledger, customer, company.CALLS, called_at) if known_by_phone else order.profile
    ledger.log(profile, called_at, "call", "call_center", text, by=dice.choice(company.AGENTS))
    opened_at, solved_at = called_at + timedelta(minutes=4), order.delivered_at
    if solved_at is not None and solved_at < opened_at:
        solved_at = opened_at + timedelta(minutes=dice.randint(5, 300))
    subject = f"late delivery of order {order.external_id}"
    answer = f"{order.carrier} delivered" if waiting else "shipping credited"
    cases.append(Case(opened_at, solved_at, profile, "call_center", subject, answer))


def _arrival(order: Order, called_at: datetime) -> str:
    if order.delivered_at is None:
        return "tomorrow"
    return "today" if order.delivered_at.date() == called_at.date() else _day(order.delivered_at.date())


def _is_late(ledger: Ledger, order: Order) -> bool:
    if order.promised_on is None or order.shipped_at is None:
        return False
    return order.days_late > 0 or (order.delivered_at is None and order.promised_on < ledger.today)


def _return_case(order: Order, shelf: Shelf, cases: list[Case]) -> None:
    if order.profile is None or order.customer is None:
        return
    dice = order.customer.dice
    product = shelf.items[order.lines[0].product - 1].name
    subject = dice.choice(_RETURN_CASES).format(product=product)
    took = timedelta(hours=dice.triangular(1, 90, 20))
    before = timedelta(hours=dice.triangular(2, 40, 8))
    channel = dice.choice(("email", "email", "call_center", "portal", "chat"))
    opened_at = order.placed_at - before
    cases.append(Case(opened_at, opened_at + took, order.profile, channel, subject, dice.choice(_ANSWERS[-2:])))


def _ask(ledger: Ledger, customer: Customer, shelf: Shelf, cases: list[Case]) -> None:
    """Questions to the service desk, a note by staff here and there; contacts of organizations are called."""
    dice = customer.dice
    profile = next(iter(customer.profiles.values()))
    span = (ledger.now - profile.first_seen) / timedelta(days=1)
    for _ in range(int(dice.expovariate(1 / 0.28) * min(1.0, span / 500))):
        at = profile.first_seen + timedelta(days=dice.random() * span)
        product = dice.choice(customer.favorites or shelf.items).name
        channel = dice.choice(("email", "email", "chat", "chat", "portal", "call_center"))
        took = timedelta(hours=dice.triangular(0.2, 60, 3))
        subject = dice.choice(_QUESTIONS).format(product=product)
        opened_at = moment(at.date(), "web_shop", dice)
        cases.append(Case(opened_at, opened_at + took, profile, channel, subject, dice.choice(_ANSWERS[:5])))
    if dice.random() < 0.05:
        at = _office_moment(profile.first_seen.date() + timedelta(days=int(dice.random() * span)), dice)
        ledger.log(profile, at, "note", "call_center", dice.choice(_NOTES), by=dice.choice(company.AGENTS))
    if customer.job_title:
        at = _office_moment(profile.first_seen.date() + timedelta(days=dice.randint(3, 60)), dice)
        text = dice.choice(_CALLS_OUT).format(
            contact=customer.name.given, product=product_of(customer), next_month=_month_after(at.date(), dice)
        )
        ledger.log(profile, at, "call", "call_center", text, by=customer.owner or company.AGENTS[0], direction="out")


def _look_after(ledger: Ledger, customer: Customer, shelf: Shelf) -> None:
    """Sales people call and visit their organizations, and ask when one falls silent."""
    dice, owner = customer.dice, customer.owner or company.FIELD_SALES[0]
    began = max(customer.joined_at.date(), ledger.first_day)
    last = max((order.placed_at for order in customer.orders), default=None)
    leaves_on = (
        ledger.today if last is None or (ledger.now - last).days < 3 * max(customer.habit.gap_days, 20) else last.date()
    )
    day = began + timedelta(days=dice.randint(5, 60))
    visit_texts, call_texts = cycle(dice.sample(_VISITS, len(_VISITS))), cycle(dice.sample(_CALLS_OUT, len(_CALLS_OUT)))
    while day <= leaves_on:
        visits = customer.country.code in VISITED and dice.random() < 0.5
        text = next(visit_texts if visits else call_texts).format(
            contact=customer.name.given, product=product_of(customer), next_month=_month_after(day, dice)
        )
        at = max(_office_moment(day, dice), customer.joined_at)
        if at > ledger.now:
            break
        profile = seen_in(ledger, customer, company.FIELD if visits else _known_in(customer), at)
        kind, channel = ("visit", "field_sales") if visits else ("call", "call_center")
        ledger.log(profile, at, kind, channel, text, by=owner, direction="out")
        day += timedelta(days=15 + int(dice.expovariate(1 / 75)))
    if leaves_on < ledger.today and last is not None:
        asked_on = leaves_on + timedelta(days=dice.randint(45, 80))
        weeks = (asked_on - leaves_on).days // 7
        text = dice.choice(_SILENT).format(
            contact=customer.name.given, weeks=weeks, next_month=_month_after(asked_on, dice), rep=_first_name(owner)
        )
        ledger.log(
            next(iter(customer.profiles.values())), _office_moment(asked_on, dice), "call", "call_center", text,
            by=owner, direction="out",
        )  # fmt: skip
    elif dice.random() < 0.2 and customer.profiles:
        profile = next(iter(customer.profiles.values()))
        ledger.log(
            profile,
            _office_moment(profile.first_seen.date(), dice),
            "note",
            "call_center",
            dice.choice(_NOTES),
            by=owner,
        )


def open_for_today(ledger: Ledger, shelf: Shelf) -> None:
    """This morning: the first visitors of the web shop, and on working days the first callers."""
    dice = dice_for(ledger.seed, "this morning", ledger.today)
    known = [customer for customer in ledger.customers if customer.profiles]
    for customer in dice.sample(known, min(len(known), 5 + len(known) // 250)):
        profile = next(iter(customer.profiles.values()))
        at = local_instant(ledger.today, dice.triangular(6.2, 9.9, 8.6) * 3600)
        if not customer.is_organization or customer.profiles.get(company.WEB_SHOP) is profile:
            ledger.touch(
                profile, at, "page_view", "web", web_visit(shelf.items[dice.randrange(len(shelf.items))], dice)
            )
        elif ledger.today.weekday() < 5 and not is_closed(ledger.today):
            text = dice.choice(_CALLS_OUT).format(
                contact=customer.name.given, product=product_of(customer), next_month=_month_after(ledger.today, dice)
            )
            at = local_instant(ledger.today, dice.uniform(8.6, 9.9) * 3600)
            ledger.log(profile, at, "call", "call_center", text, by=dice.choice(company.AGENTS))


def _known_in(customer: Customer) -> str:
    return next(iter(customer.profiles))


def product_of(customer: Customer) -> str:
    """A coffee the customer buys, as one says it aloud."""
    return customer.dice.choice(customer.favorites[:2]).name.removesuffix(" 1 kg").removesuffix(" 250 g")


def _office_moment(day: date, dice: Random) -> datetime:
    while day.weekday() > 4 or is_closed(day):
        day += timedelta(days=1)
    return moment(day, "call_center", dice)


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%b}"


def _month_after(day: date, dice: Random) -> str:
    return f"{day.replace(day=1) + timedelta(days=32 * dice.randint(1, 2)):%B}"


def _first_name(staff: int) -> str:
    return company.STAFF[staff - 1].name.split()[0]
