"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.privacy.permissions import ERASE, RETAIN
from rapport.ui.navigation import MenuEntry

ENTRIES = (
    MenuEntry(_("Retention"), "retention", section="Settings", right=RETAIN.name, order=64),
    MenuEntry(_("Erasures"), "erasures", section="Settings", right=ERASE.name, order=65),
)
