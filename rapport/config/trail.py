"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import EXPORTS, Act

ACTS = (Act("backup asked", _("Backup asked for"), EXPORTS),)
