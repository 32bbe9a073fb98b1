"""Making a backup: the database as of one moment, the files, the secrets and the log of erasures, in one archive."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from django.db.migrations.recorder import MigrationRecorder

from rapport.config import backup_postgres
from rapport.config.backup_archive import ABOUT, DATABASE, HOME, About, ArchiveWriter, new_archive, sync_folder
from rapport.core import environment
from rapport.core.command_line import CommandRefused
from rapport.privacy.digests import suppression_key

PREFIX, SUFFIX = "rapport-", ".tar"
ERASURES = "erasures.log"
ERASURES_AT_HOME = Path("privacy") / ERASURES
FILES = "files"
_STAMP = "%Y%m%dT%H%M%SZ"
# made again by themselves, or of this machine alone; everything else in RAPPORT_HOME is taken along
_LEFT_OUT = {
    "postgres",
    "warehouse",
    "static",
    "tmp",
    "tables",
    "backups",
    "supervisor.lock",
    "backup.lock",
    "supervisor.log",
}
_UNFINISHED = ("incoming-", "key-", ".")
_EVERY_BYTES = 64 << 20
Say = Callable[[str], None]


@dataclass(frozen=True)
class MadeBackup:
    path: Path
    made_at: datetime
    size: int


def make_backup(to: Path, *, now: datetime, say: Say = lambda sentence: None) -> MadeBackup:
    """Write everything that must survive into one archive, while the product runs. `to` is a new file or a folder.

    Files are named by their content and never change, so those that are there before the dump begins, together with
    those that are there after it, are all that the dumped moment names.
    """
    path = to / f"{PREFIX}{now.astimezone(UTC):{_STAMP}}{SUFFIX}" if to.is_dir() else to
    if path.exists():
        raise CommandRefused(f"{path} exists already; a backup never overwrites one.")
    if not path.parent.is_dir():
        raise CommandRefused(f"There is no folder {path.parent}.")
    home = environment.home()
    with _alone(home):
        suppression_key()  # a later log of erasures can only be read with the key that this backup takes along
        about = _about(now)
        _refuse_too_little_room(path.parent, about.database_bytes)
        with _kept(home / FILES) as kept, new_archive(path) as archive:
            archive.add_json(ABOUT, asdict(about))
            _add_folder(archive, home, only=lambda name: name != FILES)
            say(f"Dumping the database ({about.database_bytes >> 20:,} MB on the disk) ...")
            archive.add_stream(DATABASE, _told(backup_postgres.dump(), say))
            count = _add_files(archive, home / FILES, kept)
            say(f"{count:,} files.")
        copy_erasures(path.parent)
    return MadeBackup(path, now, path.stat().st_size)


def backups_in(folder: Path) -> list[MadeBackup]:
    """The backups that carry our names in a folder, newest first."""
    found = []
    for path in folder.glob(f"{PREFIX}*{SUFFIX}") if folder.is_dir() else ():
        try:
            made_at = datetime.strptime(path.name[len(PREFIX) : -len(SUFFIX)], _STAMP).replace(tzinfo=UTC)
            found.append(MadeBackup(path, made_at, path.stat().st_size))
        except (ValueError, OSError):
            continue
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def remove_old(folder: Path, *, keep: int) -> list[Path]:
    """Remove all but the newest `keep`; the newest one always stays."""
    old = [backup.path for backup in backups_in(folder)[max(keep, 1) :]]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def is_due(folder: Path, *, every: timedelta, since: datetime, now: datetime) -> bool:
    """Whether the newest backup in the folder, or where there is none `since`, is older than `every`."""
    newest = next(iter(backups_in(folder)), None)
    return bool(every) and now - (newest.made_at if newest is not None else since) >= every


def scheduled_folder() -> Path:
    """Where scheduled backups go; made where it is our own."""
    folder = environment.backup_folder()
    if folder == environment.home() / "backups":
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def copy_erasures(folder: Path) -> bool:
    """Bring the log of erasures beside the backups up to date: who restores an older one erases again by it."""
    source, target = environment.home() / ERASURES_AT_HOME, folder / ERASURES
    if not source.exists() or not folder.is_dir():
        return False
    lines = merged_lines([target, source])
    if target.exists() and target.read_text() == lines:
        return False
    write_private(target, lines)
    return True


def merged_lines(logs: list[Path]) -> str:
    """Every line of several logs once, in their order."""
    lines: dict[str, None] = {}
    for log in logs:
        if log.exists():
            lines |= dict.fromkeys(line for line in log.read_text().splitlines() if line.strip())
    return "".join(f"{line}\n" for line in lines)


def write_private(path: Path, text: str) -> None:
    """For nobody but us, and on the disk before it has its name."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    sync_folder(path.parent)


