"""This room's pages in the menu."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.permissions import ADMINISTER
from rapport.insight.permissions import VIEW
from rapport.ui.navigation import MenuEntry

ENTRIES = (
    MenuEntry(_("Dashboards"), "dashboards", "Understand", order=4),
    MenuEntry(_("Reports"), "reports", "Understand", order=6),
    MenuEntry(_("Customer base"), "customer_base", "Understand", right=VIEW.name, order=10),
    MenuEntry(_("Worth & RFM"), "worth", "Understand", right=VIEW.name, order=20, key="w"),
    MenuEntry(_("Worth in five ways"), "five_worths", "Understand", right=VIEW.name, order=25),
    MenuEntry(_("Who will leave"), "churn", "Understand", right=VIEW.name, order=27),
    MenuEntry(_("Lifetime value"), "lifetime", "Understand", right=VIEW.name, order=29),
    MenuEntry(_("Revenue forecast"), "forecast", "Understand", right=VIEW.name, order=31),
    MenuEntry(_("Costs and unit values"), "unit_values", "Settings", right=ADMINISTER.name, order=56),
    MenuEntry(_("Edges of RFM groups"), "group_margins", "Settings", right=ADMINISTER.name, order=57),
    MenuEntry(_("Customer journeys"), "journeys", "Understand", right=VIEW.name, order=40),
    MenuEntry(_("Bought together"), "bought_together", "Understand", right=VIEW.name, order=50),
)
