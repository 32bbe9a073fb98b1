"""The keys of this room's pages, for the sheet behind `?` and for the documentation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.ui.keys import Key

KEYS = (
    Key(("n",), _("Add a customer, on the list of customers")),
    Key(("e",), _("Edit the customer of the page or the row")),
    Key(("w",), _("Take the next best action, on the page of a customer")),
    Key(("a",), _("Assign an owner: to the selected customers, that of the row, or that of the page")),
)
