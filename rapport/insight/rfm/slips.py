"""Telling the owner of a customer who was a champion and is at risk now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from rapport.accounts.queries import active_staff
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.insight.events import GroupsChanged
from rapport.insight.models import SettledGroup
from rapport.insight.permissions import TRAITS
from rapport.insight.rfm.segments import Segment
from rapport.records.record_kinds import FoundRecord, records_by_id
from rapport.work.asking import ask_to_see_to
from rapport.work.permissions import VIEW

if TYPE_CHECKING:
    from rapport.accounts.models import User

EACH_UP_TO = 10


def tell_owners(event: GroupsChanged, *, each_up_to: int = EACH_UP_TO) -> None:
    """A task about each such customer for her owner; of more than ten at once, one about all of them."""
    now = utc_now()
    still = SettledGroup.objects.filter(customer_id__in=event.slipped, segment=Segment.AT_RISK)
    owned: dict[int, list[int]] = defaultdict(list)
    for customer, owner in still.order_by("customer_id").values_list("customer_id", "customer__owner_id"):
        if owner is not None:
            owned[owner].append(customer)
    with acting(SYSTEM, reason=GroupsChanged.name):
        for person in active_staff(sorted(owned)):
            if person.has_right(VIEW.name) and person.has_right(TRAITS.name):
                customers = list(records_by_id(person, "customer", owned[person.pk]).values())
                _tell(person, customers, each_up_to=each_up_to, now=now)


def _tell(person: User, customers: Sequence[FoundRecord], *, each_up_to: int, now: datetime) -> None:
    text = _(
        "Bought often and until lately; not any more. What would bring back such a customer is known best to who knows her."
    )
    if len(customers) <= each_up_to:
        for customer in customers:
            title = _("A champion slipped to at risk")
            ask_to_see_to(title, text=text, assignee=person, by=SYSTEM, now=now, record=customer)
        return
    title = _("%(count)s champions of yours slipped to at risk") % {"count": len(customers)}
    ask_to_see_to(title, text=text, assignee=person, by=SYSTEM, now=now)
