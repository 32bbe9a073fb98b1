"""Reads of customers: for this room's pages and for other rooms."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.accounts.access import find_or_404, reach_of
from rapport.core.clock import business_day
from rapport.core.planned import planned
from rapport.core.remembering import remembered
from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import AT_HOME_FIRST, Customer, Interaction, Kind, Profile, Source, Touchpoint
from rapport.customers.normalizing import KEYLESS_PREFIX
from rapport.customers.touchpoints import RecordBehind, TouchpointKind, touchpoint_kinds
from rapport.records.layouts.sight import hidden_names
from rapport.records.places import UnknownPlace, read_place, write_place

if TYPE_CHECKING:
    from uuid import UUID

    from rapport.accounts.models import User

TIMELINE_PAGE = 30
_ACTIVITY_LOOKED_AT = 20_000
SEEN_BY = (
    "c.public_id = $1::uuid and c.trashed_at is null"
    " and ($2 or c.owner_id = any($3::bigint[]) or c.id = any($4::bigint[]))"
)
_SEEN = (
    sql.SQL("select c.id, c.merged_into_id from customers_customer c where {}").format(sql.SQL(SEEN_BY)).as_string(None)
)
_OF_IMPORT = """
select customer_id from (
    select customer_id from customers_profile where import_id = %(import)s
    union select customer_id from customers_touchpoint where import_id = %(import)s
    union select customer_id from customers_contactpoint where import_id = %(import)s
    union select customer_id from customers_consent where import_id = %(import)s
) said where customer_id is not null limit %(most)s
"""


def kind_choices() -> list[tuple[str, str | Promise]]:
    return [(value, label) for value, label in Kind.choices]


def find_source(name: str) -> Source | None:
    """The source called `name`, or None."""
    return Source.objects.filter(name=name).first()


def find_customer(user: User, public_id: Any) -> Customer:
    """The customer `user` may see under this id, or under the one it was merged into; else 404."""
    found: Customer = find_or_404(
        Customer.objects.filter(trashed_at=None).select_related("owner"), user, public_id=public_id
    )
    if found.merged_into_id is None:
        return found
    survivor: Customer = find_or_404(Customer.objects.present().select_related("owner"), user, pk=found.merged_into_id)
    return survivor


def find_customer_id(user: User, public_id: Any) -> int:
    """The key of the customer that `find_customer` finds, for who reads the rest in another way."""
    seen = planned(_SEEN, [public_id, *seen_by(user)])
    if not seen or seen[0][1] is not None:  # it is refused for one reason or another, or she is somebody else by now
        return find_customer(user, public_id).pk
    return int(seen[0][0])


def seen_by(user: User) -> list[Any]:
    """What `SEEN_BY` is asked with after the id."""
    reach = reach_of(user)
    return [reach.everything, list(reach.owner_ids), reach.shared_ids("customer")]


def customers_by_id(user: User, ids: Sequence[int]) -> dict[int, Customer]:
    """Those of the given customers that `user` may see."""
    if not ids:
        return {}
    wanted = Customer.objects.present().visible_to(user).filter(pk__in=ids)
    asked = ("customers", user.pk, user.grip, tuple(ids))
    return remembered(asked, lambda: {customer.pk: customer for customer in wanted})


def public_ids(ids: Sequence[int]) -> dict[int, UUID]:
    """The public ids of those of these customers who are present."""
    return dict(Customer.objects.present().filter(pk__in=ids).values_list("pk", "public_id"))


def shown_name(name: str | None, number: str | None) -> str:
    """What a customer is called on pages; one without a name goes by the number the source gave her."""
    if name:
        return name
    return _("Customer %(number)s") % {"number": number} if number else _("Unnamed customer")


def name_of(customer: Customer, *, hidden: Collection[str]) -> str:
    """What the customer is called, for somebody who does not see the `hidden` fields."""
    said = (getattr(customer, field) for field in ("name", "organization", "email", "phone") if field not in hidden)
    name = next(filter(None, said), None)
    if name:
        return name
    numbers = Profile.objects.filter(customer=customer).exclude(source__name=STAFF_SOURCE)
    numbers = numbers.exclude(external_id__startswith=KEYLESS_PREFIX)
    return shown_name(None, numbers.order_by("pk").values_list("external_id", flat=True).first())


def name_for(user: User, customer: Customer) -> str:
    """What `user` calls the customer: no field that is hidden from her role gives the name."""
    return name_of(customer, hidden=hidden_names(user, "customer"))


def profiles_of(customer: Customer) -> list[Profile]:
    """Every source's record of the customer, the strongest source first, then the newest."""
    found = Profile.objects.filter(customer=customer).select_related("source")
    strongest = found.order_by("source__priority", "-seen_at", "-pk")[:100]
    return remembered(("profiles", customer.pk), lambda: list(strongest))


