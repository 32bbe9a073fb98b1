"""What a pasted signature puts into the form of a new customer, and the further numbers that are kept with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.customers.contact_points.actions import PointExists, add_contact_point
from rapport.customers.contact_points.forms import POINT_FORMS
from rapport.customers.contact_points.reading import EMAIL, LABELS_OF, PHONE, label_text
from rapport.customers.forms import DetailsForm
from rapport.customers.models import Customer
from rapport.customers.normalizing import country_name
from rapport.customers.presenting import as_read
from rapport.customers.signatures.reading import LONGEST, read_signature
from rapport.records.layouts.sight import hidden_names

if TYPE_CHECKING:
    from rapport.accounts.models import User

__all__ = ["LONGEST", "Further", "Reading", "further_from", "keep_further", "read"]


@dataclass(frozen=True)
class Further:
    """A number or an address besides the first one, as it travels with the form."""

    kind: str
    label: str
    value: str

    @property
    def sent(self) -> str:
        return f"{self.kind}:{self.label}:{self.value}"

    @property
    def said(self) -> str:
        what = _("E-mail") if self.kind == EMAIL else label_text(self.label)
        return f"{what} {as_read('phone', self.value) if self.kind == PHONE else self.value}"


@dataclass(frozen=True)
class Reading:
    """What was understood, as this person may see and type it; `left` is what nothing was made of."""

    kind: str
    values: dict[str, str]
    further: list[Further]
    left: list[str]

    def shown(self, form: DetailsForm) -> list[tuple[Any, str]]:
        """What was understood, by the labels of the form."""
        return [
            (form.fields[name].label, as_read(name, self.values[name])) for name in form.fields if name in self.values
        ]


def read(text: str, *, by: User, country: str = "") -> Reading:
    understood, hidden = read_signature(text, country=country), hidden_names(by, "customer")
    further = [Further(*each) for each in understood.further if each[0] not in hidden]
    values = {name: value for name, value in understood.values.items() if name not in hidden}
    if "country" in values:
        values["country"] = country_name(values["country"])
    return Reading(understood.kind, values, further, understood.left)


def further_from(sent: Sequence[str], *, by: User) -> list[Further]:
    """What came back with the form, as far as it is what could be typed and this person may."""
    hidden = hidden_names(by, "customer")
    found = []
    for text in sent[:10]:
        kind, _stroke, rest = text.partition(":")
        label, _stroke, value = rest.partition(":")
        if kind in (EMAIL, PHONE) and kind not in hidden and label in LABELS_OF[kind]:
            form = POINT_FORMS[kind]({"value": value, "label": label})
            if form.is_valid():
                found.append(Further(kind, label, value))
    return found


def keep_further(
    customer: Customer, further: Sequence[Further], *, by: User, now: datetime, request: HttpRequest | None = None
) -> None:
    for each in further:
        with suppress(PointExists):
            typed = {"value": each.value, "label": each.label}
            add_contact_point(customer, each.kind, typed, by=by, now=now, request=request)
