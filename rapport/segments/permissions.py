"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Right

MAKE = Right("segments.make", _("Make and change segments"))

RIGHTS = (MAKE,)
