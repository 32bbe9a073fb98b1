"""The keys of this room's pages, for the sheet behind `?` and for the documentation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.ui.keys import Key

KEYS = (
    Key(("m",), _("Merge the customer of the page with others")),
    Key(("y", "n"), _("One customer, or two: the first of the doubtful pairs")),
)
