"""`rapport run`: one supervisor for the database, the web server and the worker."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from http.client import HTTPConnection, HTTPException
from types import FrameType
from typing import NoReturn

from django.core.management import call_command
from django.db import connections

from rapport.accounts.queries import business
from rapport.config.databases import embedded_cluster, is_embedded, refuse_unfit_server
from rapport.config.migrations import migrate
from rapport.config.processes import Child, end_left_overs, mark_of
from rapport.core import environment
from rapport.core.command_line import Command, CommandRefused
from rapport.core.postgres import DatabaseUnavailable
from rapport.core.rooms import contributions
from rapport.demo.queries import can_be_built

_READY_WITHIN = 60.0
_STOP_WITHIN = 15.0
_LOOK_AT_DATABASE_EVERY = 5.0
_OPEN_FILES = 8192
_NOT_SERVED = ["ext", "*-4.js", "*-4.min.js"]  # of django_htmx: extensions that do not resolve, and its next version
Say = Callable[[str], None]


class Interrupted(BaseException):
    """Somebody asked the supervisor to stop."""


def run(*, demo: bool, say: Say) -> int:
    """Serve Rapport until a signal asks to stop; leaves no process behind."""
    say = _where_it_can(say)
    with _alone(), _interruptible():
        left_over = end_left_overs(environment.home())
        if left_over:
            say(f"Ended {left_over} processes that an earlier run had left behind.")
        _refuse_busy_port()
        try:
            _serve(demo=demo, say=say)
        except Interrupted:
            say("Stopped.")
        return 0


def _where_it_can(say: Say) -> Say:
    """A log on a full disk, or a terminal that is gone, keeps nobody from serving."""

    def said(sentence: str) -> None:
        with suppress(OSError):
            say(sentence)

    return said


def _serve(*, demo: bool, say: Say) -> None:
    environment.trusted_proxies()  # refused in words here, and not by web processes that fall again and again
    if is_embedded():
        say("Starting the database ...")
    else:
        refuse_unfit_server()
    with embedded_cluster().in_use() if is_embedded() else nullcontext():
        say("Bringing the tables up to date ...")
        migrate()
        say("Collecting the static files ...")
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=_NOT_SERVED)
        made_demo = demo and _make_demo(say)
        is_set_up = business() is not None
        connections.close_all()
        children = _children()
        try:
            for child in children:
                child.start()
            _wait_until_ready(children, say)
            _say_where_to_go(is_set_up=is_set_up, made_demo=made_demo, say=say)
            _watch(children, say)
        except Interrupted:
            say("Stopping ...")
            raise
        finally:
            _stop(children)


def _children() -> list[Child]:
    variables = os.environ | mark_of(environment.home())
    web = [
        sys.executable, "-m", "granian", "rapport.config.asgi:application", "--interface", "asginl", "--no-ws",
        "--host", environment.BIND.read(), "--port", str(environment.port()),
        "--workers", str(environment.web_workers()), "--backpressure", str(_most_connections()),
        "--respawn-failed-workers", "--workers-kill-timeout", "8", "--log-level", "warning",
    ]  # fmt: skip
    worker = [sys.executable, "-m", "rapport.config.cli", "worker"]
    return [Child("web server", web, variables), Child("worker", worker, variables)]


def _most_connections() -> int:
    """How many a web process may hold open, idle ones too; the shell's limit of open files is often far below what it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _OPEN_FILES:
        soft = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _OPEN_FILES // 2 if soft == resource.RLIM_INFINITY else max(min(soft, _OPEN_FILES) // 2, 100)


def _make_demo(say: Say) -> bool:
    """Returns whether there was one to make; the command prints the passwords."""
    if "demo" not in _contributed_commands() or not can_be_built():
        return False
    say("Making the demo company; this takes a moment ...")
    with subprocess.Popen(
        [sys.executable, "-m", "rapport.config.cli", "demo"], env=os.environ | mark_of(environment.home())
    ) as process:
        try:
            status = process.wait()
        except Interrupted:
            process.terminate()
            raise
    if status:
        raise CommandRefused("The demo company could not be made; the reason is above.")
    return True


def _contributed_commands() -> set[str]:
    return {command.name for command in contributions("commands", "COMMANDS", Command)}


def _wait_until_ready(children: list[Child], say: Say) -> None:
    give_up_at = time.monotonic() + _READY_WITHIN
    while not _answers():
        _look_after(children, say)
        if time.monotonic() > give_up_at:
            raise CommandRefused(f"The web server did not answer within {_READY_WITHIN:.0f} s.")
        time.sleep(0.1)


def _answers() -> bool:
    bound = environment.BIND.read()
    web = HTTPConnection("127.0.0.1" if bound == "0.0.0.0" else bound, environment.port(), timeout=5)  # noqa: S104
    try:
        web.request("GET", "/healthz", headers={"Host": "localhost"})
        return web.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        web.close()


def _say_where_to_go(*, is_set_up: bool, made_demo: bool, say: Say) -> None:
    origin = environment.origin()
    say("")
    if made_demo:
        say(f"Rapport is ready:  {origin}/")
        say("Sign in with an address and a password from the lines above.")
    elif is_set_up:
        say(f"Rapport is ready:  {origin}/")
        say("Sign in with your e-mail address and password.")
    else:
        say(f"Rapport is ready. To set it up, open  {origin}/setup/")
    say("Press Ctrl-C to stop.")


def _watch(children: list[Child], say: Say) -> NoReturn:
    look_at_database_at = time.monotonic() + _LOOK_AT_DATABASE_EVERY
    trouble = ""
    while True:
        time.sleep(0.3)
        _look_after(children, say)
        if is_embedded() and time.monotonic() >= look_at_database_at:
            trouble = _revive_database(say, known=trouble)
            look_at_database_at = time.monotonic() + _LOOK_AT_DATABASE_EVERY


def _look_after(children: list[Child], say: Say) -> None:
    for child in children:
        news = child.look_after()
        if news:
            say(news)


def _revive_database(say: Say, *, known: str) -> str:
    """Start the server again if it is gone; what stands in the way is said once, and returned."""
    cluster = embedded_cluster()
    if cluster.is_running():
        return ""
    try:
        cluster.start()
    except DatabaseUnavailable as error:
        if not known:
            say(f"The database has stopped and does not start; Rapport keeps trying. {error}")
        return str(error)
    say("The database had stopped; it runs again.")
    return ""


def _stop(children: list[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop(patience=_STOP_WITHIN)


@contextmanager
def _alone() -> Iterator[None]:
    """One supervisor per RAPPORT_HOME; the lock falls with its process, however that ends."""
    with (environment.home() / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CommandRefused(_who_runs(lock.read())) from None
        lock.truncate(0)
        json.dump({"process": os.getpid(), "origin": environment.origin()}, lock)
        lock.flush()
        yield


def _who_runs(text: str) -> str:
    try:
        holder = json.loads(text)
        who = f" at {holder['origin']}, as process {holder['process']}"
    except (ValueError, KeyError):
        who = ""
    return f"Rapport already runs on {environment.home()}{who}. Stop it first, or set RAPPORT_HOME to another folder."


@contextmanager
def _interruptible() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        for other in signals:  # asked once is enough; the stop itself is not interrupted
            signal.signal(other, signal.SIG_IGN)
        raise Interrupted

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refuse_busy_port() -> None:
    address = (environment.BIND.read(), environment.port())
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CommandRefused(
                f"Port {address[1]} on {address[0]} cannot be used: {error.strerror}."
                f" Stop what uses it, or choose another: PORT={address[1] + 1} make run"
            ) from error
