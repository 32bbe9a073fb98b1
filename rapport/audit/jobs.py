"""Background work of this room: the trail is sealed every minute."""

from __future__ import annotations

from rapport.audit.actions import seal
from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task


@periodic(cron="* * * * *")
@task(name="audit.seal", queue="care", queueing_lock="audit.seal")
def seal_trail(timestamp: int) -> None:
    seal(now=utc_now())
