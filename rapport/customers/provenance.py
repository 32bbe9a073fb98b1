"""Where each shown value comes from: the profile, its file and line, the raw value, the instant, and the rule that chose it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.customers.golden import EVERY_FIELD, GOLDEN_FIELDS, STAFF_SOURCE
from rapport.customers.models import Customer, Profile
from rapport.customers.presenting import as_read

LABELS: dict[str, Any] = {
    "name": gettext_lazy("Name"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "organization": gettext_lazy("Organization"),
    "job_title": gettext_lazy("Job title"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "website": gettext_lazy("Web site"),
    "street": gettext_lazy("Street"),
    "postal_code": gettext_lazy("Postal code"),
    "city": gettext_lazy("City"),
    "region": gettext_lazy("Region"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
    "life_stage": gettext_lazy("Life stage"),
    "preferred_channel": gettext_lazy("Prefers to be reached by"),
    "born_on": gettext_lazy("Born on"),
}


@dataclass(frozen=True)
class ShownValue:
    """A value on the customer page, with its origin. `others` are what other profiles say instead."""

    field: str
    label: str | Promise
    value: Any
    profile: Profile | None
    rule: str
    file_name: str
    others: tuple[tuple[Profile, Any], ...]

    @property
    def text(self) -> str:
        return as_read(self.field, self.value)

    @property
    def pieces(self) -> list[str]:
        """The text between which a line may break: an address of e-mail before its @ and its dots."""
        return re.split(r"(?=[@.])", self.text) if self.field == "email" else [self.text]

    @property
    def said_by_others(self) -> list[tuple[Profile, str]]:
        return [(profile, as_read(self.field, said)) for profile, said in self.others]

    @property
    def raw_value(self) -> str:
        """The value as it came in, where the source's own columns still tell."""
        raw = self.profile.raw if self.profile is not None else {}
        return str(raw[self.field]) if isinstance(raw, dict) and raw.get(self.field) not in (None, "") else ""

    @property
    def raw_record(self) -> list[tuple[str, str]]:
        raw = self.profile.raw if self.profile is not None else {}
        return [(str(name), str(value)) for name, value in raw.items() if value not in (None, "")][:24]


def explain(customer: Customer, profiles: list[Profile], *, files: Mapping[int, str]) -> list[ShownValue]:
    """Every golden value that is shown, in the order of the fields. `files` names the imports of the profiles."""
    by_id = {profile.pk: profile for profile in profiles}
    everything = customer.provenance.get(EVERY_FIELD)
    shown = []
    for field in GOLDEN_FIELDS:
        value = getattr(customer, field)
        if value in (None, ""):
            continue
        winner = by_id.get(customer.provenance.get(field, everything))
        saying = [(p, getattr(p, field)) for p in profiles if getattr(p, field) not in (None, "")]
        others = tuple((p, said) for p, said in saying if p is not winner)
        file_name = files.get(winner.import_id, "") if winner is not None and winner.import_id else ""
        shown.append(ShownValue(field, LABELS[field], value, winner, _rule(winner, field, others), file_name, others))
    return shown


_ADDRESS = ("street", "postal_code", "city", "region", "country")


def by_label(values: Sequence[ShownValue]) -> list[tuple[str | Promise, list[ShownValue]]]:
    """The values as the page lists them: the lines of an address stand together."""
    groups: dict[str, tuple[str | Promise, list[ShownValue]]] = {}
    for shown in values:
        is_address = shown.field in _ADDRESS
        key = "address" if is_address else shown.field
        groups.setdefault(key, (_("Address") if is_address else shown.label, []))[1].append(shown)
    return list(groups.values())


def main_source(values: Sequence[ShownValue]) -> str:
    """The label of the source that says most of what is shown."""
    counted = Counter(shown.profile.source.label for shown in values if shown.profile is not None)
    return counted.most_common(1)[0][0] if counted else ""


def _rule(winner: Profile | None, field: str, others: tuple[tuple[Profile, Any], ...]) -> str:
    if winner is None:
        return _("Not known any more")
    if not others:
        return _("The only source that says it")
    if all(said == getattr(winner, field) for _other, said in others):
        return _("%(count)s sources say the same") % {"count": len(others) + 1}
    if winner.source.name == STAFF_SOURCE:
        return _("What staff enter wins")
    if all(winner.source.priority < other.source.priority for other, _said in others):
        return _("%(source)s comes before the other sources") % {"source": winner.source.label}
    return _("Newest of %(count)s sources") % {"count": len(others) + 1}
