"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Right

VIEW = Right("commerce.view", _("See products and orders"))
EDIT = Right("commerce.edit", _("Change the further details of products and orders"))

RIGHTS = (VIEW, EDIT)
