"""The rights this room needs."""

from django.utils.translation import gettext_lazy as _

from rapport.accounts.rights import Right

IMPORT = Right("records.import", _("Import files and undo imports"), reaches_everything=True)

EXPORT = Right("records.export", _("Export lists as files"))

RIGHTS = (IMPORT, EXPORT)
