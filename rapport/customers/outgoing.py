"""What other systems may be told of customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.customers.events import (
    ConsentRecorded,
    CustomerCreated,
    CustomerEdited,
    CustomerRestored,
    CustomersEdited,
    CustomersRestored,
    CustomersTagged,
    CustomersTrashed,
    CustomerTrashed,
    InteractionLogged,
    NextActionAnswered,
    OwnerAssigned,
    OwnersAssigned,
    RestrictionChanged,
)
from rapport.customers.models import Customer
from rapport.customers.next_best.rules import rules_for
from rapport.customers.permissions import VIEW
from rapport.customers.record_kinds import CUSTOMER
from rapport.records.layouts.sight import hidden_names
from rapport.records.telling import Outgoing, Said, said_of, said_of_change

if TYPE_CHECKING:
    from rapport.accounts.models import User

# the field that tells whether a customer may be reached so
_FIELD_OF_CHANNEL = {"email": "may_email", "call_center": "may_call", "sms": "may_text", "direct_mail": "may_post"}


def seen_by_itself(user: User, ids: Sequence[int]) -> tuple[str, ...]:
    """The public ids of customers that `user` sees, those merged into others and those in the trash among them."""
    found = Customer.objects.visible_to(user).filter(pk__in=ids).order_by("pk")
    return tuple(str(public_id) for public_id in found.values_list("public_id", flat=True))


def _say_trashed(user: User, event: CustomerTrashed) -> Said | None:
    found = seen_by_itself(user, [event.customer_id])
    return Said(found) if found else None


def _say_many_trashed(user: User, event: CustomersTrashed) -> Said | None:
    found = seen_by_itself(user, event.customer_ids)
    return Said(found) if found else None


def _say_consent(user: User, event: ConsentRecorded) -> Said | None:
    if _FIELD_OF_CHANNEL.get(event.channel, "") in hidden_names(user, CUSTOMER):
        return None
    said = {"purpose": event.purpose, "channel": event.channel, "status": event.status}
    return said_of(user, CUSTOMER, [event.customer_id], **said)


def _say_answered(user: User, event: NextActionAnswered) -> Said | None:
    """Only of rules whose reasons she may read."""
    if event.rule not in {each.name for each in rules_for(user)}:
        return None
    return said_of(user, CUSTOMER, [event.customer_id], rule=event.rule, answer=event.answer)


_CHANGED = _("A customer was changed")
OUTGOING = (
    Outgoing("customer.added", CustomerCreated, _("A customer was added"), CUSTOMER,
             lambda user, event: said_of(user, CUSTOMER, [event.customer_id]), VIEW.name),
    Outgoing("customer.changed", CustomerEdited, _CHANGED, CUSTOMER,
             lambda user, event: said_of_change(user, CUSTOMER, [event.customer_id], event.fields), VIEW.name),
    Outgoing("customer.changed", OwnerAssigned, _CHANGED, CUSTOMER,
             lambda user, event: said_of_change(user, CUSTOMER, [event.customer_id], ["owner"]), VIEW.name),
    Outgoing("customer.changed", OwnersAssigned, _CHANGED, CUSTOMER,
             lambda user, event: said_of_change(user, CUSTOMER, event.customer_ids, ["owner"]), VIEW.name),
    Outgoing("customer.changed", CustomersEdited, _CHANGED, CUSTOMER,
             lambda user, event: said_of_change(user, CUSTOMER, event.customer_ids, event.fields), VIEW.name),
    Outgoing("customer.changed", CustomersTagged, _CHANGED, CUSTOMER,
             lambda user, event: said_of_change(user, CUSTOMER, event.customer_ids, ["tags"]), VIEW.name),
    Outgoing("customer.changed", RestrictionChanged, _CHANGED, CUSTOMER,
             lambda user, event: said_of_change(user, CUSTOMER, [event.customer_id], ["restricted"]), VIEW.name),
    Outgoing("customer.trashed", CustomerTrashed, _("A customer was put in the trash"), CUSTOMER, _say_trashed,
             VIEW.name),
    Outgoing("customer.trashed", CustomersTrashed, _("A customer was put in the trash"), CUSTOMER, _say_many_trashed,
             VIEW.name),
    Outgoing("customer.restored", CustomersRestored, _("A customer was brought back from the trash"), CUSTOMER,
             lambda user, event: said_of(user, CUSTOMER, event.customer_ids), VIEW.name),
    Outgoing("customer.restored", CustomerRestored, _("A customer was brought back from the trash"), CUSTOMER,
             lambda user, event: said_of(user, CUSTOMER, [event.customer_id]), VIEW.name),
    Outgoing("contact.logged", InteractionLogged, _("A contact with a customer was logged"), CUSTOMER,
             lambda user, event: said_of(user, CUSTOMER, [event.customer_id], contact=event.kind), VIEW.name),
    Outgoing("consent.changed", ConsentRecorded, _("A customer’s consent was recorded or withdrawn"), CUSTOMER,
             _say_consent, VIEW.name),
    Outgoing("next_action.answered", NextActionAnswered, _("A proposed action was taken or put off"), CUSTOMER,
             _say_answered, VIEW.name),
)  # fmt: skip
