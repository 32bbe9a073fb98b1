"""What this room does when a room below has news: it asks the customers who have changed again."""

from __future__ import annotations

from rapport.core.events import Subscription
from rapport.customers.events import (
    ConsentRecorded,
    CustomerCreated,
    CustomerEdited,
    CustomerRestored,
    CustomersEdited,
    CustomersRestored,
    CustomersTagged,
    CustomersTrashed,
    CustomerTrashed,
    InteractionLogged,
    OwnerAssigned,
    OwnersAssigned,
    ProfilesLeft,
    RestrictionChanged,
    RulesApplied,
)
from rapport.customers.queries import customers_of_import, customers_of_profiles
from rapport.identity.events import CustomersMerged, CustomersSplit, ProfilesMoved
from rapport.records.events import ImportFinished, ImportUndone
from rapport.segments.asking import ask_to_rebuild, note_changed
from rapport.segments.keeping import MOST_ONE_BY_ONE


def ask_created(event: CustomerCreated) -> None:
    note_changed([event.customer_id])


def ask_edited(event: CustomerEdited) -> None:
    note_changed([event.customer_id])


def ask_assigned(event: OwnerAssigned) -> None:
    note_changed([event.customer_id])


def ask_logged(event: InteractionLogged) -> None:
    note_changed([event.customer_id])


def ask_consented(event: ConsentRecorded) -> None:
    note_changed([event.customer_id])


def ask_restricted(event: RestrictionChanged) -> None:
    note_changed([event.customer_id])


def ask_trashed(event: CustomerTrashed) -> None:
    note_changed([event.customer_id])


def ask_restored(event: CustomerRestored) -> None:
    note_changed([event.customer_id])


def ask_many_edited(event: CustomersEdited) -> None:
    note_changed(event.customer_ids)


def ask_tagged(event: CustomersTagged) -> None:
    note_changed(event.customer_ids)


def ask_many_trashed(event: CustomersTrashed) -> None:
    note_changed(event.customer_ids)


def ask_many_restored(event: CustomersRestored) -> None:
    note_changed(event.customer_ids)


def ask_owned(event: OwnersAssigned) -> None:
    note_changed(event.customer_ids)


def ask_left(event: ProfilesLeft) -> None:
    note_changed(customers_of_profiles(event.profile_ids))


def ask_merged(event: CustomersMerged) -> None:
    note_changed([event.customer_id, *event.retired_ids])


def ask_split(event: CustomersSplit) -> None:
    note_changed([event.customer_id, *event.apart_ids])


def ask_moved(event: ProfilesMoved) -> None:
    """What was announced before customers were named is asked of everybody."""
    if event.customer_ids:
        note_changed(event.customer_ids)
    else:
        ask_to_rebuild()


def ask_imported(event: ImportFinished) -> None:
    """Those whom the import brought or changed, or everybody where they are very many."""
    changed = customers_of_import(event.import_id, at_most=MOST_ONE_BY_ONE + 1)
    if len(changed) > MOST_ONE_BY_ONE:
        ask_to_rebuild()
    else:
        note_changed(changed)


def ask_ruled(event: RulesApplied) -> None:
    ask_to_rebuild()


def ask_undone(event: ImportUndone) -> None:
    ask_to_rebuild()


SUBSCRIPTIONS = (
    Subscription(CustomerCreated, ask_created),
    Subscription(CustomerEdited, ask_edited),
    Subscription(OwnerAssigned, ask_assigned),
    Subscription(InteractionLogged, ask_logged),
    Subscription(ConsentRecorded, ask_consented),
    Subscription(RestrictionChanged, ask_restricted),
    Subscription(CustomerTrashed, ask_trashed),
    Subscription(CustomerRestored, ask_restored),
    Subscription(CustomersEdited, ask_many_edited),
    Subscription(CustomersTagged, ask_tagged),
    Subscription(CustomersTrashed, ask_many_trashed),
    Subscription(CustomersRestored, ask_many_restored),
    Subscription(OwnersAssigned, ask_owned),
    Subscription(ProfilesLeft, ask_left),
    Subscription(CustomersMerged, ask_merged),
    Subscription(CustomersSplit, ask_split),
    Subscription(ProfilesMoved, ask_moved),
    Subscription(RulesApplied, ask_ruled),
    Subscription(ImportFinished, ask_imported),
    Subscription(ImportUndone, ask_undone),
)
