"""The command of this room: build the demo company."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import date

from rapport.core.clock import business_day, utc_now
from rapport.core.command_line import Command, CommandRefused
from rapport.demo import building, company
from rapport.demo.everyday import leave_traces
from rapport.demo.segments import make_segments
from rapport.demo.tags import tag_some


def _configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=int, default=building.DEFAULT_SEED, help="another seed, another company (default: %(default)s)"
    )
    parser.add_argument(
        "--customers",
        type=_count,
        default=building.DEFAULT_CUSTOMERS,
        metavar="N",
        help="how many (default: %(default)s)",
    )
    parser.add_argument("--on", type=_day, metavar="DATE", help="the day on which its history ends (default: today)")


def _run(arguments: Namespace) -> int:
    now, began = utc_now(), time.monotonic()
    today = business_day(now, zone=company.ZONE)
    if arguments.on is not None and arguments.on > today:
        raise CommandRefused("--on lies in the future; the demo company's history ends today at the latest.", code=2)
    try:
        people = building.build_demo(
            seed=arguments.seed, customers=arguments.customers, day=arguments.on or today, now=now, say=_tell
        )
    except building.AlreadySetUp as refusal:
        raise CommandRefused(
            f"{refusal} For a demo company, point RAPPORT_HOME or DATABASE_URL at an empty place."
        ) from refusal
    try:
        building.refresh_reports(say=_tell)
        make_segments(by=building.DEMO, now=now)
        tag_some(by=building.DEMO, now=now)
        leave_traces(now=now)
    finally:
        _tell(f"{company.NAME} is ready after {time.monotonic() - began:.0f} s.")
        _introduce(people)
        building.finish_demo(now=utc_now())
    return 0


def _introduce(people: list[building.Showcase]) -> None:
    _say("Sign in as (these passwords are shown this once):")
    width = max(len(person.email) for person in people)
    for person in people:
        _say(f"  {person.email:{width}}  {person.password}  {person.role}")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < building.FEWEST_CUSTOMERS:
        raise ArgumentTypeError(f"give a whole number from {building.FEWEST_CUSTOMERS}")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("give a day as YYYY-MM-DD") from error


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


COMMANDS = (Command("demo", "Build the demo company into an empty database.", _configure, _run),)
