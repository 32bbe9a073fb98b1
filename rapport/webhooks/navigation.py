"""The menu entries of this room."""

from django.utils.translation import gettext_lazy as _

from rapport.ui.navigation import MenuEntry
from rapport.webhooks.permissions import MANAGE

ENTRIES = (MenuEntry(_("Webhooks"), "webhooks", "Settings", right=MANAGE.name, order=65),)
