"""Whether the parts that Rapport stands on are well."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connection

LEAST_FREE_DISK = 0.10
LONGEST_QUEUE_LAG_SECONDS = 15 * 60

_OLDEST_WAITING = """
select extract(epoch from now() - min(e.at))
from procrastinate_events e
join (
    select id from procrastinate_jobs
    where status = 'todo' and (scheduled_at is null or scheduled_at <= now()) order by id limit 1
) j on e.job_id = j.id
"""


@dataclass(frozen=True)
class Health:
    database_is_writable: bool
    free_disk_ratio: float
    queue_lag_seconds: float

    @property
    def troubles(self) -> tuple[str, ...]:
        """What is not well, in words for the log; nothing when all is."""
        found = []
        if not self.database_is_writable:
            found.append("the database cannot be written")
        if self.free_disk_ratio < LEAST_FREE_DISK:
            found.append(f"only {self.free_disk_ratio:.1%} of the disk is free")
        if self.queue_lag_seconds > LONGEST_QUEUE_LAG_SECONDS:
            found.append(f"a job has been waiting for {self.queue_lag_seconds:.0f} s")
        return tuple(found)


def check_health(*, home: Path) -> Health:
    writable = database_is_writable()
    return Health(writable, free_disk_ratio(home), queue_lag_seconds() if writable else 0.0)


def database_is_writable() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off'")
            row = cursor.fetchone()
    except DatabaseError:
        return False
    return bool(row and row[0])


def free_disk_ratio(folder: Path) -> float:
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total


def queue_lag_seconds() -> float:
    """For how long the oldest job that is due has been waiting."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_WAITING)
        row = cursor.fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0
