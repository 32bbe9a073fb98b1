"""What is done with an import is signed by whoever asked for it, and that somebody asked is in the trail."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.audit.models import AuditEvent
from rapport.records.jobs import import_file, take_back
from rapport.records.models import Import, ImportState
from tests.import_files import draft, import_text
from tests.world import make_user

pytestmark = pytest.mark.usefixtures("db", "home")

ROWS = "id,name,email\n1,Ada,ada@example.com\n"


@pytest.fixture
def grace(business: Any) -> Any:
    return make_user("Grace", role="Manager")


def signed(operation: str) -> list[str]:
    return list(AuditEvent.objects.filter(operation=operation).values_list("actor_label", flat=True).distinct())


def test_an_undo_is_signed_by_whoever_asked_for_it(ada: Any, grace: Any, as_user: Any) -> None:
    job = import_text(ROWS, by=ada)

    as_user(grace).post(f"/imports/{job.public_id}/undo/")
    take_back(job.pk)

    assert Import.objects.get().state == ImportState.UNDONE
    assert signed("import undo asked") == ["Grace"]
    assert signed("undo-import") == ["Grace"]


def test_an_undo_that_was_cut_off_is_taken_up_for_the_same_person(ada: Any, grace: Any, as_user: Any) -> None:
    job = import_text(ROWS, by=ada)
    as_user(grace).post(f"/imports/{job.public_id}/undo/")
    Import.objects.filter(pk=job.pk).update(state=ImportState.UNDOING)

    take_back(job.pk)

    assert signed("undo-import") == ["Grace"]


def test_an_import_that_somebody_else_starts_or_continues_is_signed_by_them(ada: Any, grace: Any, as_user: Any) -> None:
    job = draft(ROWS, by=ada)
    Import.objects.filter(pk=job.pk).update(state=ImportState.FAILED)

    as_user(grace).post(f"/imports/{job.public_id}/continue/")
    import_file(job.pk)

    assert Import.objects.get().state == ImportState.DONE
    assert signed("import continued") == ["Grace"]
    assert signed("import") == ["Grace"]


def test_cancelling_and_reading_refused_rows_are_in_the_trail(ada: Any, grace: Any, as_user: Any) -> None:
    job = draft(ROWS, by=ada)
    client = as_user(grace)

    client.get(f"/imports/{job.public_id}/refused.csv")
    client.post(f"/imports/{job.public_id}/cancel/")
    client.post(f"/imports/{job.public_id}/cancel/")

    assert signed("refused rows read") == ["Grace"]
    assert [event.row_id for event in AuditEvent.objects.filter(operation="import cancelled")] == [str(job.public_id)]
