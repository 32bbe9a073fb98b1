"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.customers.permissions import VIEW
from rapport.ui.navigation import MenuEntry

ENTRIES = (MenuEntry(_("Segments"), "segments", section="Customers", right=VIEW.name, order=5),)
