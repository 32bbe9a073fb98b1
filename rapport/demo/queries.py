"""What others may ask about the demo company."""

from __future__ import annotations

from rapport.accounts.queries import business
from rapport.demo.models import DemoBuild


def can_be_built() -> bool:
    """Whether `rapport demo` has something to do: nothing is set up, or a build was stopped before its end."""
    return business() is None or DemoBuild.objects.filter(finished_at=None).exists()