@dataclass(frozen=True)
class TimelineEntry:
    """One line of the timeline."""

    touchpoint: Touchpoint
    kind: TouchpointKind
    record: RecordBehind
    is_closed: bool = False

    @property
    def title(self) -> str:
        return self.record.title or str(self.kind.label)

    @property
    def meta(self) -> str:
        if self.is_closed or self.record.quote:
            return self.record.detail
        return self.record.detail or self.touchpoint.summary


@dataclass(frozen=True)
class Timeline:
    """One page of a customer's touchpoints, newest first, in groups that carry a heading."""

    groups: list[tuple[str, list[TimelineEntry]]]
    kind: str = ""
    earlier: str | None = None
    entries: list[TimelineEntry] = field(default_factory=list)


def read_timeline(
    customer: Customer,
    *,
    user: User,
    now: datetime,
    zone: ZoneInfo,
    kind: str = "",
    before: str = "",
    size: int = TIMELINE_PAGE,
) -> Timeline:
    """The touchpoints before a place, or the newest."""
    kinds = touchpoint_kinds()
    if kind and kind not in kinds:
        raise UnknownPlace(kind)
    found = Touchpoint.objects.filter(customer_id=customer.pk).order_by("-occurred_at", "-pk")
    if kind:
        found = found.filter(kind=kind)
    if before:
        instant, last = read_place(before)
        found = found.filter(occurred_at__lte=instant).filter(Q(occurred_at__lt=instant) | Q(pk__lt=last))
    touchpoints = list(found[: size + 1])
    entries = _with_records(touchpoints[:size], user)
    earlier = (
        write_place(touchpoints[size - 1].occurred_at, touchpoints[size - 1].pk) if len(touchpoints) > size else None
    )
    groups = [
        (heading, list(items))
        for heading, items in groupby(entries, key=lambda e: _heading(e.touchpoint.occurred_at, now=now, zone=zone))
    ]
    return Timeline(groups, kind, earlier, entries)


def _with_records(touchpoints: list[Touchpoint], user: User) -> list[TimelineEntry]:
    kinds = touchpoint_kinds()
    records: dict[str, Any] = {}
    for name in {touchpoint.kind for touchpoint in touchpoints}:
        kind = kinds.get(name)
        ids = [t.record_id for t in touchpoints if t.kind == name and t.record_id is not None]
        may_read = kind is not None and (not kind.right or user.has_right(kind.right))
        records[name] = kind.records(ids) if kind is not None and kind.records is not None and ids and may_read else {}
    entries = []
    for touchpoint in touchpoints:
        kind = kinds.get(touchpoint.kind) or TouchpointKind(touchpoint.kind, touchpoint.kind.capitalize(), "circle-dot")
        record = records[touchpoint.kind].get(touchpoint.record_id) or RecordBehind()
        is_closed = bool(kind.right) and not user.has_right(kind.right)
        entries.append(TimelineEntry(touchpoint, kind, record, is_closed))
    return entries


