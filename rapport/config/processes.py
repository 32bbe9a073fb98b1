"""Processes of the supervisor: children that die with it, come back when they fall, and are found when it was killed."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SUPERVISED = "RAPPORT_SUPERVISED"
_PR_SET_PDEATHSIG = 1
_LONGEST_WAIT = 15.0  # with the queue's care, a job of a killed worker begins again well within a minute
_STEADY_AFTER = 60.0


def die_with_parent(parent: int, number: int) -> None:
    """Have the kernel send us signal `number` when our parent ends; Linux only, elsewhere nothing happens."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel knew of our wish
        os.kill(os.getpid(), number)


def mark_of(home: Path) -> dict[str, str]:
    """What a supervised process carries in its environment; by it the next supervisor knows its own."""
    return {SUPERVISED: str(home)}


def end_left_overs(home: Path, *, patience: float = 5.0) -> int:
    """End the processes a killed supervisor of `home` left behind; returns how many there were."""
    found = [process for process in psutil.process_iter() if _is_left_over(process, str(home))]
    for process in found:
        _send(process.terminate)
    _, stubborn = psutil.wait_procs(found, timeout=patience)
    for process in stubborn:
        _send(process.kill)
    psutil.wait_procs(stubborn, timeout=patience)
    return len(found)


def _is_left_over(process: psutil.Process, home: str) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        return process.environ().get(SUPERVISED) == home
    except (psutil.Error, OSError):
        return False


def _send(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.Error:
        pass


@dataclass
class Child:
    """One supervised process in a session of its own, started again with a growing pause when it falls."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    _process: subprocess.Popen[bytes] | None = None
    _started_at: float = 0.0
    _pause: float = 0.0
    _next_start_at: float = field(default=0.0)

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        parent = os.getpid()
        self._process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent, signal.SIGTERM),  # safe: no threads here
        )
        self._started_at = time.monotonic()

    def look_after(self) -> str:
        """Start the process again when it is due; returns a sentence when something happened."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._next_start_at:
                self.start()
                return f"The {self.name} is started again."
            return ""
        status = self._process.poll()
        if status is None:
            return ""
        self._sweep()
        steady = now - self._started_at > _STEADY_AFTER
        self._pause = 0.5 if steady or not self._pause else min(self._pause * 2, _LONGEST_WAIT)
        self._process, self._next_start_at = None, now + self._pause
        return f"The {self.name} ended by itself (status {status}); it is started again in {self._pause:g} s."

    def ask_to_stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self, *, patience: float) -> None:
        """Wait for a clean end, then end whatever is left of its session."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
        self._sweep()
        self._process.wait()
        self._process = None

    def _sweep(self) -> None:
        """A web worker can outlive its parent; the session is ours, so nobody else is hit."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
