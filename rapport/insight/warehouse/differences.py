"""Telling administrators that the weekly comparison found the warehouse to be other than the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.queries import active_staff
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.insight.events import WarehouseDiffered
from rapport.insight.permissions import VIEW
from rapport.work.asking import ask_to_see_to
from rapport.work.permissions import VIEW as VIEW_WORK

if TYPE_CHECKING:
    from rapport.accounts.models import User


def tell_administrators(event: WarehouseDiffered) -> None:
    """A task for each of them, with what differed and what to do."""
    now = utc_now()
    words = _(
        "The weekly comparison found other rows in the warehouse than in the database: %(tables)s. Everything has been copied"
        " anew, so the numbers are right from now on; those of the week before may not have been. What to do: look under"
        " Worth & RFM, Where the numbers come from, how far the tables were apart, and ask whoever runs Rapport for the log of"
        " the worker since the comparison before. If it differs again next week, report it with both."
    )
    with acting(SYSTEM, reason=WarehouseDiffered.name):
        for person in filter(_is_concerned, active_staff()):
            ask_to_see_to(
                _("The warehouse was not what the database holds"), text=words % {"tables": ", ".join(event.tables)},
                assignee=person, by=SYSTEM, now=now,
            )  # fmt: skip


def _is_concerned(person: User) -> bool:
    return all(person.has_right(right.name) for right in (ADMINISTER, VIEW, VIEW_WORK))
