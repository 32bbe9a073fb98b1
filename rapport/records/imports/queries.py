"""Reads of imports."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from rapport.records.models import UNDER_WAY, Import, ImportProblem, ImportState


def find_import(number: str) -> Import | None:
    """An import by its number, or by its public id."""
    if number.isdecimal():
        return Import.objects.filter(pk=int(number[:18])).first()
    try:
        return Import.objects.filter(public_id=uuid.UUID(number)).first()
    except ValueError:
        return None


def first_problems(job: Import, *, at_most: int) -> QuerySet[ImportProblem]:
    return ImportProblem.objects.filter(job=job).order_by("line", "pk")[:at_most]


def problem_lines(job: Import) -> int:
    """How many rows were refused."""
    return int(job.counts.get("refused", 0))


def result_of(job: Import) -> dict[str, Any]:
    """What an import did, as the command line prints it in JSON."""
    return {
        "import": job.pk,
        "id": str(job.public_id),
        "file": job.file_name,
        "preset": job.importer,
        "state": job.state,
        "rows": job.counts.get("rows", 0),
        "refused": job.counts.get("refused", 0),
        "figures": figures_of(job),
        "phases": job.counts.get("phases", {}),
    }


def figures_of(job: Import) -> dict[str, Any]:
    """The counts of a dry run, or of all phases together, by a name that says what was counted."""
    if "preview" in job.counts:
        return dict(job.counts["preview"])
    figures: dict[str, Any] = {}
    for phase, counts in job.counts.get("phases", {}).items():
        for name, value in counts.items():
            if name != "rows" and (value or name in ("new", "changed")):
                figures[f"{phase}_{name}"] = _amount(value) if name.endswith("_micros") else value
    return figures


def _amount(micros: int) -> str:
    sign, whole = ("-" if micros < 0 else ""), abs(micros)
    return f"{sign}{whole // 1_000_000}.{whole % 1_000_000:06}".rstrip("0").rstrip(".")


def import_file_names(ids: Sequence[int]) -> dict[int, str]:
    """The name of the file behind each import."""
    if not ids:
        return {}
    return dict(Import.objects.filter(pk__in=set(ids)).values_list("pk", "file_name"))


def newest_import_zone() -> str:
    """The time zone that was answered for the newest import that came to its end; nothing where none was asked."""
    answered = Import.objects.filter(state=ImportState.DONE, answers__time_zone__gt="").order_by("-pk")
    return str(answered.values_list("answers__time_zone", flat=True).first() or "")


def imports_under_way() -> bool:
    return Import.objects.filter(state__in=UNDER_WAY).exists()
