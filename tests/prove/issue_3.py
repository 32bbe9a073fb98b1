"""Issue 3: the customer, whole."""

from __future__ import annotations

from tests.prove.claims import Claim, tests_pass

_IDENTITY, _PRIVACY, _CUSTOMERS = "rapport/identity/tests", "rapport/privacy/tests", "rapport/customers/tests"

CLAIMS = (
    Claim(
        3,
        "stories of customers, at random",
        "nothing lost, one survivor, splits exact, the strictest consent, provenance true",
        tests_pass(f"{_IDENTITY}/test_every_story.py"),
    ),
    Claim(
        3,
        "one of three overlapping imports undone",
        "as if it had never come",
        tests_pass(f"{_IDENTITY}/test_undoing_imports.py"),
    ),
    Claim(
        3,
        "merges from all sides, splits, chains (R9-R11)",
        "tests pass",
        tests_pass(f"{_IDENTITY}/test_races.py", f"{_IDENTITY}/test_merging.py", f"{_IDENTITY}/test_pages.py"),
    ),
    Claim(
        3,
        "two edit one customer (R8)",
        "tests pass",
        tests_pass(f"{_CUSTOMERS}/test_in_place.py", f"{_CUSTOMERS}/test_customer_page.py"),
    ),
    Claim(
        3,
        "which value is shown, and what anybody said in any order (R20)",
        "tests pass",
        tests_pass(f"{_CUSTOMERS}/test_survivorship.py", f"{_CUSTOMERS}/test_consents.py"),
    ),
    Claim(3, "files lie behind the gate and never run (S3, S4)", "tests pass", tests_pass("rapport/work/tests")),
    Claim(
        3,
        "no cell of an export is computed, and it comes in again as it went out (S5)",
        "tests pass",
        tests_pass("rapport/records/tests/test_exporting.py"),
    ),
    Claim(
        3,
        "hidden fields, partners and mappings (S7, S14)",
        "tests pass",
        tests_pass("rapport/records/tests/test_layouts.py", f"{_IDENTITY}/test_pages.py", "tests/security"),
    ),
    Claim(
        3,
        "a person planted everywhere is erased without a trace",
        "0 hits in a dump, snapshots, files and logs",
        tests_pass(_PRIVACY),
    ),
    Claim(
        3,
        "restore on another path and as another user (R22)",
        "tests pass",
        tests_pass("tests/faults/test_backup.py"),
    ),
)
