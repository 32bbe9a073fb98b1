"""Making a snapshot: every room's extracts, of one moment, as Parquet files, then named as current.

Of a table that notes its changes only what changed is copied; the rest are the files of the snapshot before.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import adbc_driver_manager
import duckdb
from django.db import OperationalError, connection

from rapport.core.acting import SYSTEM, acting
from rapport.core.events import publish
from rapport.insight.events import WarehouseDiffered
from rapport.insight.models import Change, Comparison, Snapshot
from rapport.insight.queries import current_snapshot, seen_changes, snapshot_folder, warehouse_folder
from rapport.insight.warehouse import parts
from rapport.insight.warehouse.building import Builder, Earlier, Told, building
from rapport.insight.warehouse.changes import Ranges
from rapport.insight.warehouse.comparing import compare, different
from rapport.insight.warehouse.copying import Listener, Progress

__all__ = ["How", "Listener", "Progress", "UnableToRefresh", "forget_earlier_snapshots", "make_snapshot"]

SNAPSHOTS_KEPT = 2
_LOCK = 7263101
_BUILDING = "building-"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ROOM_WORDS = ("No space left", "File too large", "Disk quota exceeded")
_log = logging.getLogger(__name__)


class UnableToRefresh(RuntimeError):
    """The warehouse was not refreshed; what was current before still is."""


class How(Enum):
    """What a refresh does besides bringing in what changed."""

    USUAL = "usual"
    WHOLE = "whole"  # copies everything
    FORGETTING = "forgetting"  # leaves no row in any file that does not count any more
    COMPARING = "comparing"  # copies everything as well, compares both, and goes on with that


@dataclass(frozen=True)
class _Written:
    """What a folder holds, and of which moment that is."""

    tables: dict[str, Told]
    currency: str
    notes: Ranges
    compared: dict[str, dict[str, Any]] | None = None


def make_snapshot(
    *,
    zone: ZoneInfo,
    currency: str | None,
    now: datetime,
    listener: Listener | None = None,
    how: How = How.USUAL,
) -> Snapshot:
    """Bring what the rooms contribute, as of one transaction, into a new snapshot and make it the current one.

    `currency` None: the one that most orders are in. A failure at any point, also kill -9, leaves the snapshot before.
    """
    with _alone():
        _remove_unfinished()
        began, name = time.monotonic(), f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        folder = warehouse_folder() / f"{_BUILDING}{name}"
        try:
            folder.mkdir(parents=True)
            seen = seen_changes()
            written = _write(folder, zone, currency, listener or (lambda progress: None), how)
            folder.rename(warehouse_folder() / name)
            _sync(warehouse_folder())
        except OSError as error:
            raise _explained(error) from error
        except duckdb.Error as error:
            raise _unable_to_work(error) from error
        except adbc_driver_manager.Error as error:
            raise UnableToRefresh(f"The database broke off: {error}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        made = _name_current(
            written, folder=name, time_zone=zone.key, seen_changes=seen, started_at=now, finished_at=now,
            seconds=round(time.monotonic() - began, 3),
        )  # fmt: skip
        _remove_old()
        return made


def _write(folder: Path, zone: ZoneInfo, currency: str | None, listener: Listener, how: How) -> _Written:
    with building(zone=zone, listener=listener) as builder:
        earlier = None if how is How.WHOLE else _earlier()
        tables, compared = builder.write(folder, earlier=earlier, settled=how is How.FORGETTING), None
        if how is How.COMPARING:
            tables, compared = _compare(builder, folder, tables)
        chosen = currency if currency is not None else _most_used_currency(builder, folder)
        return _Written(tables, chosen, builder.moment.notes, compared)


def _compare(
    builder: Builder, folder: Path, carried: dict[str, Told]
) -> tuple[dict[str, Told], dict[str, dict[str, Any]]]:
    """Copy everything in the same transaction; what was copied takes the place of what was carried on."""
    whole = folder.with_name(folder.name + "-whole")
    try:
        whole.mkdir()
        tables = builder.write(whole, earlier=None)
        sums = compare(builder.engine, folder, whole)
        compared = {name: {"how": carried[name]["how"], **found} for name, found in sums.items()}
        shutil.rmtree(folder)
        whole.rename(folder)
    finally:
        shutil.rmtree(whole, ignore_errors=True)
    return tables, compared


def _earlier() -> Earlier | None:
    """The snapshot that the notes of changes go on from: the newest, whatever it was made for."""
    newest = current_snapshot()
    return Earlier(snapshot_folder(newest), newest.tables) if newest is not None else None


def _name_current(written: _Written, **said: Any) -> Snapshot:
    """From here on the snapshot is the current one, and what changed before it is forgotten: both or neither."""
    with acting(SYSTEM, reason="insight.refresh"):
        made = Snapshot.objects.create(
            currency=written.currency,
            counts={name: told["rows"] for name, told in written.tables.items()},
            tables=written.tables,
            made_by=version("rapport"),
            **said,
        )
        for low, high in zip(written.notes.low.tolist(), written.notes.high.tolist(), strict=True):
            Change.objects.filter(id__range=(low, high)).delete()
        if written.compared is not None:
            _tell_comparison(written.compared, made)
    return made


def _tell_comparison(compared: dict[str, dict[str, Any]], made: Snapshot) -> None:
    tables = different(compared)
    kept = Comparison.objects.create(
        snapshot_folder=made.folder, is_equal=not tables, tables=compared, compared_at=made.started_at
    )
    if tables:
        _log.error("The warehouse was not what the database holds: %s. It has been copied anew.", ", ".join(tables))
        publish(WarehouseDiffered(kept.pk, tuple(tables)))


@contextmanager
def _alone() -> Iterator[None]:
    """One refresh at a time. Waits for `lock_timeout`: the server needs a moment to see that a killed one is gone."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
        except OperationalError as error:
            raise UnableToRefresh("The warehouse is being refreshed already. Try again when that is done.") from error
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])


