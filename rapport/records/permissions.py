"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Grip, Right

IMPORT = Right("records.import", _("Import files and undo imports"), reaches_everything=True)

EXPORT = Right("records.export", _("Export lists as files"), grip=Grip.READ)
FIELDS = Right("records.fields", _("Add fields, and decide what each role sees of a record"), reaches_everything=True)
SHARE = Right("records.share", _("Share views of lists, and say which one a role begins with"), grip=Grip.READ)
PURGE = Right("records.purge", _("Delete for good what is in the trash"), grip=Grip.HOLD)

RIGHTS = (IMPORT, EXPORT, FIELDS, SHARE, PURGE)
