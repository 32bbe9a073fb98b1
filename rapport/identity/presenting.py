"""Identity in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.customers.golden import GOLDEN_FIELDS, said_by
from rapport.customers.presenting import as_read
from rapport.customers.provenance import LABELS

_COMPARED = ("email", "phone", "organization", "street", "postal_code", "city", "born_on")


def kind_label(kind: int) -> str:
    return {0: _("Merged by hand"), 1: _("E-mail"), 2: _("Phone"), 3: _("Loyalty card"), 4: _("Cookie")}[kind]


def field_of(kind: int) -> str:
    """The field of a customer that an identifier of this kind is shown in, as far as it is one that can be hidden."""
    return {1: "email", 2: "phone"}.get(kind, "")


def shares_label(shares: Iterable[str]) -> str:
    words = {"email": _("same e-mail"), "phone": _("same phone"), "name": _("same name")}
    return ", ".join(words[share] for share in shares)


def told_apart_by(customer: Any, *, hidden: Collection[str] = ()) -> list[tuple[Any, str]]:
    """What tells two customers apart at a glance, for somebody who does not see the `hidden` fields."""
    said = {name: getattr(customer, name) for name in _COMPARED if name not in hidden}
    return [(LABELS[name], as_read(name, value)) for name, value in said.items() if value]


def said_by_all(profiles: Iterable[Any], *, hidden: Collection[str] = ()) -> list[tuple[Any, list[str]]]:
    """What the sources of one side say, whatever is shown of it; each value once, that of the first source first."""
    ordered, found = list(profiles), []
    for field in GOLDEN_FIELDS:
        said = [
            as_read(field, value) for value in (said_by(profile, field) for profile in ordered) if value is not None
        ]
        if said and field not in hidden:
            found.append((LABELS[field], list(dict.fromkeys(said))))
    return found
