"""Issue 4: a day's work in lists and records."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.prove.claims import ROOT, Claim, Seen, Shell, goals_reached, room_passes, tests_pass


def _client_in_another_language(folder: Path) -> Seen:
    ran = Shell(ROOT, PORT=os.environ.get("PORT", "8139")).run(sys.executable, "-m", "tests.api.client_story")
    said = (ran.stdout + ran.stderr).strip().splitlines()
    return Seen(said[-1] if said else "nothing was said", ran.returncode == 0)


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
    Claim(4, "the rest of TRUST.md at these pages", "tests pass", tests_pass("tests/security")),
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
        "benchmarks of lists, segments and the API",
        "filter and sort ≤ 3 × the best by hand; segments ≤ 60 s and ≤ 5 s; four times the best open CRM",
        goals_reached("combinations", "segments", "api"),
        True,
    ),
)  # fmt: skip
