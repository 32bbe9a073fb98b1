"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.identity.permissions import MERGE, RULES
from rapport.ui.navigation import MenuEntry

ENTRIES = (
    MenuEntry(_("Doubtful pairs"), "doubts", "Customers", right=MERGE.name, order=8),
    MenuEntry(_("Identity"), "identity_rules", "Settings", right=RULES.name, order=40),
)
