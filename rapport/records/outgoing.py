"""What other systems may be told of imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.records.events import ImportFinished, ImportUndone
from rapport.records.models import Import
from rapport.records.permissions import IMPORT
from rapport.records.telling import Outgoing, Said

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _say(user: User, event: ImportFinished | ImportUndone) -> Said | None:
    found = Import.objects.visible_to(user).filter(pk=event.import_id).values_list("public_id", flat=True).first()
    return Said((str(found),), {"format": event.importer}) if found is not None else None


OUTGOING = (
    Outgoing("import.finished", ImportFinished, _("An import has finished"), "import", _say, IMPORT.name),
    Outgoing("import.undone", ImportUndone, _("An import was taken back"), "import", _say, IMPORT.name),
)
