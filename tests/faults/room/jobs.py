"""A job that says when it begins and when it is done."""

from __future__ import annotations

import time

from rapport.core import environment, jobs


@jobs.task(name="faults.take_long", queue="faults")
def take_long(note: str, seconds: float) -> None:
    write_down(f"begun {note}")
    time.sleep(seconds)
    write_down(f"done {note}")


def write_down(line: str) -> None:
    with (environment.home() / "notes").open("a") as notes:
        notes.write(line + "\n")
