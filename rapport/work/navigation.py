"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.ui.navigation import MenuEntry
from rapport.work.permissions import VIEW

ENTRIES = (MenuEntry(_("Tasks"), "tasks", section="Today", right=VIEW.name, order=5, key="t"),)
