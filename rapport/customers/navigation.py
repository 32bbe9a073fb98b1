"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.permissions import ADMINISTER
from rapport.customers.permissions import VIEW
from rapport.ui.navigation import MenuEntry

ENTRIES = (
    MenuEntry(_("Customers"), "customers", section="Customers", right=VIEW.name, order=1, key="c"),
    MenuEntry(_("Purposes"), "purposes", "Settings", right=ADMINISTER.name, order=53),
    MenuEntry(_("Sources and rules"), "survivorship", "Settings", right=ADMINISTER.name, order=52),
)
