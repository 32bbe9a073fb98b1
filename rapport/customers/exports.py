"""The list of customers as a file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.customers.lists import EXPORTED_CUSTOMERS
from rapport.customers.permissions import VIEW
from rapport.records.exporting import ExportedList

EXPORTS = (ExportedList("customer", _("Customers"), VIEW.name, "customers", lambda user: EXPORTED_CUSTOMERS),)
