"""What this room adds to the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.permissions import ADMINISTER
from rapport.customers.permissions import EDIT, VIEW
from rapport.ui.navigation import MenuEntry, ShellAct

ENTRIES = (
    MenuEntry(_("Customers"), "customers", section="Customers", right=VIEW.name, order=1, key="c"),
    MenuEntry(_("Purposes"), "purposes", "Settings", right=ADMINISTER.name, order=53),
    MenuEntry(_("Sources and rules"), "survivorship", "Settings", right=ADMINISTER.name, order=52),
)
ACTS = (ShellAct(_("New customer"), "customer_new", right=EDIT.name, pasted_as="signature", order=20),)
