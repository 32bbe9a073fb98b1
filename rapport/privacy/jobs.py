"""The jobs of this room: exports and erasures somebody asked for, and what goes by itself every night."""

from __future__ import annotations

from procrastinate.contrib.django import app

from rapport.core.acting import SYSTEM
from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task
from rapport.customers.whole_person import called
from rapport.privacy import actions, keeping
from rapport.privacy.models import Erasure, PersonExport

_TRIED_AGAIN_SECONDS = 15


@task(name=actions.EXPORT_TASK, queue="privacy")
def build_export(export_id: int) -> None:
    asked = PersonExport.objects.filter(pk=export_id).first()
    if asked is None:
        return  # she was erased meanwhile
    try:
        actions.build_export(asked, title=called(asked.customer_id), now=utc_now())
    except Exception as error:
        actions.note_failed_export(asked, type(error).__name__)
        raise


@task(name=actions.ERASE_TASK, queue="privacy", lock=actions.ERASE_TASK)
def erase_customer(erasure_id: int) -> None:
    asked = Erasure.objects.select_related("asked_by").get(pk=erasure_id)
    try:
        actions.erase(asked, by=asked.asked_by or SYSTEM, now=utc_now())
    except actions.ImportUnderWay:
        later = app.configure_task(actions.ERASE_TASK, queue="privacy", schedule_in={"seconds": _TRIED_AGAIN_SECONDS})
        later.defer(erasure_id=erasure_id)
    except Exception as error:
        actions.note_failed_erasure(asked, type(error).__name__)
        raise


@periodic(cron=keeping.NIGHTLY)
@task(name=actions.KEEP_TASK, queue="privacy", queueing_lock=actions.KEEP_TASK)
def keep_house(timestamp: int) -> None:
    """What has been kept as long as its rule says goes, and whom a restore brought back."""
    actions.replay_erasures(now=utc_now())
    keeping.apply_rules(now=utc_now())
