"""Who a customer is, over all her profiles and merges: what an export, an erasure and a look for her copies go by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import Q
from psycopg import sql

from rapport.core.personal import Person
from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import ContactPoint, Customer, Identifier, Profile, Restriction, Source
from rapport.customers.queries import name_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

_EMAIL = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+")
_FEWEST_DIGITS = 7
_COMPARED_DIGITS = 9
_SHORTEST_NAME = 4


def whole_person(customer_id: int) -> Person:
    """All of the customer: those merged into her, every profile, every address and name that any of them states."""
    customers = _group(customer_id)
    profiles = list(
        Profile.objects.filter(Q(customer__in=customers) | Q(home__in=customers))
        .select_related("source")
        .order_by("pk")
    )
    ids = [profile.pk for profile in profiles]
    points = ContactPoint.objects.filter(Q(profile__in=ids) | Q(customer__in=customers))
    identifiers = Identifier.objects.filter(profile__in=ids)
    said = [
        *(value for record in (*profiles, *customers) for value in (record.email, record.phone)),
        *points.exclude(kind="address").values_list("value", flat=True),
        *points.values_list("value_norm", flat=True),
        *identifiers.values_list("value_norm", flat=True),
    ]
    return Person(
        customers=tuple(customer.pk for customer in customers),
        public_ids=tuple(str(customer.public_id) for customer in customers),
        profiles=tuple(ids),
        keys=tuple((p.source_id, p.external_id) for p in profiles if p.source.name != STAFF_SOURCE),
        emails=frozenset(_emails(said)),
        phones=frozenset(_with_spellings(set(_phones(said)), profiles)),
        names=frozenset(_names([*profiles, *customers])),
        lines=frozenset((p.import_id, p.line) for p in profiles if p.import_id is not None and p.line is not None),
    )


def called(customer_id: int) -> str:
    return name_of(Customer.objects.get(pk=customer_id), hidden=())


def customers_before(instant: datetime, condition: sql.Composable) -> list[tuple[int, str]]:
    """Number and public id of who was known before `instant` and fits a condition on the row `c`."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "select c.id, c.public_id::text from customers_customer c where c.created_at < %s and {} order by c.id"
            ).format(condition),
            [instant],
        )
        return cursor.fetchall()


def customers_in_trash(before: datetime) -> list[int]:
    """Who was put there before then; whoever was merged into another goes with her, and who is restricted is kept."""
    held = Restriction.objects.filter(lifted_at=None).values("customer_id")
    trashed = Customer.objects.filter(trashed_at__lt=before, merged_into=None).exclude(pk__in=held).order_by("pk")
    return list(trashed.values_list("pk", flat=True))


def customer_in_trash(user: User, public_id: UUID) -> int | None:
    """The number of a customer in the trash that `user` may see, and that may go; whoever is restricted is kept."""
    held = Restriction.objects.filter(lifted_at=None).values("customer_id")
    trashed = Customer.objects.visible_to(user).filter(merged_into=None, public_id=public_id).exclude(trashed_at=None)
    return trashed.exclude(pk__in=held).values_list("pk", flat=True).first()


def still_said(values: Iterable[str]) -> set[str]:
    """Those of the normalized addresses and numbers that a profile states."""
    return set(Identifier.objects.filter(value_norm__in=list(values)).values_list("value_norm", flat=True))


def source_names() -> dict[int, str]:
    return dict(Source.objects.values_list("pk", "name"))


def lock_customers(ids: Sequence[int]) -> None:
    """Nobody else changes them until the transaction ends; always in the order of their numbers."""
    list(Customer.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def _group(customer_id: int) -> list[Customer]:
    """The survivor first, then whom it took in; old ids lead to it in one hop, and chains are followed all the same."""
    first = Customer.objects.get(pk=customer_id)
    while first.merged_into_id is not None:
        first = Customer.objects.get(pk=first.merged_into_id)
    found = {first.pk: first}
    waiting = [first.pk]
    while waiting:
        taken_in = [each for each in Customer.objects.filter(merged_into__in=waiting) if each.pk not in found]
        found |= {each.pk: each for each in taken_in}
        waiting = [each.pk for each in taken_in]
    return list(found.values())


def _texts(raw: object) -> Iterable[str]:
    values = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else (raw,)
    for value in values:
        if isinstance(value, (dict, list)):
            yield from _texts(value)
        elif isinstance(value, str):
            yield value


def _emails(said: Iterable[str | None]) -> Iterable[str]:
    for value in said:
        yield from (found.lower() for found in _EMAIL.findall(value or ""))


def _phones(said: Iterable[str | None]) -> Iterable[str]:
    """What is written as a number and nothing else."""
    for value in said:
        text = (value or "").strip()
        digits = sum(character.isdigit() for character in text)
        if digits >= _FEWEST_DIGITS and not re.search(r"[^\d\s+().\-/x]", text.lower()):
            yield text.lower()


def _with_spellings(phones: set[str], profiles: Iterable[Profile]) -> Iterable[str]:
    """A source may write her number in its own way. What else it says may be about others, and is nothing to know her by."""
    known = {_ending(phone) for phone in phones}
    yield from phones
    for profile in profiles:
        yield from (each for each in _phones(_texts(profile.raw)) if _ending(each) in known)


def _ending(phone: str) -> str:
    """The same with the country's code and without."""
    return re.sub(r"\D", "", phone)[-_COMPARED_DIGITS:]


def _names(records: Iterable[Profile | Customer]) -> Iterable[str]:
    for record in records:
        whole = " ".join(part for part in (record.given_name, record.family_name) if part)
        yield from (name.lower() for name in (record.name or "", whole) if len(name) >= _SHORTEST_NAME)
