"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

VIEW = Right("customers.view", _("See customers"), grip=Grip.READ)
EDIT = Right("customers.edit", _("Add and change customers, log contacts"))

RIGHTS = (
    VIEW,
    EDIT,
)
