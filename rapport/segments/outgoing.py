"""What other systems may be told of who enters segments and who leaves them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.customers.permissions import VIEW
from rapport.records.telling import Outgoing, Said
from rapport.segments.definitions import CUSTOMER
from rapport.segments.events import MembersChanged
from rapport.segments.queries import passages_of, segments_seen_by

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_NAMED = 4_000  # of more it is only said that they are many, as when a segment is computed for the first time


def _say(user: User, event: MembersChanged, *, has_entered: bool) -> Said | None:
    segment = next((each for each in segments_seen_by(user) if each.pk == event.segment_id), None)
    if segment is None:
        return None
    seen = passages_of(event.batch_id).visible_to(user).filter(has_entered=has_entered)
    ids = [str(each) for each in seen.order_by("pk").values_list("customer__public_id", flat=True)[: MOST_NAMED + 1]]
    if not ids:
        return None
    told = {"segment": str(segment.public_id)}
    return Said(tuple(ids), told) if len(ids) <= MOST_NAMED else Said((), told | {"many": True})


OUTGOING = (
    Outgoing("segment.entered", MembersChanged, _("Customers entered a segment"), CUSTOMER,
             partial(_say, has_entered=True), VIEW.name),
    Outgoing("segment.left", MembersChanged, _("Customers left a segment"), CUSTOMER,
             partial(_say, has_entered=False), VIEW.name),
)  # fmt: skip
