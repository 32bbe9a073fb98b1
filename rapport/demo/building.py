"""Builds the demo company into an empty database: all of it in one transaction, then what follows from it."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from rapport.accounts import demo as accounts
from rapport.accounts import queries as accounts_queries
from rapport.audit.actions import record_bulk
from rapport.commerce import demo as commerce
from rapport.core.acting import SystemActor, acting
from rapport.core.command_line import Command
from rapport.core.rooms import contributions
from rapport.customers import demo as customers
from rapport.demo import company
from rapport.demo.imagining import Imagined, imagine
from rapport.demo.lessons import UNIT_VALUES
from rapport.demo.models import DemoBuild
from rapport.demo.own_fields import FIELDS
from rapport.demo.todo import imagine_work
from rapport.identity.queries import every_profile_to_resolve
from rapport.identity.resolving import resolve_profiles
from rapport.insight.five_worths.actions import set_unit_values
from rapport.records.custom_fields.actions import add_field
from rapport.work import demo as work

DEMO = SystemActor("demo")
DEFAULT_SEED, DEFAULT_CUSTOMERS = 20, 6_000
FEWEST_CUSTOMERS = 20
_ONE_BUILDER_AT_A_TIME = 7263101
_EASY_LETTERS = "abcdefghkmnpqrstuvwxyz23456789"
Say = Callable[[str], None]


class AlreadySetUp(Exception):
    """There is a business in this database; the demo company would mix with it."""


@dataclass(frozen=True)
class Showcase:
    """Somebody to sign in as. The password is known here and nowhere else."""

    email: str
    password: str
    role: str


def build_demo(*, seed: int, customers: int, day: date, now: datetime, say: Say) -> list[Showcase]:
    """The whole company, and who can sign in. A build that was stopped before its end is brought to its end."""
    build = DemoBuild.objects.first()
    if build is None and accounts_queries.business() is None:
        say(f"Imagining {customers:,} customers over {company.YEARS} years …")
        _load(imagine(seed=seed, customers=customers, today=day, now=now), seed, customers, day, now, say)
        say("Looking for people who are in the books twice …")
        resolve_profiles(every_profile_to_resolve(), by=DEMO, now=now)
    elif build is None:
        raise AlreadySetUp("This database belongs to a business already.")
    elif build.finished_at is not None:
        raise AlreadySetUp(f"The demo company was built here on {build.loaded_at:%d %B %Y} already.")
    with acting(DEMO, reason="demo"):
        people = [Showcase(email, _new_password(), role) for email, role in company.SHOWCASE.items()]
        accounts.give_passwords({person.email: person.password for person in people})
        record_bulk("demo: passwords given", {"staff": len(people)})
    return people


def refresh_reports(*, say: Say) -> None:
    """Let the rooms above derive what they derive, so that their pages begin with figures."""
    for command in contributions("commands", "COMMANDS", Command):
        if command.name == "refresh":
            say("Refreshing the reports …")
            parser = ArgumentParser(prog="rapport refresh")
            command.configure(parser)
            command.run(parser.parse_args([]))


def finish_demo(*, now: datetime) -> None:
    """Note that the passwords were shown, so that this demo company is complete."""
    DemoBuild.objects.filter(finished_at=None).update(finished_at=now)


def _load(imagined: Imagined, seed: int, count: int, day: date, now: datetime, say: Say) -> None:
    with acting(DEMO, reason="demo"), connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s), set_config('rapport.bulk', 'on', true)", [_ONE_BUILDER_AT_A_TIME]
        )
        if accounts_queries.business() is not None:
            raise AlreadySetUp("Another demo company was built in this moment.")
        staff_ids = _load_accounts(now)
        _make_fields()
        say(f"Loading {len(imagined.customers):,} customers with {len(imagined.profiles):,} profiles …")
        source_ids = customers.write_sources(company.SOURCES)
        first = customers.write_customers(
            imagined.customers, imagined.profiles, imagined.identifiers, imagined.points, source_ids=source_ids,
            staff_ids=staff_ids,
        )  # fmt: skip
        record_bulk(
            "demo: customers loaded", {"customers": len(imagined.customers), "profiles": len(imagined.profiles)}
        )
        _load_history(imagined, first, source_ids, staff_ids, day, say)
        _load_work(imagined, first, staff_ids, seed, day, now)
        set_unit_values(UNIT_VALUES, by=DEMO)
        DemoBuild.objects.create(id=1, seed=seed, customers=count, day=day, loaded_at=now)
    with connection.cursor() as cursor:
        cursor.execute("select demo_analyze()")


def _load_accounts(now: datetime) -> list[int]:
    accounts.write_business(name=company.NAME, time_zone=company.TIME_ZONE, currency=company.CURRENCY, now=now)
    staff_ids = accounts.write_staff(company.TEAMS, company.STAFF, joined_at=now)
    record_bulk("demo: staff loaded", {"teams": len(company.TEAMS), "staff": len(staff_ids)})
    return staff_ids


def _make_fields() -> None:
    """The fields of the company's own, before anybody says something in them."""
    for field in FIELDS:
        choices = [{"value": value, "label": label, "archived": False} for value, label in field.choices.items()]
        made = add_field(
            "customer", label=field.label, kind=field.kind.value, by=DEMO, is_column=field.is_column, choices=choices
        )
        assert made.name == field.name, made.name


