"""The gate for rows of other tables that hang on a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from rapport.accounts.access import reach_of

if TYPE_CHECKING:
    from rapport.accounts.models import User


class OfVisibleCustomers(models.QuerySet[Any]):
    """Rows with a customer: visible where the customer is; rows without one only to those who see everything."""

    def visible_to(self, user: User) -> Self:
        reach = reach_of(user)
        if reach.everything:
            return self
        return self.filter(customer__owner_id__in=reach.owner_ids, customer__trashed_at=None)
