"""Ending a customer in the trash before her time, as the nightly rule does."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rapport.core.acting import acting
from rapport.customers.whole_person import customer_in_trash, lock_customers, whole_person
from rapport.privacy.digests import suppression_key
from rapport.privacy.erasing import erase_person
from rapport.privacy.permissions import ERASE
from rapport.records.trash.declaring import Handling, Purge, TrashRefused


def _purge(public_id: UUID, handling: Handling) -> bool:
    with acting(handling.by, handling.request, reason="privacy.trash_ended"):
        number = customer_in_trash(handling.by, public_id)
        if number is None:
            raise TrashRefused(
                str(_("This customer is not in the trash any more, or is restricted and has to be kept."))
            )
        person = whole_person(number)
        lock_customers(person.customers)
        erase_person(person, key=suppression_key(), is_remembered=False)
    return True


PURGES = (
    Purge(
        "customer", ERASE.name, _purge,
        _("All that is known of this customer is deleted, as in an erasure; orders stay without her. A file may bring her again."),
    ),
)  # fmt: skip