def _most_used_currency(builder: Builder, folder: Path) -> str:
    """The currency of most orders (of equals the first by letters), or nothing where there are no orders."""
    orders = parts.parts_of(folder / "orders")
    counted = parts.visible(builder.engine, orders).aggregate("currency, count(*) as n").fetchall()
    return str(min(((-count, currency) for currency, count in counted), default=(0, ""))[1])


def _remove_unfinished() -> None:
    """Folders that a killed refresh left: begun ones, and finished ones that never got their name into the database."""
    folder = warehouse_folder()
    if not folder.is_dir():
        return
    named = set(Snapshot.objects.values_list("folder", flat=True))
    for path in folder.iterdir():
        if path.is_dir() and path.name not in named:
            shutil.rmtree(path, ignore_errors=True)


def forget_earlier_snapshots() -> int:
    """Keep nothing but the current snapshot: the ones before hold rows of somebody who was erased since."""
    with _alone():
        return _remove_old(kept=1)


def _remove_old(*, kept: int = SNAPSHOTS_KEPT) -> int:
    old = list(Snapshot.objects.order_by("-id")[kept:])
    Snapshot.objects.filter(id__in=[snapshot.pk for snapshot in old]).delete()
    for snapshot in old:
        shutil.rmtree(snapshot_folder(snapshot), ignore_errors=True)
    return len(old)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError) -> UnableToRefresh:
    if error.errno in _NO_ROOM or any(words in str(error) for words in _NO_ROOM_WORDS):
        return _no_room()
    return UnableToRefresh(f"The warehouse in {warehouse_folder()} cannot be written: {error.strerror or error}")


def _unable_to_work(error: duckdb.Error) -> UnableToRefresh:
    if any(words in str(error) for words in _NO_ROOM_WORDS):
        return _no_room()
    first_line = str(error).split("\n", 1)[0]
    return UnableToRefresh(f"The warehouse could not be carried on: {first_line}")


def _no_room() -> UnableToRefresh:
    return UnableToRefresh(
        f"There is no room left for the warehouse in {warehouse_folder()}. Make room and refresh again;"
        " until then the numbers stay those of the last refresh."
    )
