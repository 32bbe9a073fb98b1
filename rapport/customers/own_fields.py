"""Customers take fields of the business's own: declared golden attributes, kept by profile and derived like the others."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.customers.actions_own_fields import search_again
from rapport.records.custom_fields.declaring import CustomObject

CUSTOM_OBJECTS = (
    CustomObject(
        name="customer",
        label=_("Customers"),
        url_name="customers",
        tables=("customers_customer", "customers_profile"),
        search_again=search_again,
        panel_file="panels",
        order=10,
    ),
)
