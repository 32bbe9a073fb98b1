"""Relationships come in from files by the numbers of their source, and go again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Relationship
from rapport.records.imports.undoing import UnableToUndo
from rapport.records.models import ImportProblem
from tests.import_files import import_text, undo
from tests.row_hashes import row_hashes

pytestmark = pytest.mark.usefixtures("db", "home")

PEOPLE = "id,name,company\n1,Ann Kade,\n2,Bo Kade,\n3,,Kade Ltd\n"
TIES = "from,to,type,role,since\n1,3,Works at,Buyer,2024-05-01\n3,2,employs,,\n2,1,Spouse,husband,\n"


def people() -> Any:
    return import_text(PEOPLE, preset="people")


def ties(text: str = TIES, **answers: Any) -> Any:
    return import_text(text, preset="relationships", **answers)


def known() -> set[tuple[str, str, str, str]]:
    found = Relationship.objects.select_related("from_customer", "to_customer")
    return {(tie.from_customer.name or "", tie.kind, tie.to_customer.name or "", tie.role) for tie in found}


def test_numbers_of_a_source_are_tied_in_both_spellings() -> None:
    people()

    job = ties()

    assert known() == {
        ("Ann Kade", "works_at", "Kade Ltd", "Buyer"),
        ("Bo Kade", "works_at", "Kade Ltd", ""),
        ("Ann Kade", "household", "Bo Kade", "husband"),
    }
    assert Relationship.objects.get(role="Buyer").since == date(2024, 5, 1)
    assert set(Relationship.objects.values_list("import_id", flat=True)) == {job.pk}
    assert job.counts["phases"]["relationships"] == {"rows": 3, "new": 3, "changed": 0, "same": 0, "repeated": 0}


def test_the_same_file_twice_changes_nothing() -> None:
    people()
    ties()
    before = row_hashes()

    job = ties()

    assert row_hashes() == before
    assert job.counts["phases"]["relationships"]["same"] == 3


def test_undo_takes_back_what_was_brought_and_what_was_changed() -> None:
    people()
    before = row_hashes()
    first = ties()
    between = row_hashes()

    second = ties(TIES.replace("Buyer", "Head"))
    assert second.counts["phases"]["relationships"]["changed"] == 1
    undo(second)
    assert row_hashes() == between

    undo(first)
    assert row_hashes() == before


def test_rows_that_cannot_be_placed_are_refused_by_line() -> None:
    people()

    job = ties("from,to,type\n1,3,works at\n1,99,works at\n1,2,dislikes\n1,1,owns\n")

    assert len(known()) == 1
    problems = ImportProblem.objects.filter(job=job).order_by("line")
    assert [(p.line, p.column, p.value, p.code) for p in problems] == [
        (3, "to", "99", "unknown_customer"),
        (4, "type", "dislikes", "choice"),
        (5, "to", "1", "same_ends"),
    ]
    assert job.counts["refused"] == 3
    assert problems[0].row == ["1", "99", "works at"]


def test_a_dry_run_counts_and_writes_nothing() -> None:
    people()
    ties(TIES.replace("Buyer", "Head"))
    before = row_hashes()

    job = ties(TIES + "1,99,owns,,\n1,2,owns,,\n", dry_run=True)

    assert job.counts["preview"] == {"new": 1, "changed": 1, "same": 2, "unknown_customers": 1}
    assert row_hashes() == before


def test_a_tie_edited_by_hand_since_holds_up_the_undo() -> None:
    people()
    job = ties()
    with acting(SYSTEM):
        Relationship.objects.filter(role="Buyer").update(role="Head")

    with pytest.raises(UnableToUndo, match="relationships"):
        undo(job)


def test_people_who_are_tied_since_stay() -> None:
    job = people()
    ties()

    with pytest.raises(UnableToUndo):
        undo(job)
