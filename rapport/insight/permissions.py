"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Right

VIEW = Right("insight.view", _("See reports and analyses"))
TRAITS = Right("insight.traits", _("See what a customer is worth"))

RIGHTS = (VIEW, TRAITS)
