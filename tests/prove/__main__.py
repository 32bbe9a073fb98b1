"""Run the claims: `python -m tests.prove [--issue N] [--quick] [NAME …]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.prove import issue_2
from tests.prove.claims import Claim, Seen, say

CLAIMS: tuple[Claim, ...] = (*issue_2.CLAIMS,)


def main() -> int:
    parser = argparse.ArgumentParser(prog="prove", description='Run every "Must show" line.')
    parser.add_argument("names", nargs="*", help="only claims whose name contains one of these words")
    parser.add_argument("--quick", action="store_true", help="leave out the claims that take many minutes")
    asked = parser.parse_args()
    claims = [claim for claim in CLAIMS if not (asked.quick and claim.slow)]
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


def _run(claim: Claim) -> Seen:
    with tempfile.TemporaryDirectory(prefix="rapport-prove-") as folder:
        try:
            return claim.run(Path(folder))
        except Exception as error:
            return Seen(f"{type(error).__name__}: {error}", False)


if __name__ == "__main__":
    sys.exit(main())
