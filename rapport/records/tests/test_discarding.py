"""The file of a discarded draft goes, unless something still needs it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core.clock import utc_now
from rapport.core.files import JUST_KEPT_SECONDS, store
from rapport.records.imports import actions
from rapport.records.jobs import remove_discarded
from rapport.records.models import Import

pytestmark = pytest.mark.usefixtures("db", "home")


def new_draft(by: Any, *, seconds_ago: int = JUST_KEPT_SECONDS + 60) -> Import:
    stored = store([b"id,name\n1,Ada\n"], at_most=1 << 20)
    then = utc_now().timestamp() - seconds_ago
    os.utime(stored.path, (then, then))
    return actions.begin_import(stored, file_name="people.csv", by=by, now=utc_now())


def remove_what_was_discarded() -> None:
    for job in ProcrastinateJob.objects.filter(task_name=actions.FILE_TASK):
        assert job.scheduled_at is not None
        remove_discarded(**job.args)


def test_the_file_of_a_discarded_draft_is_removed(ada: Any, as_user: Any) -> None:
    job = new_draft(ada)

    as_user(ada).post(f"/imports/{job.public_id}/discard/")
    remove_what_was_discarded()

    assert not actions.file_of(job).path.exists()
    remove_what_was_discarded()


def test_a_file_that_another_import_names_stays(ada: Any, as_user: Any) -> None:
    job, other = new_draft(ada), new_draft(ada)

    as_user(ada).post(f"/imports/{job.public_id}/discard/")
    remove_what_was_discarded()

    assert actions.file_of(other).path.exists()


def test_a_file_that_is_just_being_sent_again_stays(ada: Any, as_user: Any) -> None:
    job = new_draft(ada)
    as_user(ada).post(f"/imports/{job.public_id}/discard/")

    again = store([b"id,name\n1,Ada\n"], at_most=1 << 20)
    remove_what_was_discarded()

    assert again.path.exists()
