"""Whether the time of an answer tells who has an account: signing in wrongly, and asking for a new password (S18).

Known and strange addresses in turns, in one process with the real password hashing, on an own, throw-away PostgreSQL.
The goal: medians at most 5 ms apart, or times that Mann and Whitney's test cannot tell apart (p ≥ 0.001).
BENCH_SCALE is the number of rounds (100, at most 200).
"""

from __future__ import annotations

import math
import os
import statistics
import sys
import time

from bench.apart import migrated_database, run_apart

GOAL_MS, GOAL_CHANCE = 5.0, 0.001
DOORS = {
    "signing in wrongly": ("/account/login/", "login"),
    "asking for a new password": ("/account/password/reset/", "email"),
}


def run() -> None:
    rounds = os.environ.get("BENCH_SCALE", "100")
    run_apart("bench.doors", min(int(rounds), 200))


def measure(rounds: int) -> None:
    with migrated_database():
        from rapport.accounts.actions import set_up_business
        from rapport.core.clock import utc_now

        set_up_business(
            name="Ada", email="ada@example.com", password="correct horse battery", business_name="Tiny",
            time_zone="UTC", currency="EUR", now=utc_now(),
        )  # fmt: skip
        for door, (path, field) in DOORS.items():
            times = _times(path, field, rounds)
            known, strange = map(statistics.median, times)
            apart, chance = abs(known - strange), _chance(*times)
            verdict = "goal: reached" if apart <= GOAL_MS or chance >= GOAL_CHANCE else "goal: missed"
            print(
                f"   {door}: known {known:.1f} ms, strange {strange:.1f} ms, {apart:.1f} ms apart, p = {chance:.3f} ({verdict})"
            )


def _chance(one: list[float], other: list[float]) -> float:
    """The two-sided p of Mann and Whitney's U, by the normal approximation; times do not tie."""
    wins = sum(a < b for a in one for b in other)
    expected, spread = len(one) * len(other) / 2, math.sqrt(len(one) * len(other) * (len(one) + len(other) + 1) / 12)
    return math.erfc(abs(wins - expected) / spread / math.sqrt(2))


def _times(path: str, field: str, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds for the address that has an account and for one that has not."""
    from django.core.cache import cache
    from django.test import Client

    taken: dict[str, list[float]] = {"ada@example.com": [], "eve@example.com": []}
    both = list(taken.items())
    for _round in range(rounds + 3):
        both.reverse()  # whoever comes second pays for what the first left behind
        for address, times in both:
            cache.clear()
            started = time.perf_counter()
            Client(SERVER_NAME="localhost").post(path, {field: address, "password": "wrong wrong wrong"})
            times.append((time.perf_counter() - started) * 1000)
    known, strange = (times[3:] for times in taken.values())
    return known, strange


if __name__ == "__main__":
    measure(int(sys.argv[1]))
