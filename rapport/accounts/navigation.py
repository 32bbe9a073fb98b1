"""The menu entries of this room."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.permissions import ADMINISTER
from rapport.ui.navigation import MenuEntry

ENTRIES = (
    MenuEntry(_("Staff"), "staff", "Settings", right=ADMINISTER.name, order=60),
    MenuEntry(_("Teams"), "teams", "Settings", right=ADMINISTER.name, order=61),
    MenuEntry(_("Roles"), "roles", "Settings", right=ADMINISTER.name, order=62),
    MenuEntry(_("Programs"), "api_tokens_all", "Settings", right=ADMINISTER.name, order=64),
    MenuEntry(_("Audit"), "audit", "Settings", right=ADMINISTER.name, order=63),
    MenuEntry(_("Your profile"), "profile", "Settings", order=90),
)