def _load_history(
    imagined: Imagined, first: customers.Loaded, source_ids: dict[str, int], staff_ids: list[int], day: date, say: Say
) -> None:
    def customer_of(profile: int) -> int:
        return first.first_customer + imagined.profiles[profile - 1].customer - 1

    customers.write_relationships(imagined.ties, customer_of=customer_of, first_profile=first.first_profile)
    record_bulk("demo: relationships loaded", {"relationships": len(imagined.ties), "points": len(imagined.points)})
    customers.write_consents(imagined.consents, customer_of=customer_of, first_profile=first.first_profile)
    record_bulk("demo: consents loaded", {"consents": len(imagined.consents)})
    say(f"Loading {len(imagined.orders):,} orders of {len(imagined.products):,} products …")
    shop = source_ids[company.WEB_SHOP]
    first_product = commerce.write_products(imagined.products, source_id=shop, currency=company.CURRENCY)
    record_bulk("demo: products loaded", {"products": len(imagined.products)})
    first_order = commerce.write_orders(
        imagined.orders, source_ids=source_ids, customer_of=customer_of, first_profile=first.first_profile,
        first_product=first_product, currency=company.CURRENCY,
    )  # fmt: skip
    record_bulk("demo: orders loaded", {"orders": len(imagined.orders)})
    say(f"Loading {len(imagined.touchpoints):,} touchpoints …")
    first_interaction = customers.write_interactions(
        imagined.interactions, customer_of=customer_of, first_profile=first.first_profile, staff_ids=staff_ids
    )
    record_bulk("demo: interactions loaded", {"interactions": len(imagined.interactions)})
    begins = {"order": first_order, "delivery": first_order} | dict.fromkeys(
        ("call", "note", "visit"), first_interaction
    )
    customers.write_touchpoints(
        (t if t.record is None else t._replace(record=begins[t.kind] + t.record - 1) for t in imagined.touchpoints),
        customer_of=customer_of, first_profile=first.first_profile,
        from_day=min(t.occurred_at.date() for t in imagined.touchpoints), to_day=day + timedelta(days=31),
    )  # fmt: skip
    record_bulk("demo: touchpoints loaded", {"touchpoints": len(imagined.touchpoints)})


def _load_work(
    imagined: Imagined, first: customers.Loaded, staff_ids: list[int], seed: int, day: date, now: datetime
) -> None:
    def customer_of(profile: int) -> int:
        return first.first_customer + imagined.profiles[profile - 1].customer - 1

    to_do = imagine_work(imagined.customers, imagined.profiles, seed=seed, today=day, now=now)
    work.write_tasks(
        to_do.tasks, customer_of=customer_of, first_profile=first.first_profile, staff_ids=staff_ids, zone=company.ZONE
    )
    record_bulk("demo: tasks loaded", {"tasks": len(to_do.tasks)})
    work.write_comments(to_do.comments, customer_of=customer_of, first_profile=first.first_profile, staff_ids=staff_ids)
    work.write_files(to_do.files, customer_of=customer_of, first_profile=first.first_profile, staff_ids=staff_ids)


def _new_password() -> str:
    return "-".join("".join(secrets.choice(_EASY_LETTERS) for _ in range(4)) for _ in range(4))
