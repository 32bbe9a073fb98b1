"""The profiles of a customer that is about to be taken apart, and which of a home's takes what staff write."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.backends.utils import CursorWrapper

from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import Customer, Profile, Source

# the ledger is only ever added to: the entry is written again where it belongs, and ended where it does not
_GIVE_CONSENTS = """
insert into customers_consent (public_id, profile_id, customer_id, purpose, channel, status, occurred_at, recorded_at,
                               expires_at, origin, wording, proof, recorded_by)
select gen_random_uuid(), %(to)s, c.customer_id, c.purpose, c.channel, c.status, c.occurred_at, %(now)s,
       c.expires_at, c.origin, c.wording, c.proof, c.recorded_by from customers_consent c where c.id = any(%(ids)s)
union all
select gen_random_uuid(), c.profile_id, c.customer_id, c.purpose, c.channel, 'withdrawn', %(now)s, %(now)s,
       null::timestamptz, 'split', '', '{}'::jsonb, c.recorded_by from customers_consent c where c.id = any(%(ids)s)
"""


def give_consents(cursor: CursorWrapper, ids: Sequence[int], to_profile: int, now: datetime) -> None:
    """What was agreed to goes to another profile of the same customer, which is about to be taken apart."""
    cursor.execute(_GIVE_CONSENTS, {"ids": list(ids), "to": to_profile, "now": now})


def profiles_with_sources(customer_id: int) -> list[Profile]:
    return list(Profile.objects.filter(customer=customer_id).select_related("source").order_by("pk"))


def staff_profile_in(profiles: Iterable[Profile], home: int) -> Profile | None:
    """The oldest of the staff's own in this home."""
    found = (p for p in profiles if (p.home_id or p.customer_id) == home and p.source.name == STAFF_SOURCE)
    return next(found, None)


def open_staff_profile(customer_id: int, home: int, *, now: datetime) -> Profile:
    """One more profile of the staff's, in a home that has none; inside `acting`."""
    kind = Customer.objects.values_list("kind", flat=True).get(pk=home)
    return Profile.objects.create(
        customer_id=customer_id, home_id=None if home == customer_id else home, kind=kind, seen_at=now,
        source=Source.objects.get(name=STAFF_SOURCE), external_id=str(uuid.uuid4()),
    )  # fmt: skip
