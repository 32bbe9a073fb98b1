"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.audit.reading import Acts, Reason


def _making(name: str) -> str:
    return _("The demo company was made") if name.startswith("demo: ") else ""


FAMILIES = (Acts("making the demo company", _making),)
REASONS = (Reason("demo", gettext_lazy("The demo company was made")),)
