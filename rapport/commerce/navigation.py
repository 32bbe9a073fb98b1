"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.commerce.permissions import VIEW
from rapport.ui.navigation import MenuEntry

ENTRIES = (
    MenuEntry(_("Orders"), "orders", section="Sell", right=VIEW.name, order=10, key="o"),
    MenuEntry(_("Products"), "products", section="Sell", right=VIEW.name, order=20, key="p"),
)
