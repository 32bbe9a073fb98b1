"""All the ways to reach a customer, from every profile: the first one, which is the golden value, and the further ones."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from rapport.customers.addresses import Address
from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import ContactPoint, ContactPointKind, Customer, Profile
from rapport.customers.normalizing import normalize_email, normalize_phone
from rapport.customers.presenting import as_read
from rapport.customers.provenance import ShownValue

EMAIL, PHONE, ADDRESS = (kind.value for kind in ContactPointKind)
LABELS: dict[str, str | Promise] = {
    "work": pgettext_lazy("contact label", "Work"),
    "home": pgettext_lazy("contact label", "Home"),
    "mobile": pgettext_lazy("contact label", "Mobile"),
    "fax": pgettext_lazy("contact label", "Fax"),
    "billing": pgettext_lazy("contact label", "Billing"),
    "delivery": pgettext_lazy("contact label", "Delivery"),
    "other": pgettext_lazy("contact label", "Other"),
}
LABELS_OF = {
    EMAIL: ("work", "home", "billing", "other"),
    PHONE: ("mobile", "work", "home", "fax", "other"),
    ADDRESS: ("billing", "delivery", "work", "home", "other"),
}
_KIND_LABELS = {
    EMAIL: gettext_lazy("E-mail"),
    PHONE: gettext_lazy("Phone"),
    ADDRESS: gettext_lazy("Address"),
}


@dataclass(frozen=True)
class Way:
    """One way to reach a customer, with the profiles that state it and the contact point that can be changed."""

    kind: str
    value: str
    label: str = ""
    address: Address | None = None
    is_first: bool = False
    profiles: tuple[Profile, ...] = ()
    point: ContactPoint | None = None
    file_name: str = ""

    @property
    def key(self) -> str:
        """Names the way in a form; it says nothing of the value."""
        return hashlib.sha256(
            "\x1f".join((self.kind, *_identity(self.kind, self.value, self.address))).encode()
        ).hexdigest()[:16]

    @property
    def kind_label(self) -> str:
        return str(_KIND_LABELS[self.kind])

    @property
    def label_text(self) -> str:
        return label_text(self.label)

    @property
    def lines(self) -> list[str]:
        if self.address is not None:
            return self.address.lines
        return [as_read("phone", self.value) if self.kind == PHONE else self.value]

    @property
    def language(self) -> str:
        return self.address.language if self.address is not None else ""

    @property
    def origin(self) -> ShownValue:
        """Where it comes from, as every value on the page tells it."""
        first = self.profiles[0] if self.profiles else None
        others = tuple((profile, ", ".join(self.lines)) for profile in self.profiles[1:])
        rule = _("Stated besides the first one")
        return ShownValue(
            f"further.{self.kind}", self.kind_label, ", ".join(self.lines), first, rule, self.file_name, others
        )


def label_text(label: str) -> str:
    """A label in words; one that came from elsewhere stays as it is."""
    return str(LABELS.get(label, label))


def points_of(customer: Customer) -> list[ContactPoint]:
    return list(ContactPoint.objects.filter(customer=customer).order_by("kind", "pk")[:200])


def imports_of(profiles: Iterable[Profile], points: Iterable[ContactPoint]) -> list[int]:
    """The imports that brought what they say."""
    ids = [*(profile.import_id for profile in profiles), *(point.import_id for point in points)]
    return [number for number in ids if number is not None]


def ways_of(
    customer: Customer, profiles: Sequence[Profile], points: Iterable[ContactPoint], *, files: Mapping[int, str]
) -> list[Way]:
    """Every way once, by kind; the first of each kind is the golden value. `files` names the imports of the profiles."""
    by_id = {profile.pk: profile for profile in profiles}
    found: dict[str, Way] = {}
    for way in _firsts(customer):
        found[way.key] = way
    for profile in profiles:
        for way in _stated(profile):
            _join(found, replace(way, profiles=(profile,), file_name=files.get(profile.import_id or 0, "")))
    for point in points:
        said_by = by_id.get(point.profile_id)
        way = Way(
            point.kind, point.value, point.label, Address.of(point) if point.kind == ADDRESS else None, point=point,
            profiles=(said_by,) if said_by is not None else (), file_name=files.get(point.import_id or 0, ""),
        )  # fmt: skip
        _join(found, way)
    order = {kind: place for place, kind in enumerate((EMAIL, PHONE, ADDRESS))}
    return sorted(found.values(), key=lambda way: (order[way.kind], not way.is_first))


def kinds_shown(hidden: Collection[str]) -> list[str]:
    """The kinds of ways that somebody sees who does not see the `hidden` golden attributes."""
    address = all(part not in hidden for part in ("street", "postal_code", "city"))
    shown = {EMAIL: "email" not in hidden, PHONE: "phone" not in hidden, ADDRESS: address}
    return [kind for kind, is_shown in shown.items() if is_shown]


def shown_ways(ways: Iterable[Way], *, hidden: Collection[str]) -> list[Way]:
    """The ways without what the `hidden` golden attributes would tell."""
    kinds = kinds_shown(hidden)
    return [replace(way, address=_without(way.address, hidden)) for way in ways if way.kind in kinds]


def _without(address: Address | None, hidden: Collection[str]) -> Address | None:
    if address is None:
        return None
    return replace(address, **{part: None for part in ("region", "country") if part in hidden})


def _firsts(record: Customer) -> Iterable[Way]:
    return (replace(way, is_first=True) for way in _stated(record))


def _stated(record: Customer | Profile) -> Iterable[Way]:
    if record.email:
        yield Way(EMAIL, record.email)
    if record.phone:
        yield Way(PHONE, record.phone)
    address = Address.of(record)
    if address:
        yield Way(ADDRESS, ", ".join(filter(None, address.key)), address=address)


def _join(found: dict[str, Way], way: Way) -> None:
    known = found.get(way.key)
    if known is None:
        found[way.key] = way
        return
    found[way.key] = replace(
        known,
        label=known.label or way.label,
        point=known.point or way.point,
        profiles=(*known.profiles, *(p for p in way.profiles if p not in known.profiles)),
        file_name=known.file_name or way.file_name,
    )


def _identity(kind: str, value: str, address: Address | None) -> tuple[str, ...]:
    if kind == ADDRESS and address is not None:
        return address.key
    normal = normalize_email(value) if kind == EMAIL else normalize_phone(value)
    return (normal or value.casefold(),)


def is_staffs(profile: Profile) -> bool:
    return profile.source.name == STAFF_SOURCE


def point_fields(kind: str) -> tuple[str, ...]:
    """What can be typed of a contact point of this kind."""
    return ("label", "street", "postal_code", "city", "region", "country") if kind == ADDRESS else ("label", "value")


def said_of(point: ContactPoint) -> dict[str, Any]:
    return {field: getattr(point, field) or "" for field in point_fields(point.kind)}
