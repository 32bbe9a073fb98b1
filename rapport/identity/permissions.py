"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

MERGE = Right("identity.merge", _("Merge and split customers, decide who is whom"), grip=Grip.HOLD)
RULES = Right("identity.rules", _("Change the rules of identity"), reaches_everything=True)

RIGHTS = (
    MERGE,
    RULES,
)
