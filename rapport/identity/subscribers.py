"""What this room does when a room below has news: it looks anew at the profiles that came, changed or lost company."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.core.clock import utc_now
from rapport.core.events import Subscription
from rapport.customers.events import CustomerCreated, CustomerEdited, CustomersEdited, ProfilesLeft
from rapport.customers.golden import CUSTOM_PREFIX, GOLDEN_FIELDS, unit_of
from rapport.identity.queries import profiles_of_customers, profiles_to_resolve
from rapport.identity.resolving import IDENTITY, resolve_import, resolve_profiles
from rapport.records.events import ImportFinished

# with an address comes its country, by which a number is read
_SAYS_NOT_WHO = frozenset(GOLDEN_FIELDS).difference(
    unit_of("name").fields, unit_of("country").fields, ("email", "phone", "born_on")
)


def resolve_finished(event: ImportFinished) -> None:
    profiles = profiles_to_resolve(event.import_id)
    resolve_import(event.import_id, profiles, by=IDENTITY, now=utc_now())


def resolve_left(event: ProfilesLeft) -> None:
    resolve_profiles(event.profile_ids, by=IDENTITY, now=utc_now())


def resolve_created(event: CustomerCreated) -> None:
    resolve_profiles(profiles_of_customers([event.customer_id]), by=IDENTITY, now=utc_now())


def resolve_edited(event: CustomerEdited) -> None:
    resolve_profiles(profiles_of_customers([event.customer_id]), by=IDENTITY, now=utc_now())


def may_join(event: CustomerEdited) -> bool:
    """Whether who is who can be another question than before: something changed that it is decided by."""
    return event.adds_profile or not all(
        field in _SAYS_NOT_WHO or field.startswith(CUSTOM_PREFIX) for field in event.fields
    )


def resolve_many_edited(event: CustomersEdited) -> None:
    resolve_profiles(profiles_of_customers(event.customer_ids), by=IDENTITY, now=utc_now())


SUBSCRIPTIONS = (
    Subscription(
        ImportFinished, resolve_finished, says=_("Customers that share an address or a number are being joined.")
    ),
    Subscription(ProfilesLeft, resolve_left),
    Subscription(CustomerCreated, resolve_created),
    Subscription(CustomerEdited, resolve_edited, concerns=may_join),
    Subscription(CustomersEdited, resolve_many_edited),
)
