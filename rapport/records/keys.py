"""The keys of this room's pages, for the sheet behind `?` and for the documentation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.ui.keys import ROWS, Key

_CELLS = "[data-paste]"
KEYS = (
    Key(
        ("c",), _("A cursor on the cells that can be typed in; pasting writes from there"), ROWS, needs=_CELLS, order=20
    ),
    Key(("←", "↑", "→", "↓"), _("Move that cursor, with Shift stretch it"), ROWS, needs=_CELLS, order=21),
    Key(("m",), _("Move the card of a board or a calendar"), ROWS, needs='[data-row-key="m"]'),
    Key(("c",), _("Cancel an act on many rows, on its page")),
    Key(("t",), _("Today, in a calendar")),
    Key(("h",), _("The history of the record, and back")),
    Key(("n",), _("Add a field of your own, on the page of fields")),
)
