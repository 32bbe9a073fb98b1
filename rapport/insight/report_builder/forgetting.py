"""Taking a person out of reports and dashboards: a filter may be her address, a name hers."""

from __future__ import annotations

from typing import Any

from rapport.core.personal import Person
from rapport.insight.models import Dashboard, SavedReport
from rapport.records.saved_views.forgetting import mentions

_NAMELESS = "…"


def collect_reports(person: Person) -> dict[str, list[dict[str, Any]]]:
    """What reports say of her, and nothing else that they say."""
    found = [{"report": str(each.public_id), "said": text} for each in _reports() for text in _said_of(each, person)]
    found += [{"dashboard": str(each.public_id), "said": each.name} for each in _dashboards(person)]
    return {"reports": found} if found else {}


def forget_in_reports(person: Person) -> dict[str, int]:
    """Each part that mentions her goes; the report stays with the others. Says how many were changed."""
    changed = {"insight_savedreport": 0, "insight_dashboard": 0}
    for report in _reports():
        said = set(_said_of(report, person))
        if said:
            parts = {key: [part for part in _parts(value) if part not in said] for key, value in report.asked.items()}
            name = f"{_NAMELESS} {report.pk}" if report.name in said else report.name
            kept = {key: values for key, values in parts.items() if values}
            SavedReport.objects.filter(pk=report.pk).update(name=name, asked=kept)
            changed["insight_savedreport"] += 1
    for dashboard in _dashboards(person):
        Dashboard.objects.filter(pk=dashboard.pk).update(name=f"{_NAMELESS} {dashboard.pk}")
        changed["insight_dashboard"] += 1
    return {table: count for table, count in changed.items() if count}


def _reports() -> list[SavedReport]:
    return list(SavedReport.objects.order_by("pk"))


def _dashboards(person: Person) -> list[Dashboard]:
    return [each for each in Dashboard.objects.order_by("pk") if mentions(each.name, person)]


def _said_of(report: SavedReport, person: Person) -> list[str]:
    """The name and the parts of what is asked that mention her."""
    asked = [(key, part) for key, value in report.asked.items() for part in _parts(value)]
    named = [report.name] if mentions(report.name, person) else []
    return named + [part for key, part in asked if mentions(part, person, is_search=key == "q")]


def _parts(value: object) -> list[str]:
    return [str(part) for part in (value if isinstance(value, list) else [value])]
