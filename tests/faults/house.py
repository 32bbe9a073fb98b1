"""A whole Rapport in a folder of its own, run by its real supervisor, to be hurt from outside."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg

from rapport.config.processes import SUPERVISED
from rapport.core.postgres import OWNER_ROLE, Cluster

CHECKOUT = Path(__file__).parents[2]
LONG = os.environ.get("RAPPORT_FAULTS") == "long"
PATIENCE = 5  # times as long as on a quiet machine is waited: no test is red because the machine is busy
ADA = """
from rapport.accounts.models import Business, Role, User
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
with acting(SYSTEM):
    Business.objects.create(id=1, name="Tiny", time_zone="UTC", currency="EUR", set_up_at=utc_now())
    role = Role.objects.get(name="Administrator")
    ada = User.objects.create_user(
        "ada@example.com", "correct horse battery", name="Ada", role=role, joined_at=utc_now()
    )
"""
_OF_THE_TESTS = ("DATABASE_URL", "DATABASE_OWNER_URL", "RAPPORT_DATABASE_ROLE", "RAPPORT_ORIGIN", SUPERVISED)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    retry_after: str


@dataclass
class House:
    home: Path
    port: int = field(default_factory=lambda: free_port())
    _supervisor: subprocess.Popen[str] | None = None

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.home / "postgres")

    @property
    def log(self) -> str:
        path = self.home / "supervisor.log"
        return path.read_text() if path.exists() else ""

    @property
    def supervisor(self) -> subprocess.Popen[str]:
        assert self._supervisor is not None
        return self._supervisor

    def rapport(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """One command of the command line, to its end."""
        return subprocess.run(
            self._command(*words), env=self._environment() | more, cwd=CHECKOUT, capture_output=True, text=True,
            timeout=300 * PATIENCE,
        )  # fmt: skip

    def run(self, code: str) -> str:
        """What a piece of code prints; the database has to be there. ADA sets a business up, with its administrator."""
        ran = self.rapport("manage", "shell", "-v", "0", "-c", code)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def start(self) -> None:
        self.launch(self.home / "supervisor.log")
        wait_for(lambda: "Press Ctrl-C" in self.log or self.supervisor.poll() is not None, within=60)
        assert self.supervisor.poll() is None, self.log

    def launch(self, log: Path) -> None:
        """Begin, without waiting until it serves."""
        with log.open("w") as out:
            self._supervisor = subprocess.Popen(
                self._command("run"), env=self._environment(), cwd=CHECKOUT, stdout=out, stderr=out, text=True
            )

    def stop(self) -> None:
        """As Ctrl-C would; the supervisor has to come to its end by itself."""
        if self._supervisor is not None and self._supervisor.poll() is None:
            self._supervisor.send_signal(signal.SIGINT)
            assert self._supervisor.wait(timeout=60 * PATIENCE) == 0, self.log

    def children(self, name: str = "") -> list[psutil.Process]:
        """The supervised processes, those whose command line says `name`."""
        return [
            process
            for process in psutil.process_iter()
            if asked(process.environ, {}).get(SUPERVISED) == str(self.home)
            and name in " ".join(asked(process.cmdline, []))
            and asked(process.status, psutil.STATUS_ZOMBIE) != psutil.STATUS_ZOMBIE
        ]

    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.cluster.data / "postmaster.pid").read_text().split("\n")[0]))

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.cluster.url(role=OWNER_ROLE), autocommit=True)

    def get(self, path: str, **query: str) -> Answer:
        return self._ask("GET", f"{path}?{urlencode(query)}", None)

    def post(self, path: str, **fields: str) -> Answer:
        return self._ask("POST", path, urlencode(fields))

    def notes(self) -> list[str]:
        path = self.home / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30 * PATIENCE)
        try:
            headers = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
            web.request(method, path, body=body, headers=headers)
            response = web.getresponse()
            return Answer(response.status, response.read().decode(), response.getheader("Retry-After", ""))
        except OSError:
            return Answer(0, "", "")
        finally:
            web.close()

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "rapport.config.cli", *words]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _OF_THE_TESTS}
        return kept | {
            "RAPPORT_HOME": str(self.home), "PORT": str(self.port), "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "RAPPORT_LOG_LEVEL": "ERROR", "RAPPORT_WEB_WORKERS": "2",
        }  # fmt: skip


def new_home(prefix: str = "house-") -> Path:
    """A folder that the database's user can pass through."""
    home = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    home.chmod(0o711)
    return home


def demolish(house: House) -> None:
    """Whatever a test left: end it, and remove the folder."""
    if house._supervisor is not None and house._supervisor.poll() is None:
        house._supervisor.kill()
        house._supervisor.wait()
    for process in house.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    house.cluster.stop()
    shutil.rmtree(house.home, ignore_errors=True)


def wait_for(happens: Callable[[], object], *, within: float) -> float:
    """Wait until `happens()` is true, within that many seconds on a quiet machine; returns after how many it was."""
    began = time.monotonic()
    while not happens():
        assert time.monotonic() - began < within * PATIENCE, f"did not happen within {PATIENCE} × {within} s"
        time.sleep(0.05)
    return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(question: Callable[[], Any], otherwise: Any) -> Any:
    """A process may be gone, or not ours to look at."""
    try:
        return question()
    except (psutil.Error, OSError):
        return otherwise
