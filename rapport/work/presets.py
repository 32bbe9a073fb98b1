"""Files of tasks that Rapport has written itself: they are known, and refused, so that no task comes in twice."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from rapport.records.imports.presets import Preset

_ARE_THERE = gettext_noop(
    "The file holds tasks of this Rapport. They are there already, so nothing of it was taken; change them in their list."
)
PRESETS = (
    Preset(
        name="rapport-tasks",
        label=_("tasks as Rapport exports them"),
        told_by=("rapport task id",),
        at_least=1,
        is_ours=True,
        refused=_ARE_THERE,
    ),
)
