"""The commands of this room: refresh the warehouse, report from it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.core.clock import business_day, utc_now
from rapport.core.command_line import Command, CommandRefused
from rapport.insight import queries
from rapport.insight.report_kinds import KINDS, day_of, find_kind

if TYPE_CHECKING:
    from rapport.insight.models import Snapshot
    from rapport.insight.warehouse.refresh import Progress


def _configure_refresh(parser: ArgumentParser) -> None:
    _add_zone(parser)
    parser.add_argument("--whole", action="store_true", help="copy everything, not only what changed")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")


def _refresh(arguments: Namespace) -> int:
    done = _refresh_now(queries.report_settings(time_zone=arguments.time_zone), is_whole=arguments.whole)
    answer = {
        "snapshot": done.snapshot.folder,
        "tables": done.snapshot.counts,
        "time_zone": done.snapshot.time_zone,
        "currency": done.snapshot.currency,
        "traits": {"as_of": done.traits.as_of.isoformat(), "customers": done.traits.customers},
    }
    if arguments.json:
        _say(json.dumps(answer))
        return 0
    tables = ", ".join(f"{rows:,} {name.replace('_', ' ')}" for name, rows in done.snapshot.counts.items())
    _say(f"The warehouse holds {tables}. {done.traits.customers:,} customers have bought up to {done.traits.as_of}.")
    return 0


def _configure_report(parser: ArgumentParser) -> None:
    questions = "; ".join(f"{kind.name}: {kind.question}" for kind in KINDS)
    parser.add_argument("report", choices=[kind.name for kind in KINDS], help=questions)
    parser.add_argument("--as-of", type=day_of, metavar="DATE", help="the last day that counts; unset: today")
    for kind in KINDS:
        kind.add_options(parser)
    parser.add_argument("--threads", type=_count, default=2, metavar="N", help="threads of the analytics engine")
    _add_zone(parser)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def _report(arguments: Namespace) -> int:
    from rapport.insight.reports import Engine, reports  # noqa: PLC0415 - the engine takes a second to load
    from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute  # noqa: PLC0415

    kind = find_kind(arguments.report)
    settings = queries.report_settings(time_zone=arguments.time_zone)
    snapshot = _snapshot(settings)
    as_of = arguments.as_of or business_day(utc_now(), zone=settings.zone)
    _note(f"Days in {snapshot.time_zone} ({settings.said_by}), money in {snapshot.currency or 'no currency'}.")
    engine = Engine(threads=arguments.threads, memory="2GB")
    try:
        with reports(snapshot, rules=queries.segment_rules(), engine=engine, afresh=True) as answers:
            report = kind.compute(answers, as_of=as_of, arguments=arguments)
    except (SnapshotMissing, UnableToCompute) as error:
        raise CommandRefused(str(error)) from error
    _say(json.dumps(report, indent=2) if arguments.json else kind.as_text(report))
    return 0


def _snapshot(settings: queries.ReportSettings) -> Snapshot:
    snapshot = queries.fresh_snapshot(settings=settings)
    if snapshot is not None:
        return snapshot
    _note("The warehouse is not up to date; refreshing it first.")
    return _refresh_now(settings).snapshot


def _refresh_now(settings: queries.ReportSettings, *, is_whole: bool = False) -> Any:
    from rapport.insight.actions import refresh  # noqa: PLC0415 - the engine takes a second to load
    from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute  # noqa: PLC0415
    from rapport.insight.warehouse.refresh import How, UnableToRefresh  # noqa: PLC0415

    how = How.WHOLE if is_whole else How.USUAL
    try:
        return refresh(settings=settings, now=utc_now(), listener=_show, how=how)
    except (UnableToRefresh, SnapshotMissing, UnableToCompute) as error:
        raise CommandRefused(str(error)) from error


def _show(progress: Progress) -> None:
    """One line per table, rewritten while it grows where somebody watches."""
    if progress.finished:
        _note(f"\r{progress.table}: {progress.rows:,} rows in {progress.seconds:.1f} s")
    elif sys.stderr.isatty():
        sys.stderr.write(f"\r{progress.table}: {progress.rows:,} rows")
        sys.stderr.flush()


def _add_zone(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--time-zone", type=_zone, default="", metavar="ZONE", help="where days end, while no business is set up"
    )


def _zone(text: str) -> str:
    if not text:  # the default is read like anything typed
        return text
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ArgumentTypeError(f"{text!r} is not a time zone; one is Europe/London") from error


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 256:
        raise ArgumentTypeError(f"{text!r} is not a number of threads from 1 to 256")
    return int(text)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")


COMMANDS = (
    Command("refresh", "Bring the warehouse and what it says of customers up to date.", _configure_refresh, _refresh),
    Command(
        "report",
        "Print a report about customers: who is best, what they are worth, what they will do.",
        _configure_report,
        _report,
    ),
)
