"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Right

MERGE = Right("identity.merge", _("Merge and split customers, decide who is whom"))
RULES = Right("identity.rules", _("Change the rules of identity"), reaches_everything=True)

RIGHTS = (
    MERGE,
    RULES,
)
