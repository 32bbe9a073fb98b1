"""Where each shown value comes from: the profile, its file and line, the raw value, the instant, and the rule that chose it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.customers.addresses import Address
from rapport.customers.golden import CUSTOM_PREFIX, EVERY_FIELD, said_by, unit_of
from rapport.customers.models import Customer, Profile
from rapport.customers.presenting import as_read
from rapport.customers.survivorship.rules import FREQUENT, LONGEST, RECENT, Rules

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
UNIT_LABELS: dict[str, Any] = {**LABELS, "address": gettext_lazy("Address")}


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
    can_be_taken_back: bool = False
    read: Callable[[Any], str] | None = None
    href: str = ""

    def read_by(self, read: Callable[[Any], str], *, href: str = "") -> ShownValue:
        """The same, written for a reader in another way, and leading somewhere."""
        return replace(self, read=read, href=href)

    @property
    def unit(self) -> str:
        return unit_of(self.field).name

    @property
    def together(self) -> str:
        """What is said of fields that are chosen together, where sources disagree."""
        if not self.others or self.unit not in _TOGETHER:
            return ""
        return str(_TOGETHER[self.unit])

    @property
    def text(self) -> str:
        return self._as_read(self.value)

    def _as_read(self, value: Any) -> str:
        return self.read(value) if self.read is not None else as_read(self.field, value)

    @property
    def pieces(self) -> list[str]:
        """The text between which a line may break: an address of e-mail before its @ and its dots."""
        return re.split(r"(?=[@.])", self.text) if self.field == "email" else [self.text]

    @property
    def said_by_others(self) -> list[tuple[Profile, str]]:
        return [(profile, self._as_read(said)) for profile, said in self.others]

    @property
    def raw_value(self) -> str:
        """The value as it came in, where the source's own columns still tell."""
        raw = self.profile.raw if self.profile is not None else {}
        return str(raw[self.field]) if isinstance(raw, dict) and raw.get(self.field) not in (None, "") else ""

    @property
    def raw_record(self) -> list[tuple[str, str]]:
        raw = self.profile.raw if self.profile is not None else {}
        return [(str(name), str(value)) for name, value in raw.items() if value not in (None, "")][:24]


@dataclass(frozen=True)
class ShownAddress(ShownValue):
    """The lines of an address as one value, since one source says all of them. `others` are the addresses of others."""

    parts: tuple[ShownValue, ...] = ()

    @property
    def address(self) -> Address:
        return Address(**{part.field: part.value for part in self.parts})

    @property
    def text(self) -> str:
        return ", ".join(self.address.lines)

    @property
    def raw_value(self) -> str:
        return ", ".join(part.raw_value for part in self.parts if part.raw_value)

    @property
    def said_by_others(self) -> list[tuple[Profile, str]]:
        return [(profile, ", ".join(said.lines)) for profile, said in self.others]


def whole_address(
    parts: Sequence[ShownValue], profiles: Sequence[Profile], *, fields: Sequence[str], rules: Rules
) -> ShownAddress:
    """The shown lines of an address with one story for all of them; `fields` are those that this reader sees."""
    winner = parts[0].profile
    said = [(p, Address(**{field: said_by(p, field) for field in fields})) for p in profiles if p is not winner]
    shown = ShownAddress(
        field="address", label=UNIT_LABELS["address"], value=", ".join(str(part.value) for part in parts),
        profile=winner, rule="", file_name=parts[0].file_name,
        others=tuple((profile, address) for profile, address in said if address.lines),
        can_be_taken_back=any(part.can_be_taken_back for part in parts), parts=tuple(parts),
    )  # fmt: skip
    return replace(shown, rule=_why(winner, parts[0].field, shown.others, rules, value=shown.address))


_TOGETHER = {
    "name": gettext_lazy("The parts of a name are taken from one source together."),
    "address": gettext_lazy("The lines of an address are taken from one source together."),
}


def explain(
    customer: Customer,
    profiles: Sequence[Profile],
    *,
    rules: Rules,
    files: Mapping[int, str],
    custom_labels: Mapping[str, str] | None = None,
) -> list[ShownValue]:
    """Every golden value that is shown, in the order of the fields, then the custom values that have a label.

    `files` names the imports of the profiles.
    """
    by_id = {profile.pk: profile for profile in profiles}
    labels = {**LABELS, **{f"{CUSTOM_PREFIX}{name}": label for name, label in (custom_labels or {}).items()}}
    everything = customer.provenance.get(EVERY_FIELD)
    shown = []
    for field in labels:
        value = said_by(customer, field)
        if value is None:
            continue
        winner = by_id.get(customer.provenance.get(field, everything))
        saying = [(p, said_by(p, field)) for p in profiles if said_by(p, field) is not None]
        others = tuple((p, said) for p, said in saying if p is not winner)
        file_name = files.get(winner.import_id, "") if winner is not None and winner.import_id else ""
        why, back = _why(winner, field, others, rules), _can_be_taken_back(winner, field, profiles, rules)
        shown.append(ShownValue(field, labels[field], value, winner, why, file_name, others, back))
    return shown


