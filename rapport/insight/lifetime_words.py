"""Why something cannot be learned, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


def refusal_in_words(report: Mapping[str, Any]) -> str:
    """The refusal of a report or of a part of it; one that was kept before refusals could be translated stays as it is."""
    refusal = report.get("refusal")
    return _(refusal["words"]) % refusal["figures"] if refusal else str(report["refused"])
