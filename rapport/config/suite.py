"""`rapport test`: the tests of this checkout on a PostgreSQL of their own, in parallel, and nothing left running."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rapport.core.command_line import CommandRefused
from rapport.core.processors import processors

CHECKOUT = Path(__file__).resolve().parents[2]
_MOST_PROCESSES = 5


def run(*, faults: bool, arguments: Sequence[str]) -> int:
    """Run pytest with `arguments`; with `faults` only the fault tests, in their long form."""
    if not (CHECKOUT / "tests" / "cluster.py").exists():
        raise CommandRefused("The tests are in a checkout of the source, not in an installed Rapport.")
    variables = os.environ | ({"RAPPORT_FAULTS": "long"} if faults else {})
    command = [sys.executable, "-m", "pytest", *_spread(faults=faults, arguments=arguments), *arguments]
    with _one_suite_at_a_time(), subprocess.Popen(command, cwd=CHECKOUT, env=variables) as pytest:
        return _wait(pytest)


def _spread(*, faults: bool, arguments: Sequence[str]) -> list[str]:
    options = ["--durations=10", "--durations-min=0.5"]
    if faults:
        return [*options, "-m", "fault", "-v"]
    if not any(argument.startswith(("-n", "--pdb")) for argument in arguments):
        options += ["-n", str(_processes()), "--dist", "loadgroup", "--no-loadscope-reorder"]
    return options


def _processes() -> int:
    """One more than we have processors: those who kill something mostly wait until it is back."""
    return min(_MOST_PROCESSES, processors() + 1)


def _wait(process: subprocess.Popen[bytes]) -> int:
    """pytest gets the same Ctrl-C from the terminal and cleans up; we wait for it, also when we are asked to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: process.send_signal(signal.SIGINT))
    return process.wait()


@contextmanager
def _one_suite_at_a_time() -> Iterator[None]:
    home = Path(os.environ.get("RAPPORT_TEST_HOME") or CHECKOUT / ".rapport-test")
    home.mkdir(parents=True, exist_ok=True)
    with (home / "suite.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandRefused(
                f"The tests already run in {home}. Wait for them, or set RAPPORT_TEST_HOME to another folder."
            ) from None
        yield
