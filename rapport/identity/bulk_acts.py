"""What can be done with many customers, or with many pairs in doubt, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.customers.queries import customers_by_id, name_of
from rapport.identity import queries
from rapport.identity.actions import UnableToMerge, UnableToSplit
from rapport.identity.bulk_deciding import (
    UnableToUndo,
    accept_pair,
    kept_apart_among,
    pairs_in_doubt,
    part_pair,
    take_back_links,
    take_back_nevers,
)
from rapport.identity.permissions import MERGE
from rapport.records.bulk.acts import (
    Batch,
    BulkAct,
    Chosen,
    Keys,
    Refused,
    Selectable,
    Treated,
    UnableToAct,
    one_by_one,
)
from rapport.records.layouts.sight import hidden_names

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_MERGED = 10
_REFUSALS = (UnableToMerge, UnableToSplit, UnableToUndo)


def _merge_page(user: User, chosen: Chosen, keys: Callable[[], Sequence[Keys]]) -> str:
    """The page that shows what would be; it merges when somebody has looked at it."""
    ids = [pk for (pk,) in keys()]
    if not 2 <= len(ids) <= MOST_MERGED:
        raise UnableToAct(_("Select two to %(most)s customers to merge them.") % {"most": MOST_MERGED})
    found = customers_by_id(user, ids)
    hidden = hidden_names(user, "customer")
    for one, other in sorted(kept_apart_among(ids)):
        names = {"one": name_of(found[one], hidden=hidden), "other": name_of(found[other], hidden=hidden)}
        raise UnableToAct(_("Somebody has said that %(one)s and %(other)s are two. Merge them alone.") % names)
    return f"{reverse('merge')}?{urlencode([('id', str(found[pk].public_id)) for pk in ids])}"


def _find_pairs(user: User, rows: Sequence[str]) -> Sequence[Keys]:
    named = []
    for text in rows:
        one, _colon, other = text.partition(":")
        with suppress(ValueError):
            named.append((UUID(one), UUID(other)))
    return pairs_in_doubt(user, named)


def _all_pairs(user: User, query: str, at_most: int) -> Sequence[Keys]:
    return queries.doubtful_ids(user, at_most=at_most)


def _names(user: User, keys: Sequence[Keys]) -> dict[Keys, tuple[str, str]]:
    found = customers_by_id(user, [each for pair in keys for each in pair])
    hidden = hidden_names(user, "customer")
    return {
        pair: (" · ".join(name_of(found[each], hidden=hidden) for each in pair), "")
        for pair in keys
        if all(each in found for each in pair)
    }


def _accept(batch: Batch) -> dict[int, Treated | Refused]:
    def accept(number: int) -> Treated:
        one, other = batch.rows[number]
        links = accept_pair((one, other), by=batch.by, now=batch.now)
        return Treated({"links": links} if links else {})

    return one_by_one(batch, accept, refusals=_REFUSALS)


def _part_again(batch: Batch) -> dict[int, Treated | Refused]:
    def part(number: int) -> Treated:
        are_apart = take_back_links(batch.undo[number]["links"], by=batch.by, now=batch.now)
        return Treated(note="" if are_apart else _("Taken back, but they stay one by what they share."))

    return one_by_one(batch, part, refusals=_REFUSALS)


def _keep_apart(batch: Batch) -> dict[int, Treated | Refused]:
    def part(number: int) -> Treated:
        one, other = batch.rows[number]
        nevers = part_pair((one, other), by=batch.by, now=batch.now)
        return Treated({"nevers": nevers} if nevers else {})

    return one_by_one(batch, part, refusals=_REFUSALS)


def _doubt_again(batch: Batch) -> dict[int, Treated | Refused]:
    def doubt(number: int) -> Treated:
        take_back_nevers(batch.undo[number]["nevers"], by=batch.by, now=batch.now)
        return Treated()

    return one_by_one(batch, doubt, refusals=_REFUSALS)


SELECTABLES = (
    Selectable("doubt", gettext_lazy("Doubtful pairs"), MERGE.name, "doubts", _find_pairs, _all_pairs, _names),
)
BULK_ACTS = (
    BulkAct(
        "merge", "customer", gettext_lazy("Merge"), MERGE.name, leads_to=_merge_page, picture="merge", order=20
    ),
    BulkAct(
        "same", "doubt", gettext_lazy("One customer"), MERGE.name, apply=_accept, undo=_part_again, batch_rows=10, order=10,
        what=gettext_lazy("Each pair becomes one customer; whose page has an owner goes on, else the older one. A pair of"
                          " which somebody has said that they are two is left alone."),
    ),
    BulkAct(
        "different", "doubt", gettext_lazy("Two customers"), MERGE.name, apply=_keep_apart, undo=_doubt_again,
        batch_rows=10, order=20, what=gettext_lazy("The customers of each pair stay two, whatever they share."),
    ),
)  # fmt: skip
