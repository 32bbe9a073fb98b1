"""The jobs of this room: emptying the trash of tasks, files and comments, and the daily mail."""

from __future__ import annotations

from rapport.accounts import mail
from rapport.core.clock import utc_now
from rapport.core.files import StoredFile
from rapport.core.jobs import periodic, task
from rapport.work import actions_files, actions_trash, digest, reminders
from rapport.work.actions_files import REMOVE_TASK


@periodic(cron="41 2 * * *")
@task(name="work.empty_trash", queue="care", queueing_lock="work.empty_trash")
def empty_trash(timestamp: int) -> None:
    now = utc_now()
    actions_trash.end_old_tasks(now=now)
    actions_files.empty_trash(now=now)


@periodic(cron="* * * * *")
@task(name="work.follow_fields", queue="care", queueing_lock="work.follow_fields")
def follow_fields(timestamp: int) -> None:
    reminders.follow_fields(now=utc_now())


@task(name=REMOVE_TASK, queue="care", retry=3)
def remove_file(digest: str, size: int) -> None:
    actions_files.remove_bytes(StoredFile(digest, size), now=utc_now())


@periodic(cron="7 * * * *")
@task(name="work.daily_mail", queue="care", queueing_lock="work.daily_mail")
def daily_mail(timestamp: int) -> None:
    if mail.is_configured():
        digest.send_digests(now=utc_now())
