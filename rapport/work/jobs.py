"""The jobs of this room: emptying the trash of files and comments."""

from __future__ import annotations

from rapport.core.clock import utc_now
from rapport.core.files import StoredFile
from rapport.core.jobs import periodic, task
from rapport.work import actions_files
from rapport.work.actions_files import REMOVE_TASK


@periodic(cron="41 2 * * *")
@task(name="work.empty_trash", queue="care", queueing_lock="work.empty_trash")
def empty_trash(timestamp: int) -> None:
    actions_files.empty_trash(now=utc_now())


@task(name=REMOVE_TASK, queue="care", retry=3)
def remove_file(digest: str, size: int) -> None:
    actions_files.remove_bytes(StoredFile(digest, size), now=utc_now())
