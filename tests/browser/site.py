"""The real product for the browser: `rapport run` on a fresh database of the tests' PostgreSQL, with a small world in it."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

CHECKOUT = Path(__file__).parents[2]
_READY_WITHIN = 300.0
_STOPS_WITHIN = 120.0


@dataclass(frozen=True)
class Site:
    """A running Rapport: where it answers, what is in its world (session keys, ids), and the URL of its database."""

    origin: str
    world: dict[str, Any]
    database: str = ""

    def url(self, path: str) -> str:
        return self.origin + path


@contextmanager
def running_site(home: Path, *, database: str) -> Iterator[Site]:
    """Make the world and serve it until the block ends; leaves no process and no database behind."""
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with _fresh_database(database) as urls:
        environment = _environment(home, port) | urls
        _run(environment, "rapport.config.cli", "migrate")
        world = json.loads(_run(environment, "tests.browser.site_world"))
        with served(environment, port):
            yield Site(f"http://localhost:{port}", world, urls["DATABASE_OWNER_URL"])
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def served(
    environment: dict[str, str], port: int, *arguments: str, ready_within: float = _READY_WITHIN
) -> Iterator[None]:
    """`rapport run`, from its first answer until it has stopped by itself."""
    log = Path(environment["RAPPORT_HOME"]) / "run.log"
    with log.open("w") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "rapport.config.cli", "run", *arguments],
            env=environment, cwd=CHECKOUT, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_it_answers(run, port, log, ready_within)
        yield
    finally:
        run.send_signal(signal.SIGINT)
        try:
            run.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            run.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(run: subprocess.Popen[bytes], port: int, log: Path, ready_within: float) -> None:
    give_up_at = time.monotonic() + ready_within
    while run.poll() is None and time.monotonic() < give_up_at:
        if "Press Ctrl-C" in log.read_text():
            return
        time.sleep(0.1)
    raise RuntimeError(f"Rapport did not start on port {port}:\n{log.read_text()}")


def _environment(home: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "DATABASE_"))}
    return kept | {
        "RAPPORT_HOME": str(home),
        "RAPPORT_ORIGIN": f"http://localhost:{port}",
        "RAPPORT_WEB_WORKERS": "1",
        "PORT": str(port),
    }


def _run(environment: dict[str, str], module: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], env=environment, cwd=CHECKOUT, capture_output=True, text=True
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


@contextmanager
def _fresh_database(name: str) -> Iterator[dict[str, str]]:
    """An empty database beside the tests' own, and the two URLs under which the product reaches it."""
    owner, application = os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_URL"]
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(drop)
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        yield {"DATABASE_URL": _on(application, name), "DATABASE_OWNER_URL": _on(owner, name)}
    finally:
        with psycopg.connect(owner, autocommit=True) as server:
            server.execute(drop)


def _on(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _keep(description: Path) -> None:
    """Serve a site until interrupted, described in a file that RAPPORT_TEST_SITE can name."""
    importlib.import_module("tests.cluster")
    home = Path(os.environ["RAPPORT_HOME"])
    with running_site(home.with_name(f"{home.name}-kept"), database="site_kept") as site:
        description.write_text(json.dumps(asdict(site)))
        print(f"{site.origin}  (RAPPORT_TEST_SITE={description})", flush=True)
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.pause()
    description.unlink()


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
