"""The jobs of this room: every night all that could be joined is looked at again, whatever way it came in."""

from __future__ import annotations

from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task
from rapport.identity.asking import TASK
from rapport.identity.queries import every_profile_to_resolve
from rapport.identity.resolving import IDENTITY, resolve_profiles


@periodic(cron="40 3 * * *")
@task(name=TASK, queue="events", queueing_lock=TASK, lock=TASK)
def resolve_everybody(timestamp: int) -> None:
    resolve_profiles(every_profile_to_resolve(), by=IDENTITY, now=utc_now())
