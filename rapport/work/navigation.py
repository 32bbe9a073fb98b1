"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.permissions import ADMINISTER
from rapport.ui.navigation import MenuEntry, ShellAct
from rapport.work.permissions import EDIT, VIEW

ENTRIES = (
    MenuEntry(_("Today"), "today", section="Today", right=VIEW.name, order=1, key="h"),
    MenuEntry(
        _("Notifications"), "notifications", section="Today", right=VIEW.name, order=3, key="n",
        count_url="notification_count",
    ),
    MenuEntry(_("Tasks"), "tasks", section="Today", right=VIEW.name, order=5, key="t"),
    MenuEntry(_("Who sees what"), "seeing", section="Settings", right=ADMINISTER.name, order=62),
)  # fmt: skip
ACTS = (ShellAct(_("Log a contact"), "quick_log", right=EDIT.name, key="l", order=10),)
