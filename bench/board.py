"""Boards of 50,000 cards, whole pages through Django, hot: by a choice of one's own, by owner, a page further down, and one move.

BENCH_SCALE is the number of cards (50,000). The goal: a board in at most 300 ms, a move in at most 500 ms, and the next cards
of a column in no more than the first. The plans of a team's reach and of an administrator's are both asked for.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.apart import migrated_database, run_apart
from bench.lists import write_customers, write_staff

CARDS, ROUNDS = 50_000, 12
BOARD_MS, MOVE_MS = 300.0, 500.0


def run() -> None:
    cards = int(os.environ.get("BENCH_SCALE", str(CARDS)))
    run_apart("bench.board", cards)


def measure(cards: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    with migrated_database():
        administrator, seller = write_staff()
        write_customers(cards)
        _count_on()
        print(f"   {cards:,} cards; hot medians of {ROUNDS}, ms")
        for name, (act, goal) in _acts(administrator, seller).items():
            _print(name, act, goal)


def _count_on() -> None:
    """Ids were written by hand; what staff say of the cards that are moved gets the next ones."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select setval(pg_get_serial_sequence('customers_profile', 'id'), max(id)) from customers_profile"
        )


def _acts(administrator: Any, seller: Any) -> dict[str, tuple[Callable[[int], Any], float]]:
    from django.test import Client

    everybody, team = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
    everybody.force_login(administrator)
    team.force_login(seller)
    board = "/customers/?as=board&by=c_grade"
    page = everybody.get(board).content.decode()
    following = re.findall(r'hx-get="([^"]*column=gold[^"]*)"', page)[0].replace("&amp;", "&")
    moves = re.findall(r'data-value="gold".*?href="(/lists/[^"?]*)', page, re.S)

    def get(client: Any, path: str) -> Callable[[int], Any]:
        return lambda _round: _expect(client.get(path))

    def move(at: int) -> Any:
        """There and back again, so that each round moves a card that stands where the board showed it."""
        sent = {"to": "silver", "was": "gold", "query": "as=board&by=c_grade"}
        return _expect(everybody.post(moves[at % len(moves)], sent, headers={"HX-Request": "true"}))

    return {
        "board by a choice of one's own, everybody's": (get(everybody, board), BOARD_MS),
        "the same for a team of ten": (get(team, board), BOARD_MS),
        "the same in another order": (get(everybody, f"{board}&sort=-created"), BOARD_MS),
        "the next cards of a column": (get(everybody, following), BOARD_MS),
        "board by owner, forty columns": (get(everybody, "/customers/?as=board&by=owner"), 2 * BOARD_MS),
        "board of a search": (get(everybody, f"{board}&q=anna"), 2 * BOARD_MS),
        "table in groups by city, one open": (get(everybody, "/customers/?by=city&open=leeds"), BOARD_MS),
        "month of a date of one's own": (
            get(everybody, "/customers/?as=calendar&by=c_contract_until&day=2026-06-15"),
            BOARD_MS,
        ),
        "a card moved, with the heads of all columns": (move, MOVE_MS),
    }


def _print(name: str, act: Callable[[int], Any], goal: float) -> None:
    spent = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        act(number)
        spent.append((time.perf_counter() - started) * 1000)
    middle = statistics.median(spent)
    verdict = f"goal {goal:.0f}: {'reached' if middle <= goal else 'missed'}"
    print(f"   {name:<48}{middle:10.1f}   {verdict}", flush=True)


def _expect(response: Any) -> None:
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code}: {response.content[:200]!r}")


if __name__ == "__main__":
    measure(int(sys.argv[1]))
