"""How imports are put into words on their pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.core.events import consequences
from rapport.core.money import format_money
from rapport.records.events import ImportFinished, ImportUndone
from rapport.records.imports.encodings import OFFERED, offered_name
from rapport.records.imports.importing import importers
from rapport.records.models import Import, ImportProblem, ImportState

_CHIPS = {
    ImportState.DRAFT: (gettext_lazy("Not started"), "plain"),
    ImportState.WAITING: (gettext_lazy("Waiting"), "accent"),
    ImportState.RUNNING: (gettext_lazy("Running"), "accent"),
    ImportState.CANCELLING: (gettext_lazy("Being cancelled"), "warn"),
    ImportState.CANCELLED: (gettext_lazy("Cancelled"), "warn"),
    ImportState.DONE: (gettext_lazy("Done"), "good"),
    ImportState.FAILED: (gettext_lazy("Stopped"), "bad"),
    ImportState.UNDOING: (gettext_lazy("Being undone"), "warn"),
    ImportState.UNDONE: (gettext_lazy("Undone"), "plain"),
}
_ANNOUNCED = {ImportState.DONE: ImportFinished, ImportState.UNDONE: ImportUndone}
_NEWS_FOR = timedelta(minutes=2)
_COUNTS = {
    "new": gettext_lazy("new"),
    "changed": gettext_lazy("changed"),
    "same": gettext_lazy("as before"),
    "repeated": gettext_lazy("repeated in the file"),
    "known": gettext_lazy("known already"),
    "lines": gettext_lazy("lines"),
    "orders": gettext_lazy("orders"),
    "known_orders": gettext_lazy("orders known already"),
    "cancellations": gettext_lazy("cancellations"),
    "customers": gettext_lazy("customers"),
    "products": gettext_lazy("products"),
    "unknown_owners": gettext_lazy("left to nobody, for want of one person of that name here"),
    "unknown_customers": gettext_lazy("left out, for want of their customer"),
    "unassigned": gettext_lazy("left to nobody, for want of somebody here who may see them"),
    "without_customer": gettext_lazy("of customers that the source has not brought"),
    "net_micros": gettext_lazy("net total"),
    "net_with_customer_micros": gettext_lazy("net total with a customer"),
}


@dataclass(frozen=True)
class Figure:
    """A count, or an amount, with what it counts."""

    label: str
    value: int | str


def state_chip(job: Import) -> tuple[str, str]:
    """The word for the import's state, and the kind of chip it goes into."""
    label, kind = _CHIPS[ImportState(job.state)]
    if job.state == ImportState.DRAFT and "preview" in job.counts:
        return _("Checked"), "plain"
    return str(label), kind


def stage_words(job: Import) -> str:
    """What is being done now."""
    if job.stage == "reading":
        return _("Reading the file")
    if job.stage == "undoing":
        return _("Putting everything back")
    importer = importers().get(job.importer)
    phases = {phase.name: str(phase.label) for phase in importer.phases} if importer else {}
    return phases.get(job.stage, _("Waiting for a worker") if job.state == ImportState.WAITING else "")


def what_follows(job: Import, *, now: datetime) -> list[str]:
    """What other rooms do, now that the import has just come to its end."""
    announced = _ANNOUNCED.get(ImportState(job.state))
    if announced is None or job.finished_at is None or now - job.finished_at > _NEWS_FOR:
        return []
    return list(dict.fromkeys(consequences(announced)))


def offered_encodings() -> list[tuple[str, str]]:
    """Every encoding that can be chosen by hand, by its name."""
    return [(name, f"{_(label)} · {name}") for name, label in OFFERED]


def encoding_name(name: str) -> str:
    """The name by which the encoding of a file is offered, or its own where it is not."""
    return offered_name(name) or name if name else ""


def figures(job: Import) -> list[Figure]:
    """What was counted: of a dry run, or of all that was done."""
    currency = str(job.answers.get("currency") or "")
    if "preview" in job.counts:
        return [_figure("", name, value, currency) for name, value in _sorted(job.counts["preview"])]
    importer = importers().get(job.importer)
    labels = {phase.name: str(phase.label) for phase in importer.phases} if importer else {}
    return [
        _figure(labels.get(phase, phase), name, value, currency)
        for phase, counts in job.counts.get("phases", {}).items()
        for name, value in _sorted(counts)
        if name != "rows" and (value or name == "new")
    ]


def _sorted(counts: dict[str, int]) -> list[tuple[str, int]]:
    known = list(_COUNTS)
    return sorted(counts.items(), key=lambda item: known.index(item[0]) if item[0] in known else len(known))


def _figure(phase: str, name: str, value: int, currency: str) -> Figure:
    words = str(_COUNTS.get(name, name.replace("_", " ")))
    label = f"{phase}: {words}" if phase else words[:1].upper() + words[1:]
    if name.endswith("_micros"):
        return Figure(label, format_money(value, currency) if currency else str(value / 1_000_000))
    return Figure(label, value)


def refused_summary(job: Import) -> list[tuple[str, str, int]]:
    """Column, reason and number of the commonest reasons for which rows were refused."""
    found = (
        ImportProblem.objects.filter(job=job)
        .values_list("column", "reason")
        .annotate(number=Count("pk"))
        .order_by("-number")
    )
    return [(column or _("Row"), _(reason), number) for column, reason, number in found[:10]]
