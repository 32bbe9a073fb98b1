"""What can be done with many customers at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.accounts.access import reach_of
from rapport.accounts.queries import active_staff
from rapport.customers.actions_many import assign_owners
from rapport.customers.actions_trash import restore_customers, trash_customers
from rapport.customers.consents.restrictions import restricted_among
from rapport.customers.exports import EXPORTS
from rapport.customers.forms import OwnerForm
from rapport.customers.lists import CUSTOMERS
from rapport.customers.permissions import EDIT
from rapport.customers.queries import customers_by_id, name_of
from rapport.records.bulk.acts import Batch, BulkAct, Keys, Refused, Treated
from rapport.records.bulk.editing import edit_act, paste_act
from rapport.records.bulk.selecting import selectable_list
from rapport.records.layouts.sight import hidden_names
from rapport.records.tags.bulk import tag_act

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _names(user: User, keys: Sequence[Keys]) -> dict[Keys, tuple[str, str]]:
    found, hidden = customers_by_id(user, [each for (each,) in keys]), hidden_names(user, "customer")
    return {
        (pk,): (name_of(customer, hidden=hidden), reverse("customer", args=[customer.public_id]))
        for pk, customer in found.items()
    }


def _owner_form(user: User, data: Mapping[str, Any] | None) -> OwnerForm:
    """Those whose records this person can reach, so that nobody hands away what she then cannot see."""
    reach = reach_of(user)
    colleagues = active_staff(None if reach.everything else reach.owner_ids)
    oneself = {"owner": str(user.public_id)}
    return OwnerForm(data, colleagues=colleagues, may_be_nobody=reach.everything, initial=oneself)


def _assign(batch: Batch) -> dict[int, Treated | Refused]:
    form = _owner_form(batch.by, batch.answers)
    if not form.is_valid():
        return dict.fromkeys(batch.rows, Refused(_("The new owner cannot be chosen any more.")))
    owner_id = form.chosen.pk if form.chosen is not None else None
    held = restricted_among([pk for (pk,) in batch.rows.values()])
    ids = {number: pk for number, (pk,) in batch.rows.items() if pk not in held}
    before = assign_owners(dict.fromkeys(ids.values(), owner_id), by=batch.by, now=batch.now)
    restricted = Refused(_("What may be done with this customer is restricted."))
    return {number: restricted for number, (pk,) in batch.rows.items() if pk in held} | {
        number: Treated({"from": before[pk], "to": owner_id} if before[pk] != owner_id else {})
        for number, pk in ids.items()
        if pk in before
    }


def _assign_back(batch: Batch) -> dict[int, Treated | Refused]:
    ids = {number: batch.rows[number][0] for number in batch.undo}
    back = assign_owners(
        {ids[number]: undo["from"] for number, undo in batch.undo.items()}, by=batch.by, now=batch.now,
        only_where={ids[number]: undo["to"] for number, undo in batch.undo.items()},
    )  # fmt: skip
    changed = Refused(_("Somebody has changed the owner since, or it is not there any more."))
    return {number: Treated() if pk in back else changed for number, pk in ids.items()}


def _trash(batch: Batch) -> dict[int, Treated | Refused]:
    numbers = {pk: number for number, (pk,) in batch.rows.items()}
    hidden = trash_customers(list(numbers), by=batch.by, now=batch.now)
    kept = Refused(_("What may be done with this customer is restricted; she has to be kept as she is."))
    done = Treated({"at": batch.now})
    return {numbers[pk]: done if is_hidden else kept for pk, is_hidden in hidden.items()}


def _restore(batch: Batch) -> dict[int, Treated | Refused]:
    ids = {number: batch.rows[number][0] for number in batch.undo}
    when = {ids[number]: datetime.fromisoformat(undo["at"]) for number, undo in batch.undo.items()}
    back = restore_customers(when, by=batch.by, now=batch.now)
    gone = Refused(_("It is not in the trash any more."))
    return {number: Treated() if pk in back else gone for number, pk in ids.items()}


SELECTABLES = (replace(selectable_list(EXPORTS[0], lambda user: CUSTOMERS), names=_names),)
BULK_ACTS = (
    BulkAct(
        "assign", "customer", gettext_lazy("Assign owner"), EDIT.name, apply=_assign, undo=_assign_back, ask=_owner_form,
        what=gettext_lazy("They get one owner, whoever owned them before."), picture="user-check", key="A",
        batch_rows=500, order=10,
    ),
    edit_act("customer", EDIT.name),
    paste_act("customer", EDIT.name),
    tag_act("customer", EDIT.name),
    BulkAct(
        "trash", "customer", gettext_lazy("Put into the trash"), EDIT.name, apply=_trash, undo=_restore,
        what=gettext_lazy("They go into the trash, from which they can be brought back for as long as it keeps them."),
        picture="trash-2", batch_rows=500, order=95,
    ),
)  # fmt: skip
