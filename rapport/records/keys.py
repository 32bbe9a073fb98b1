"""The keys of this room's pages, for the sheet behind `?` and for the documentation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.ui.keys import Key

KEYS = (
    Key(("h",), _("The history of the record, and back")),
    Key(("n",), _("Add a field of your own, on the page of fields")),
)
