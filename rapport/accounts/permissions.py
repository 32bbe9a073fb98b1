"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

ADMINISTER = Right("accounts.administer", _("Manage staff, teams, roles and settings"))
CONNECT = Right("accounts.connect", _("Connect programs by tokens of one's own"))
SHARE = Right("accounts.share", _("Share single records with colleagues and teams"), grip=Grip.HOLD)

RIGHTS = (ADMINISTER, CONNECT, SHARE)
