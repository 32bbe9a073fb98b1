"""The keys of this room's pages, for the sheet behind `?` and for the documentation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.ui.keys import ROWS, Key

KEYS = (
    Key(("m",), _("Move the card of a board or a calendar"), ROWS, needs='[data-row-key="m"]'),
    Key(("t",), _("Today, in a calendar")),
    Key(("h",), _("The history of the record, and back")),
    Key(("n",), _("Add a field of your own, on the page of fields")),
)
