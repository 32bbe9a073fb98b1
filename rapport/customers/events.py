"""The facts this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.core.events import Event


@dataclass(frozen=True)
class CustomerCreated(Event):
    name: ClassVar[str] = "customers.customer_created"

    customer_id: int


@dataclass(frozen=True)
class CustomerEdited(Event):
    name: ClassVar[str] = "customers.customer_edited"

    customer_id: int
    fields: tuple[str, ...]
    adds_profile: bool = False  # staff said something of her for the first time


@dataclass(frozen=True)
class CustomersEdited(Event):
    """Values of many customers were written; one for each batch. `fields` are those of any of them."""

    name: ClassVar[str] = "customers.customers_edited"

    customer_ids: tuple[int, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class CustomersTagged(Event):
    """Many customers, or one, got tags or lost some; one for each batch."""

    name: ClassVar[str] = "customers.customers_tagged"

    customer_ids: tuple[int, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class OwnerAssigned(Event):
    name: ClassVar[str] = "customers.owner_assigned"

    customer_id: int
    owner_id: int | None


@dataclass(frozen=True)
class OwnersAssigned(Event):
    """Many customers got a new owner; one for each batch. `owner_ids` says who owns each, where it is not one for all."""

    name: ClassVar[str] = "customers.owners_assigned"

    customer_ids: tuple[int, ...]
    owner_id: int | None
    owner_ids: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class InteractionLogged(Event):
    name: ClassVar[str] = "customers.interaction_logged"

    interaction_id: int
    customer_id: int
    kind: str


@dataclass(frozen=True)
class ConsentRecorded(Event):
    name: ClassVar[str] = "customers.consent_recorded"

    customer_id: int
    purpose: str
    channel: str
    status: str


@dataclass(frozen=True)
class NextActionAnswered(Event):
    """Somebody took the action that a rule proposed for a customer (`answer` is taken), or said not now (refused)."""

    name: ClassVar[str] = "customers.next_action_answered"

    answer_id: int
    customer_id: int
    rule: str
    answer: str


@dataclass(frozen=True)
class RestrictionChanged(Event):
    """From now on what is known of the customer may only be kept, or may be used again."""

    name: ClassVar[str] = "customers.restriction_changed"

    customer_id: int
    is_restricted: bool


@dataclass(frozen=True)
class RulesApplied(Event):
    """A pass over all customers of several profiles has ended, or was cut off: any of them may show something else."""

    name: ClassVar[str] = "customers.rules_applied"

    derivation_id: int
    changed: int


@dataclass(frozen=True)
class ProfilesLeft(Event):
    """Profiles that were joined with others which have gone, or that are as they once were: who they are is open again."""

    name: ClassVar[str] = "customers.profiles_left"

    profile_ids: tuple[int, ...]


@dataclass(frozen=True)
class CustomerTrashed(Event):
    """The customer is hidden until she is brought back or the trash is emptied."""

    name: ClassVar[str] = "customers.customer_trashed"

    customer_id: int


@dataclass(frozen=True)
class CustomersTrashed(Event):
    """Many customers are hidden; one for each batch."""

    name: ClassVar[str] = "customers.customers_trashed"

    customer_ids: tuple[int, ...]


@dataclass(frozen=True)
class CustomersRestored(Event):
    name: ClassVar[str] = "customers.customers_restored"

    customer_ids: tuple[int, ...]


@dataclass(frozen=True)
class CustomerRestored(Event):
    name: ClassVar[str] = "customers.customer_restored"

    customer_id: int