def _heading(instant: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    today, day = business_day(now, zone=zone), business_day(instant, zone=zone)
    monday = today - timedelta(days=today.weekday())
    if day > today:
        return _("Ahead")
    if day >= monday:
        return _("This week")
    if (day.year, day.month) == (today.year, today.month):
        return _("Earlier in %(month)s") % {"month": _month(day, "LLLL")}
    return _month(day, "LLLL" if day.year == today.year else "LLLL y")


def _month(day: date, style: str) -> str:
    return str(format_date(day, style, locale=translation.to_locale(translation.get_language() or "en")))


def interactions_behind(ids: Sequence[int]) -> dict[int, RecordBehind]:
    """What was logged by hand, for the timeline."""
    found = Interaction.objects.filter(pk__in=ids).select_related("logged_by")
    return {
        interaction.pk: RecordBehind(
            quote=interaction.text, detail=_("logged by %(name)s") % {"name": interaction.logged_by.name}
        )
        for interaction in found
    }


@dataclass(frozen=True)
class Known:
    """Which of the eight kinds of data we have of a customer."""

    parts: list[tuple[str, bool]]
    touchpoint_kinds: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        return sum(present for _label, present in self.parts)

    @property
    def missing(self) -> list[str]:
        return [label for label, present in self.parts if not present]


def known_of(customer: Customer) -> Known:
    """The eight kinds of data a single view should hold, each known or missing, from what has come in so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select kind, channel from (select kind, channel from customers_touchpoint where customer_id = %s"
            " order by occurred_at desc limit %s) latest group by kind, channel",
            [customer.pk, _ACTIVITY_LOOKED_AT],
        )
        seen = cursor.fetchall()
    kinds = {kind for kind, _channel in seen}
    web_sales = any(kind == "order" and channel in ("web_shop", "web", "portal") for kind, channel in seen)
    account = any((customer.email, customer.phone, customer.street, customer.city, customer.organization))
    demographics = any((customer.born_on, customer.life_stage, customer.language, customer.job_title))
    return Known(
        [
            (_("Sales and purchases"), "order" in kinds),
            (_("Shipping and fulfilment"), "delivery" in kinds),
            (_("Web sales"), web_sales),
            (_("Web registration"), "registration" in kinds),
            (_("Service and support"), bool(kinds & {"case", "call"})),
            (_("Campaign responses"), "campaign" in kinds),
            (_("Account information"), account),
            (_("Demographics"), demographics),
        ],
        frozenset(kinds),
    )


def has_customers() -> bool:
    """Whether anybody has been brought in yet, visible or not: an empty list says something else then."""
    return Customer.objects.exists()


def source_label(source_id: int) -> str:
    """What a source is called on pages."""
    return Source.objects.filter(pk=source_id).values_list("label", flat=True).first() or ""


def profile_id_of(customer_id: int, *, source_id: int) -> int | None:
    """The profile of this source that a new record of the customer hangs on, else her oldest one."""
    profiles = Profile.objects.filter(customer_id=customer_id).order_by("pk").values_list("pk", flat=True)
    return profiles.filter(source_id=source_id).first() or profiles.first()


def staff_profile_id_of(customer_id: int) -> int | None:
    """The profile that a record of the staff's own hangs on: the staff's, else the oldest one; first of those at home."""
    profiles = Profile.objects.filter(customer_id=customer_id).order_by(*AT_HOME_FIRST).values_list("pk", flat=True)
    return profiles.filter(source__name=STAFF_SOURCE).first() or profiles.first()


def customers_of_profiles(profile_ids: Sequence[int]) -> list[int]:
    """Whom these profiles are of."""
    found = Profile.objects.filter(pk__in=profile_ids).order_by("customer_id")
    return list(found.values_list("customer_id", flat=True).distinct())


def customers_of_import(import_id: int, *, at_most: int) -> list[int]:
    """Whom an import brought, or said something about; the first `at_most` that are found."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_IMPORT, {"import": import_id, "most": at_most})
        return [row[0] for row in cursor.fetchall()]


def visible_customer_ids(user: User) -> QuerySet[Customer, Any]:
    """The keys of all customers that `user` may see, as a part of another query."""
    return Customer.objects.present().visible_to(user).values("pk")