def main_source(values: Sequence[ShownValue]) -> str:
    """The label of the source that says most of what is shown; a name or an address counts once."""
    units = {(shown.unit, shown.profile.source.label) for shown in values if shown.profile is not None}
    counted = Counter(label for _unit, label in sorted(units))
    return counted.most_common(1)[0][0] if counted else ""


def _can_be_taken_back(winner: Profile | None, field: str, profiles: Sequence[Profile], rules: Rules) -> bool:
    """Whether staff say it, and somebody else says something that could be shown instead."""
    if winner is None or winner.source_id != rules.staff_id:
        return False
    fields = unit_of(field).fields
    return any(p.source_id != rules.staff_id and any(said_by(p, f) is not None for f in fields) for p in profiles)


def _why(
    winner: Profile | None, field: str, others: tuple[tuple[Profile, Any], ...], rules: Rules, *, value: Any = None
) -> str:
    """The rule that decided, in words; `value` where it is not that of the one field."""
    if winner is None:
        return _("Not known any more")
    if not others:
        return _("The only source that says it")
    if all(said == (value or said_by(winner, field)) for _other, said in others):
        return _("%(count)s sources say the same") % {"count": len(others) + 1}
    rivals = [profile for profile, _said in others]
    return (
        _why_whole(winner, field, rivals)
        or _why_by_rule(winner, field, rivals, rules)
        or _why_first(winner, field, rivals, rules)
    )


def _why_whole(winner: Profile, field: str, rivals: Sequence[Profile]) -> str:
    unit = unit_of(field)
    if not unit.lead or not _says_any(winner, unit.lead) or any(_says_any(rival, unit.lead) for rival in rivals):
        return ""
    return (
        _("No other source says a whole address") if unit.name == "address" else _("No other source says a whole name")
    )


def _says_any(profile: Profile, fields: Sequence[str]) -> bool:
    return any(said_by(profile, field) is not None for field in fields)


def _why_by_rule(winner: Profile, field: str, rivals: Sequence[Profile], rules: Rules) -> str:
    unit = unit_of(field)
    rule, count = rules.rule_of(unit.name), len(rivals) + 1
    if rules.puts_staff_first(unit.name) and winner.source_id == rules.staff_id:
        return _("What staff enter wins")
    if rule == RECENT and all(winner.seen_at > rival.seen_at for rival in rivals):
        return _("Said last, of %(count)s sources") % {"count": count}
    if rule == FREQUENT:
        said = Counter(text for text, _source in {(_folded(p, unit.fields), p.source_id) for p in (winner, *rivals)})
        most = said.pop(_folded(winner, unit.fields))
        if most > max(said.values(), default=0):
            return _("%(most)s of %(count)s sources say it") % {"most": most, "count": count}
    if rule == LONGEST and all(_length(winner, unit.fields) > _length(rival, unit.fields) for rival in rivals):
        return _("The longest of %(count)s values") % {"count": count}
    return ""


def _folded(profile: Profile, fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(said_by(profile, field) or "").lower() for field in fields)


def _length(profile: Profile, fields: Sequence[str]) -> int:
    return sum(map(len, _folded(profile, fields)))


def _why_first(winner: Profile, field: str, rivals: Sequence[Profile], rules: Rules) -> str:
    unit = unit_of(field)
    first = rules.priority_of(unit.name, winner.source_id)
    alike = [rival for rival in rivals if rules.priority_of(unit.name, rival.source_id) <= first]
    if alike:
        words = (
            _("Newest of %(count)s sources")
            if len(alike) == len(rivals)
            else _("Newest of the %(count)s sources that come first")
        )
        return words % {"count": len(alike) + 1}
    if winner.source_id == rules.staff_id:
        return _("What staff enter wins")
    words = (
        _("For this field, %(source)s comes before the other sources")
        if unit.name in rules.own_priorities
        else _("%(source)s comes before the other sources")
    )
    return words % {"source": winner.source.label}
