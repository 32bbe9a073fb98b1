"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.records.permissions import FIELDS, IMPORT
from rapport.ui.navigation import MenuEntry

ENTRIES = (
    MenuEntry(_("Recent changes"), "changes", section="Today", order=95, key="u"),
    MenuEntry(_("Trash"), "trash", section="Customers", order=90),
    MenuEntry(_("Imports"), "imports", section="Customers", right=IMPORT.name, order=20, key="i"),
    MenuEntry(_("Fields"), "fields", section="Settings", right=FIELDS.name, order=35),
    MenuEntry(_("Tags"), "tags", section="Settings", right=FIELDS.name, order=36),
)
