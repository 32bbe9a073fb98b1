"""What the details of a customer show: every value with its origin, what can be changed in place, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from rapport.customers import queries
from rapport.customers.access import may_change
from rapport.customers.contact_points.reading import imports_of, points_of, shown_ways, ways_of
from rapport.customers.golden import CUSTOM_PREFIX, STAFF_SOURCE, UNIT_BY_NAME, UNITS, Unit, said_by, unit_of
from rapport.customers.models import Customer, Profile
from rapport.customers.normalizing import KEYLESS_PREFIX
from rapport.customers.presenting import as_read
from rapport.customers.provenance import LABELS, UNIT_LABELS, ShownValue, explain, main_source, whole_address
from rapport.customers.survivorship.rules import Rules, rules_in_force
from rapport.records.custom_fields.declaring import CustomDefinition, as_text, href_of
from rapport.records.imports.queries import import_file_names
from rapport.records.layouts.sight import hidden_names, visible_custom_fields
from rapport.records.tags.tagging import tags_held

if TYPE_CHECKING:
    from rapport.accounts.models import User


@dataclass(frozen=True)
class Row:
    """One line of the details. `begins` says that it is the first of what is changed together."""

    label: str | Promise
    unit: str
    shown: ShownValue
    begins: bool = True


@dataclass(frozen=True)
class Editable:
    """What can be changed in place: a unit of golden attributes, or one field of the business's own."""

    name: str
    label: str | Promise
    unit: Unit
    own: CustomDefinition | None = None

    @property
    def key(self) -> str:
        """Its name in ids of the page."""
        return self.name.replace(".", "-")


def editable_units(user: User, *, hidden: frozenset[str] | None = None) -> dict[str, Editable]:
    """What `user` sees of a customer, by the name of the unit. `hidden` where it has been read already."""
    hidden = hidden_names(user, "customer") if hidden is None else hidden
    seen = [replace(unit, fields=tuple(field for field in unit.fields if field not in hidden)) for unit in UNITS]
    found = {unit.name: Editable(unit.name, UNIT_LABELS[unit.name], unit) for unit in seen if unit.fields}
    for each in visible_custom_fields(user, "customer"):
        name = f"{CUSTOM_PREFIX}{each.name}"
        found[name] = Editable(name, each.label, unit_of(name), each)
    return found


def details_of(user: User, customer: Customer) -> dict[str, Any]:
    """The values behind customers/details.html."""
    hidden = hidden_names(user, "customer")
    units = editable_units(user, hidden=hidden)
    profiles, points = queries.profiles_of(customer), points_of(customer)
    files = import_file_names(imports_of(profiles, points))
    custom = {each.own.name: each.own for each in units.values() if each.own is not None}
    labels = {name: definition.label for name, definition in custom.items()}
    rules = rules_in_force()
    values = explain(customer, profiles, rules=rules, files=files, custom_labels=labels)
    values = [_as_read(shown, custom) for shown in values if _is_seen(shown.field, hidden)]
    rows = rows_of(values, profiles, hidden=hidden, rules=rules)
    ways = ways_of(customer, profiles, points, files=files)
    return {
        "customer": customer,
        "title": queries.name_of(customer, hidden=hidden),
        "hidden": hidden,
        "country_name": _country_name,
        "number_of": _number_of,
        "tags_of": tags_held("customer", customer.tags),
        "rows": rows,
        "units": units,
        "missing": [each for name, each in units.items() if name not in {row.unit for row in rows}],
        "main_source": main_source(values),
        "shows_raw": not hidden,
        "profiles": profiles,
        "ways": [way for way in shown_ways(ways, hidden=hidden) if not way.is_first],
        "may_edit": may_change(user, customer),
    }


def rows_of(
    values: Sequence[ShownValue], profiles: Sequence[Profile], *, hidden: frozenset[str], rules: Rules
) -> list[Row]:
    """The values as the page lists them, an address as one."""
    lines = [shown for shown in values if shown.unit == "address"]
    seen_lines = [field for field in UNIT_BY_NAME["address"].fields if _is_seen(field, hidden)]
    rows, seen = [], set[str]()
    for shown in values:
        if shown in lines[1:]:
            continue
        one = shown if shown not in lines else whole_address(lines, profiles, fields=seen_lines, rules=rules)
        rows.append(Row(one.label, one.unit, one, one.unit not in seen))
        seen.add(one.unit)
    return rows


def _country_name(customer: Customer) -> str:
    return as_read("country", customer.country or "")


def _number_of(profile: Profile) -> str:
    """What its source calls the profile; nothing where that is a name of ours, because the source has none."""
    is_ours = profile.source.name == STAFF_SOURCE or profile.external_id.startswith(KEYLESS_PREFIX)
    return "" if is_ours else profile.external_id


def _is_seen(field: str, hidden: frozenset[str]) -> bool:
    return field.removeprefix(CUSTOM_PREFIX) not in hidden


def _as_read(shown: ShownValue, custom: dict[str, CustomDefinition]) -> ShownValue:
    definition = custom.get(shown.field.removeprefix(CUSTOM_PREFIX))
    if definition is None:
        return shown
    return shown.read_by(lambda value: as_text(definition, value), href=href_of(definition, shown.value))


def clash(editable: Editable | None, current: Customer, name: str, yours: Any) -> tuple[Any, str, str]:
    """(field, what is saved now, what was typed), as a reader sees them."""

    def read(value: Any) -> str:
        if value in (None, "", []):
            return "—"
        return as_text(editable.own, value) if editable is not None and editable.own else as_read(name, value)

    label = editable.label if editable is not None else name
    return LABELS.get(name, label), read(said_by(current, name)), read(yours)
