"""The command line of this room: `rapport audit verify` and `rapport audit seal`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from rapport.audit.actions import heads_file, seal
from rapport.audit.verification import Verification, verify
from rapport.core.clock import utc_now
from rapport.core.command_line import Command


def _configure(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    checking = verbs.add_parser("verify", help="Check that nothing was removed, altered, reordered or cut off.")
    checking.add_argument("--json", action="store_true", help="Print the result as JSON.")
    verbs.add_parser("seal", help="Bring every event into the chain now; a job does it every minute.")


def _run(arguments: Namespace) -> int:
    if arguments.verb == "seal":
        head = seal(now=utc_now())
        print(f"sealed up to position {head.position}: {head.hash}" if head else "nothing to seal")
        return 0
    result = verify(heads=heads_file())
    if arguments.json:
        print(json.dumps(asdict(result), indent=2))
    else:
        _print(result)
    return 0 if result.is_whole else 1


def _print(result: Verification) -> None:
    print(
        f"{result.events} events, {result.sealed} of them sealed, {result.erased} with erased values,"
        f" {result.heads} noted heads checked"
    )
    if result.is_whole:
        print("The trail is whole.")
        return
    for finding in result.findings:
        print(f"  {finding}", file=sys.stderr)
    print(f"The trail is NOT whole: {result.finding_count} finding(s).", file=sys.stderr)


COMMANDS = (Command("audit", "Check or seal the audit trail.", _configure, _run),)
