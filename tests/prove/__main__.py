"""Run the claims: `python -m tests.prove [--issue N] [--quick] [NAME …]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import django

from tests.prove import issue_2, issue_3, issue_4, issue_5
from tests.prove.claims import Claim, Seen, say

CLAIMS: tuple[Claim, ...] = (*issue_2.CLAIMS, *issue_3.CLAIMS, *issue_4.CLAIMS, *issue_5.CLAIMS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="prove", description='Run every "Must show" line.')
    parser.add_argument("names", nargs="*", help="only claims whose name contains one of these words")
    parser.add_argument("--quick", action="store_true", help="leave out the claims that take many minutes")
    parser.add_argument("--issue", type=int, action="append", help="only claims of this issue")
    asked = parser.parse_args()
    _know_the_tables()
    claims = [claim for claim in CLAIMS if not (asked.quick and claim.slow)]
    if asked.issue:
        claims = [claim for claim in claims if claim.issue in asked.issue]
    if asked.names:
        claims = [claim for claim in claims if any(word in claim.name for word in asked.names)]
    failed = 0
    for claim in claims:
        say(f"… {claim.name}")
        started = time.perf_counter()
        seen = _run(claim)
        failed += not seen.holds
        print(
            f"{'pass' if seen.holds else 'FAIL'}  #{claim.issue} {claim.name} ({time.perf_counter() - started:.0f} s)"
        )
        print(f"      expected: {claim.expected}")
        print(f"      seen:     {seen.text}", flush=True)
    print(f"\n{len(claims) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _know_the_tables() -> None:
    """Django is set up for the names of the tables alone; every claim has a database of its own."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"RAPPORT_HOME": home, "DJANGO_SETTINGS_MODULE": "rapport.config.settings"}
        django.setup()


def _run(claim: Claim) -> Seen:
    with tempfile.TemporaryDirectory(prefix="rapport-prove-") as folder:
        try:
            return claim.run(Path(folder))
        except Exception as error:
            return Seen(f"{type(error).__name__}: {error}", False)


if __name__ == "__main__":
    sys.exit(main())
