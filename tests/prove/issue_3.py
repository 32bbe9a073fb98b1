"""Issue 3: the customer, whole."""

from __future__ import annotations

from tests.prove.claims import Claim, goals_reached, room_passes, tests_pass

CLAIMS = (
    Claim(
        3,
        "stories of customers, at random",
        "nothing lost, one survivor, splits exact, the strictest consent, provenance true",
        room_passes("identity", "every_story"),
    ),
    Claim(
        3,
        "one of three overlapping imports undone",
        "as if it had never come",
        room_passes("identity", "undoing_imports"),
    ),
    Claim(
        3,
        "merges from all sides, splits, chains, hidden partners (R9-R11, S7, S14)",
        "tests pass",
        room_passes("identity", "races", "merging", "pages"),
    ),
    Claim(3, "two edit one customer (R8)", "tests pass", room_passes("customers", "in_place", "customer_page")),
    Claim(
        3,
        "which value is shown, and what anybody said in any order (R20)",
        "tests pass",
        room_passes("customers", "survivorship", "consents"),
    ),
    Claim(3, "files lie behind the gate and never run (S3, S4)", "tests pass", room_passes("work")),
    Claim(
        3,
        "no cell of an export is computed, and it comes in again as it went out (S5)",
        "tests pass",
        room_passes("records", "exporting"),
    ),
    Claim(
        3,
        "hidden fields and mappings (S7, S14)",
        "tests pass",
        room_passes("records", "layouts", "custom_fields_mapping"),
    ),
    Claim(
        3,
        "a person planted everywhere is erased without a trace",
        "0 hits in a dump, snapshots, files and logs",
        room_passes("privacy"),
    ),
    Claim(
        3, "restore on another path and as another user (R22)", "tests pass", tests_pass("tests/faults/test_backup.py")
    ),
    Claim(
        3,
        "a person of four files, seen, edited, split, merged and undone in a browser",
        "keyboard alone; axe finds nothing in light, in dark and on a phone",
        tests_pass("tests/browser/test_one_customer.py"),
    ),
    Claim(
        3,
        "benchmarks of the customer",
        "the same file again ≥ 5 × faster; a page of 100,000 touchpoints ≤ 1.5 × one of 50",
        goals_reached("identity", "pages"),
        True,
    ),
)
