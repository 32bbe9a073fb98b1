"""Restoring a backup into an empty RAPPORT_HOME: on another machine, at another path, as another user."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rapport.audit.actions import heads_file
from rapport.audit.verification import verify as verify_trail
from rapport.config import backup_postgres
from rapport.config.backup import ERASURES, ERASURES_AT_HOME, merged_lines, write_private
from rapport.config.backup_archive import DATABASE, About, ArchiveUnfit, extract_home, member, read_about, verify
from rapport.config.databases import embedded_cluster, is_embedded, refuse_unfit_server
from rapport.config.migrations import migrate, migrations_on_disk
from rapport.core import environment
from rapport.core.command_line import CommandRefused
from rapport.core.secret_key import make_home
from rapport.insight.warehouse.asking import ask_for_refresh
from rapport.privacy.actions import replay_erasures

_MADE_BY_STARTING = {"secret-key"}  # every command makes one where there is none
Say = Callable[[str], None]


def restore(archive: Path, *, erasures: Path | None, now: datetime, say: Say) -> None:
    """Bring everything back, then do again what must not be undone by it. Whatever fails, the home is empty as before."""
    home = environment.home()
    about = _fit(archive)
    _refuse_used_home(home)
    say(f"Reading {archive} ({archive.stat().st_size >> 20:,} MB, made at {about.made_at}) ...")
    try:
        verify(archive)
    except ArchiveUnfit as unfit:
        raise CommandRefused(str(unfit)) from unfit
    with _emptied_on_failure(home), _database():
        _refuse_used_database()
        count = len(extract_home(archive, home))
        say(f"{count:,} files are back. Bringing the database back ...")
        _load(archive, about)
        _take_erasures([archive.parent / ERASURES, *([erasures] if erasures is not None else [])], home)
        migrate()
        again = replay_erasures(now=now)
        say(f"{again:,} people who were erased after the backup were erased again.")
        _check_trail(say)
        ask_for_refresh()
    say("Restored. `rapport run` serves it, and builds the warehouse again by itself.")


def _load(archive: Path, about: About) -> None:
    is_same = (about.owner, about.application) == backup_postgres.roles()
    with member(archive, DATABASE) as dump:
        backup_postgres.load(dump, with_privileges=is_same)
    with backup_postgres.connected() as connection:
        if not is_same:  # roles of other names: what migrations gave to everybody; the rest is granted after migrating
            connection.execute("revoke execute on all functions in schema public from public")
            connection.execute("grant usage, create on schema staging to public")
        connection.execute("analyze")


def _fit(archive: Path) -> About:
    if not archive.is_file():
        raise CommandRefused(f"There is no file {archive}.")
    try:
        about = read_about(archive)
    except ArchiveUnfit as unfit:
        raise CommandRefused(str(unfit)) from unfit
    ours = {f"{app}.{name}" for app, name in migrations_on_disk()}
    newer = [name for name in about.migrations if name not in ours]
    if newer:
        raise CommandRefused(
            f"{archive} was made by a newer Rapport ({about.product}, with {newer[0]}). Install that one, then restore."
        )
    return about


def _refuse_used_home(home: Path) -> None:
    if home.exists() and any(path.name not in _MADE_BY_STARTING for path in home.iterdir()):
        raise CommandRefused(
            f"{home} is not empty, and a restore overwrites nothing. Set RAPPORT_HOME to a new folder, or empty this one."
        )


def _refuse_used_database() -> None:
    with backup_postgres.connected() as connection:
        row = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    if row is None or row[0] != 0:
        raise CommandRefused("The database of DATABASE_URL is not empty, and a restore overwrites nothing.")


@contextmanager
def _database() -> Iterator[None]:
    if is_embedded():
        with embedded_cluster().in_use():
            yield
    else:
        refuse_unfit_server()
        yield


@contextmanager
def _emptied_on_failure(home: Path) -> Iterator[None]:
    make_home(home)
    _empty(home)
    try:
        yield
    except BaseException:
        _empty(home)
        raise


def _empty(home: Path) -> None:
    for path in home.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _take_erasures(logs: list[Path], home: Path) -> None:
    """What the backup knows of erasures, and what was written beside it since."""
    target = home / ERASURES_AT_HOME
    lines = merged_lines([target, *logs])
    if lines:
        target.parent.mkdir(exist_ok=True, mode=0o700)
        write_private(target, lines)


def _check_trail(say: Say) -> None:
    result = verify_trail(heads=heads_file())
    if not result.is_whole:
        raise CommandRefused(
            f"The audit trail of the backup is not whole: {result.findings[0]} Nothing was restored; ask who made the backup."
        )
    say(f"The audit trail is whole: {result.events:,} events.")
