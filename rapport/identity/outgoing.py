"""What other systems may be told of customers that are one, or are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.customers.outgoing import seen_by_itself
from rapport.customers.permissions import VIEW
from rapport.customers.record_kinds import CUSTOMER
from rapport.identity.events import CustomersMerged, CustomersSplit
from rapport.records.telling import Outgoing, Said, said_of

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _say_merged(user: User, event: CustomersMerged) -> Said | None:
    retired = list(seen_by_itself(user, event.retired_ids))
    return said_of(user, CUSTOMER, [event.customer_id], merged=retired)


def _say_split(user: User, event: CustomersSplit) -> Said | None:
    apart = list(seen_by_itself(user, event.apart_ids))
    return said_of(user, CUSTOMER, [event.customer_id], apart=apart)


OUTGOING = (
    Outgoing(
        "customer.merged", CustomersMerged, _("Customers were made one by somebody"), CUSTOMER, _say_merged, VIEW.name
    ),
    Outgoing(
        "customer.split", CustomersSplit, _("Customers were taken apart by somebody"), CUSTOMER, _say_split, VIEW.name
    ),
)
