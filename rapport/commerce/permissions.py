"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

VIEW = Right("commerce.view", _("See products and orders"), grip=Grip.READ)
EDIT = Right("commerce.edit", _("Change the further details of products and orders"))

RIGHTS = (VIEW, EDIT)
