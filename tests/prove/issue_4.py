"""Issue 4: a day's work in lists and records."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.prove.claims import ROOT, Claim, Seen, Shell, goals_reached, room_passes, tests_pass

MANY = 20_000  # customers, of whom 10,000 are changed


def _client_in_another_language(folder: Path) -> Seen:
    ran = Shell(ROOT, PORT=os.environ.get("PORT", "8139")).run(sys.executable, "-m", "tests.api.client_story")
    said = (ran.stdout + ran.stderr).strip().splitlines()
    return Seen(said[-1] if said else "nothing was said", ran.returncode == 0)


def _stories_among_many(folder: Path) -> Seen:
    """The stories of the browser where a list is long; what the bench prints of each is what is seen."""
    shell = Shell(ROOT, BENCH_SCALE=str(MANY), TMPDIR=str(folder))
    ran = shell.run(ROOT / ".venv" / "bin" / "python", "-m", "bench", "stories")
    lines = [line for line in ran.stdout.splitlines() if line.strip()]
    return Seen("\n                ".join([*lines, ran.stderr[-500:]]).strip(), ran.returncode == 0)


CLAIMS = (
    Claim(
        4,
        "every operation by six kinds of actor with the ids of others",
        "404 like a missing row, nothing written, planted leaks found",
        tests_pass("tests/security/test_matrix.py", "tests/security/test_api.py"),
    ),
    Claim(
        4,
        "builders under attack, polyglots on every page (S1, S2, S9, S10)",
        "tests pass",
        tests_pass(
            "tests/security/test_builders.py", "tests/security/test_markup.py", "tests/security/test_markup_elsewhere.py"
        ),
    ),
    Claim(
        4,
        "the rest of TRUST.md at these pages (S7, S8, S14, S17-S21, S23), and the table of ASVS 5.0",
        "tests pass",
        tests_pass("tests/security", "tests/architecture/test_urls.py"),
    ),
    Claim(
        4,
        "one list of fields and comparisons for list, board, calendar, builder, count, file, act on many, segment and API",
        "a hidden field is one that never was, whichever way it is asked for",
        tests_pass("tests/security/test_hidden_fields.py", "rapport/records/tests/test_lists.py"),
    ),
    Claim(
        4,
        "views, filters, boards, calendars, groups, columns; acts on many with progress and cancel",
        "tests pass",
        room_passes("records", "saved_views", "filters", "filters_dates", "board", "calendar", "bulk", "exporting"),
    ),
    Claim(
        4,
        "tasks, reminders, Today, the inbox, the quick line, and what of it is undone",
        "tests pass",
        room_passes("work", "tasks", "reminders", "today", "notifications", "quick_log", "undo"),
    ),
    Claim(
        4,
        "customers: undo, the trash and how long it keeps, what has no way back",
        "tests pass",
        room_passes("customers", "undo", "trash"),
    ),
    Claim(4, "files lie behind the gate and never run (S3, S4)", "tests pass", room_passes("work", "files")),
    Claim(
        4,
        "no cell of an export is computed, and it comes in again as it went out (S5)",
        "tests pass",
        tests_pass("rapport/records/tests/test_exporting.py", "tests/test_round_trip.py"),
    ),
    Claim(4, "guessing, resets and sessions (S18-S20)", "tests pass", room_passes("accounts", "sign_in", "set_up", "staff")),
    Claim(
        4,
        "the same again, one key one effect, two at once (R3, R4, R8)",
        "tests pass",
        tests_pass(
            "rapport/commerce/tests/test_orders_import.py", "rapport/accounts/tests/test_api_tokens.py",
            "rapport/customers/tests/test_in_place.py", "rapport/records/tests/test_history.py",
        ),
    ),
    Claim(
        4,
        "jobs, acts on many rows and webhooks after kill -9 (R13, R24)",
        "tests pass",
        tests_pass(
            "tests/faults/test_jobs.py", "tests/faults/test_bulk_kill.py", "tests/faults/test_webhook_kill.py",
            "rapport/webhooks/tests/test_delivering.py",
        ),
    ),
    Claim(
        4,
        "what somebody sees, and why, is what the gate lets through",
        "tests pass",
        room_passes("work", "seeing", "private_comments"),
    ),
    Claim(4, "one record shared, as the gate knows it", "tests pass", tests_pass("tests/test_sharing.py")),
    Claim(
        4,
        "pages of any filter and order are all that there is",
        "tests pass",
        tests_pass("tests/test_list_walking.py"),
    ),
    Claim(
        4,
        "segments follow and explain themselves",
        "tests pass",
        tests_pass("rapport/segments/tests", "tests/browser/test_segments.py"),
    ),
    Claim(
        4,
        "the API under schemathesis, and its stories",
        "nothing found",
        tests_pass("tests/api"),
    ),
    Claim(
        4,
        "a client generated in TypeScript creates, lists, updates and undoes",
        "its story ends well",
        _client_in_another_language,
    ),
    Claim(
        4,
        "webhooks: signed, retried as specified, replayed, to public addresses alone (R12, S6)",
        "tests pass",
        room_passes("webhooks"),
    ),
    Claim(
        4,
        "a day by keyboard in a browser, keystrokes counted",
        "a call ≤ 2 keys before typing; tests pass",
        tests_pass(
            "tests/browser/test_keystrokes.py", "tests/browser/test_today.py", "tests/browser/test_bulk.py",
            "tests/browser/test_pasting.py", "tests/browser/test_ways.py", "tests/browser/test_undo.py",
        ),
    ),
    Claim(
        4,
        "10,000 rows changed and undone by keyboard alone, and the other stories, among many customers",
        "each with its keystrokes and seconds",
        _stories_among_many,
    ),
    Claim(
        4,
        "lists, search and record at a hundred times the rows; any filter and order beside the best by hand",
        "≤ 2 × slower; ≤ 3 × the best by hand",
        goals_reached("lists", "combinations"),
        True,
    ),
    Claim(4, "a board of 50,000 cards", "≤ 300 ms, a move ≤ 500 ms", goals_reached("board"), True),
    Claim(
        4,
        "an act on 100,000 rows and its undo, a list of a million rows as a file",
        "memory stays bounded, no undo takes twice as long as its act",
        goals_reached("bulk"),
        True,
    ),
    Claim(4, "segments over orders and touchpoints", "≤ 60 s whole, ≤ 5 s after changes", goals_reached("segments"), True),
    Claim(4, "the API with 100,000 contacts and 8 clients", "four times the best open CRM", goals_reached("api"), True),
)  # fmt: skip
