"""What can be done with many rows of every list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.records.bulk.acts import ANY_LIST, BulkAct, Chosen, Keys
from rapport.records.permissions import EXPORT

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _export_page(user: User, chosen: Chosen, keys: Callable[[], Sequence[Keys]]) -> str:
    path = reverse("export_new", args=[chosen.object])
    query = chosen.query if chosen.is_everything else f"selection={chosen.public_id}"
    return f"{path}?{query}" if query else path


BULK_ACTS = (
    BulkAct("export", ANY_LIST, _("Export"), EXPORT.name, leads_to=_export_page, picture="download", order=90),
)
