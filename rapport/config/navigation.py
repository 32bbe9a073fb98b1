"""What concerns the whole product in the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.permissions import ADMINISTER
from rapport.ui.navigation import MenuEntry

ENTRIES = (MenuEntry(_("Backups"), "backups", "Settings", right=ADMINISTER.name, order=70),)
