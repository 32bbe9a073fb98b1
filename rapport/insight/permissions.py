"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

VIEW = Right("insight.view", _("See reports and analyses"), grip=Grip.READ)
TRAITS = Right("insight.traits", _("See what a customer is worth"), grip=Grip.READ)

RIGHTS = (VIEW, TRAITS)
