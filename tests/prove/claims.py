"""What a claim is: a line of an issue, what must come out, and a function that runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MISSED = "missed"  # what a benchmark says of a goal that it does not reach
DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Seen:
    """What came out, in words, and whether it is what was expected."""

    text: str
    holds: bool


@dataclass(frozen=True)
class Claim:
    issue: int
    name: str
    expected: str
    run: Callable[[Path], Seen]
    slow: bool = False


class Shell:
    """Commands run in one checkout with an environment of their own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        kept |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))}
        self.environment = kept | environment

    def run(self, *command: str | Path, timeout: float = 3600) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)), cwd=self.folder, env=self.environment, capture_output=True, text=True,
            timeout=timeout, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def rapport(self, *arguments: str | Path, timeout: float = 3600) -> subprocess.CompletedProcess[str]:
        return self.run(ROOT / ".venv" / "bin" / "rapport", *arguments, timeout=timeout)

    def pytest(self, *arguments: str, timeout: float = 3600) -> Seen:
        """Run tests of the checkout; what is seen is pytest's last line."""
        ran = self.run(ROOT / ".venv" / "bin" / "pytest", *arguments, timeout=timeout)
        lines = [line for line in ran.stdout.strip().splitlines() if line.strip()]
        return Seen(lines[-1].strip() if lines else ran.stderr[-200:], ran.returncode == 0)


def tests_pass(*arguments: str, **environment: str) -> Callable[[Path], Seen]:
    """A claim's function: these tests of the checkout pass, on a cluster of their own."""

    def run(folder: Path) -> Seen:
        return Shell(ROOT, RAPPORT_TEST_HOME=str(folder / "test"), **environment).pytest(*arguments)

    return run


def room_passes(name: str, *files: str) -> Callable[[Path], Seen]:
    """The tests of a room, or those of its files, pass."""
    folder = Path("rapport", name, "tests")
    return tests_pass(*(str(folder / f"test_{file}.py") for file in files) if files else (str(folder),))


def goals_reached(*benchmarks: str) -> Callable[[Path], Seen]:
    """A claim's function: these benchmarks run, and each goal they print is reached."""

    def run(folder: Path) -> Seen:
        scale = {name: os.environ[name] for name in ("BENCH_SCALE",) if name in os.environ}
        ran = Shell(ROOT, **scale).run(ROOT / ".venv" / "bin" / "python", "-m", "bench", *benchmarks, timeout=5400)
        lines = [line for line in ran.stdout.splitlines() if line.strip()]
        holds = ran.returncode == 0 and "goal" in ran.stdout and not any(MISSED in line for line in lines)
        return Seen("\n                ".join([*lines, ran.stderr[-500:]]).strip(), holds)

    return run


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
