"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

MANAGE = Right("webhooks.manage", _("Have other systems told by webhooks"), grip=Grip.READ)

RIGHTS = (MANAGE,)
