"""The keys of this room's pages, for the sheet behind `?` and for the documentation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.ui.keys import ROWS, Key

KEYS = (
    Key(("d",), _("Mark the task, or what was said, of the row as done"), ROWS, needs='[data-row-key="d"]'),
    Key(("s",), _("Put the row off until tomorrow"), ROWS, needs='[data-row-key="s"]'),
    Key(("l",), _("Log a contact with whom the row is about"), ROWS, needs='[data-row-key="l"]'),
    Key(
        ("l",), _("Log a call, note or visit: with the customer of the page or the row, else with whom the line names")
    ),
    Key(("t",), _("Add a task about the record")),
    Key(("f",), _("Follow the record, or no more")),
    Key(("s",), _("Share the record")),
    Key(("x",), _("Stop sharing with whom the row names, on that page")),
    Key(("n",), _("Add a task, on the page of tasks")),
    Key(("d",), _("Mark the task of the page as done")),
    Key(("e",), _("Edit the task of the page or the row")),
    Key(("a",), _("Give the task of the page or the row to somebody")),
    Key(("a",), _("Mark all notifications as read, on their page")),
)
