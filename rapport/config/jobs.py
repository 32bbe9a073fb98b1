"""Backups by themselves: every hour it is looked whether one is due, and every minute whether somebody was erased."""

from __future__ import annotations

from datetime import timedelta

from rapport.accounts.queries import business
from rapport.config.backup import copy_erasures, is_due, make_backup, remove_old, scheduled_folder
from rapport.config.backup_names import BACKUP_TASK
from rapport.core import environment
from rapport.core.clock import utc_now
from rapport.core.jobs import CARE_QUEUE, periodic, task


@task(name=BACKUP_TASK, queue="backup", queueing_lock=BACKUP_TASK, lock=BACKUP_TASK)
def back_up() -> None:
    folder = scheduled_folder()
    make_backup(folder, now=utc_now())
    remove_old(folder, keep=environment.backup_keep())


@periodic(cron="11 * * * *")
@task(name="backup.make_when_due", queue="backup", queueing_lock="backup.make_when_due", lock=BACKUP_TASK)
def back_up_when_due(timestamp: int) -> None:
    found, now = business(), utc_now()
    every = timedelta(hours=environment.backup_every_hours())
    if found is not None and is_due(scheduled_folder(), every=every, since=found.set_up_at, now=now):
        make_backup(scheduled_folder(), now=now)
        remove_old(scheduled_folder(), keep=environment.backup_keep())


@periodic(cron="* * * * *")
@task(name="backup.copy_erasures", queue=CARE_QUEUE, queueing_lock="backup.copy_erasures")
def copy_log_of_erasures(timestamp: int) -> None:
    copy_erasures(environment.backup_folder())
