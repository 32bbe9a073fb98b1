"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

VIEW = Right("work.view", _("See tasks, comments and files"), grip=Grip.READ)
EDIT = Right("work.edit", _("Add and change tasks, comments and files"))

RIGHTS = (VIEW, EDIT)
