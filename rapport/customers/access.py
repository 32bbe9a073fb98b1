"""The gate for rows of other tables that hang on a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models

from rapport.accounts.access import Grip, reach_of
from rapport.customers.permissions import EDIT
from rapport.records.record_kinds import reaches

if TYPE_CHECKING:
    from rapport.accounts.models import User


def may_change(user: User, customer: Any) -> bool:
    """Whether `user`, who sees the customer, may also change her."""
    return may_change_key(user, customer.pk)


def may_change_key(user: User, customer_id: int) -> bool:
    return user.has_right(EDIT.name) and reaches(user, Grip.CHANGE, "customer", pk=customer_id)


class OfVisibleCustomers(models.QuerySet[Any]):
    """Rows with a customer: visible where the customer is; rows without one only to those who see everything.

    Rows that are records of a kind can be shared by themselves too.
    """

    kind: ClassVar[str] = ""

    def visible_to(self, user: User) -> Self:
        reach = reach_of(user)
        if reach.everything:
            return self
        if not reach.shared:
            return self.filter(customer__owner_id__in=reach.owner_ids, customer__trashed_at=None)
        shared = models.Q(customer_id__in=reach.shared_ids("customer"))
        if self.kind:
            shared |= models.Q(pk__in=reach.shared_ids(self.kind))
        return self.filter(models.Q(customer__owner_id__in=reach.owner_ids) | shared, customer__trashed_at=None)