def _about(now: datetime) -> About:
    with backup_postgres.connected() as connection:
        server = connection.info.server_version
        backup_postgres.refuse_older_programs(server)
        row = connection.execute("select pg_database_size(current_database())").fetchone()
    assert row is not None
    owner, application = backup_postgres.roles()
    applied = MigrationRecorder.Migration.objects.order_by("app", "name").values_list("app", "name")
    return About(
        now.isoformat(), version("rapport"), server, owner, application, [f"{a}.{n}" for a, n in applied], int(str(row[0]))
    )  # fmt: skip


def _refuse_too_little_room(folder: Path, database_bytes: int) -> None:
    """A dump is compressed, and mostly smaller than a third of the database; where not, the disk says so."""
    free = shutil.disk_usage(folder).free
    if free < database_bytes // 3:
        raise CommandRefused(
            f"{folder} has {free >> 20:,} MB free; a backup needs about {database_bytes // 3 >> 20:,} MB. Nothing was written."
        )


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "backup.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandRefused("A backup is being made already.") from error
        yield


@contextmanager
def _kept(files: Path) -> Iterator[Path]:
    """The stored files of this moment under second names, so that none is gone when its turn comes."""
    kept = files.parent / "tmp" / f"backup-{os.getpid()}"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True, mode=0o700)
    try:
        for path in _stored(files):
            _link(path, kept / path.name)
        yield kept
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def _link(path: Path, second: Path) -> None:
    try:
        second.hardlink_to(path)
    except FileNotFoundError:
        return  # removed in this very moment
    except OSError:
        shutil.copyfile(path, second)


def _stored(files: Path) -> list[Path]:
    return sorted(path for path in files.glob("??/*") if path.is_file())


def _add_files(archive: ArchiveWriter, files: Path, kept: Path) -> int:
    for path in _stored(files):
        if not (kept / path.name).exists():
            _link(path, kept / path.name)
    names = sorted(path.name for path in kept.iterdir())
    for name in names:
        archive.add_file(f"{HOME}{FILES}/{name[:2]}/{name}", kept / name)
    return len(names)


def _add_folder(archive: ArchiveWriter, home: Path, *, only: Callable[[str], bool]) -> None:
    """The secrets, the noted heads of the audit trail, the log of erasures, and whatever else came to stand there."""
    left_out = {*_LEFT_OUT, *_top_of(environment.backup_folder(), home)}
    for top in sorted(home.iterdir()):
        if top.name in left_out or top.name.startswith(_UNFINISHED) or not only(top.name):
            continue
        for path in sorted([top] if top.is_file() else top.rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith(_UNFINISHED):
                archive.add_file(f"{HOME}{path.relative_to(home)}", path)


def _top_of(folder: Path, home: Path) -> tuple[str, ...]:
    return folder.relative_to(home).parts[:1] if folder.is_relative_to(home) else ()


def _told(blocks: Iterator[bytes], say: Say) -> Iterator[bytes]:
    written, told = 0, 0
    for block in blocks:
        written += len(block)
        if written - told >= _EVERY_BYTES and sys.stderr.isatty():
            told = written
            say(f"{written >> 20:,} MB of the database ...")
        yield block
    say(f"The database takes {written / (1 << 20):,.1f} MB.")
