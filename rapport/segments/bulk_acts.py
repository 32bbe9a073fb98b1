"""Putting many customers into a list that is filled by hand, and taking them out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.customers.consents.restrictions import restricted_among
from rapport.customers.queries import customers_by_id
from rapport.records.bulk.acts import Batch, BulkAct, Refused, Treated
from rapport.segments.actions import put_into, take_out
from rapport.segments.definitions import CUSTOMER, SegmentRefused
from rapport.segments.forms import ListForm
from rapport.segments.permissions import MAKE
from rapport.segments.queries import segments_seen_by

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.segments.models import Segment


def _ask(user: User, data: Mapping[str, Any] | None) -> ListForm:
    return ListForm(data, lists=[each for each in segments_seen_by(user) if each.is_static])


def _treat(batch: Batch, ids: Mapping[int, int], act: Callable[..., set[int]]) -> dict[int, Treated | Refused]:
    form = _ask(batch.by, batch.answers)
    if not form.is_valid():
        return dict.fromkeys(batch.rows, Refused(_("The list is not there any more.")))
    segment: Segment = form.chosen
    seen = set(customers_by_id(batch.by, list(ids.values())))
    try:
        done = act(segment, sorted(seen), by=batch.by, now=batch.now)
    except SegmentRefused as refusal:
        return dict.fromkeys(batch.rows, Refused(str(refusal)))
    return {number: Treated({"moved": pk in done}) for number, pk in ids.items() if pk in seen}


def _put(batch: Batch) -> dict[int, Treated | Refused]:
    held = restricted_among([pk for (pk,) in batch.rows.values()])
    ids = {number: pk for number, (pk,) in batch.rows.items() if pk not in held}
    restricted = Refused(_("What may be done with this customer is restricted."))
    refused: dict[int, Treated | Refused] = {n: restricted for n, (pk,) in batch.rows.items() if pk in held}
    return refused | _treat(batch, ids, put_into)


def _take(batch: Batch) -> dict[int, Treated | Refused]:
    return _treat(batch, {number: pk for number, (pk,) in batch.rows.items()}, take_out)


def _moved(batch: Batch) -> dict[int, int]:
    return {number: batch.rows[number][0] for number, undo in batch.undo.items() if undo.get("moved")}


def _put_back(batch: Batch) -> dict[int, Treated | Refused]:
    return {number: Treated() for number in batch.undo} | _treat(batch, _moved(batch), put_into)


def _take_back(batch: Batch) -> dict[int, Treated | Refused]:
    return {number: Treated() for number in batch.undo} | _treat(batch, _moved(batch), take_out)


BULK_ACTS = (
    BulkAct(
        "put_into", CUSTOMER, gettext_lazy("Put into a list"), MAKE.name, apply=_put, undo=_take_back, ask=_ask,
        what=gettext_lazy("They come into a segment that is filled by hand."), picture="plus", order=60,
    ),
    BulkAct(
        "take_out", CUSTOMER, gettext_lazy("Take out of a list"), MAKE.name, apply=_take, undo=_put_back, ask=_ask,
        what=gettext_lazy("They leave a segment that is filled by hand."), picture="x", order=61,
    ),
)  # fmt: skip
