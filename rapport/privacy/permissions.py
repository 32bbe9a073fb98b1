"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

EXPORT = Right("privacy.export", _("Export everything that is held about a customer"), grip=Grip.HOLD)
RESTRICT = Right("privacy.restrict", _("Restrict what is done with a customer's data, and lift that"), grip=Grip.HOLD)
ERASE = Right("privacy.erase", _("Erase customers for good"), reaches_everything=True)
RETAIN = Right("privacy.retain", _("Say how long data is kept"), reaches_everything=True)

RIGHTS = (EXPORT, RESTRICT, ERASE, RETAIN)
