"""Merging and taking apart in the API, with the preview that the pages show, and what is in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Query, Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem
from rapport.core.clock import utc_now
from rapport.customers import queries as customers
from rapport.customers.lists import CUSTOMERS
from rapport.identity import actions, queries
from rapport.identity.actions import UnableToMerge, UnableToSplit
from rapport.identity.api_given import GivenAway, WrittenShown, given_of, written_shown
from rapport.identity.choosing import Group, Part, parts_of
from rapport.identity.permissions import MERGE
from rapport.identity.presenting import field_of, kind_label
from rapport.identity.previewing import Side, preview_merge, preview_split
from rapport.identity.staff_words import written_to
from rapport.records.api import RecordShown, Strict, Undoable, count_fetched, read_record, undo_of
from rapport.records.layouts.sight import hidden_names

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.identity.models import Link

RIGHTS = (MERGE,)
MOST_MERGED = 10
_LONGEST_REASON = 500

router = Router(tags=["merge and split"])
ROUTERS = (router,)


class Merging(Strict):
    keep: UUID = Described(description="Whose page goes on; the ids of the others lead there.")
    others: list[UUID] = Described(min_length=1, max_length=MOST_MERGED - 1)
    reason: str = Described("", max_length=_LONGEST_REASON, examples=["Told us so on the phone"])


class Splitting(Strict):
    parts: list[str] = Described(
        min_length=1, max_length=200, description="`key` of each part to take out; see `GET /customers/{id}/parts`."
    )
    reason: str = Described("", max_length=_LONGEST_REASON)
    given: GivenAway = []


class UndoingMerge(Strict):
    given: GivenAway = []


_NOTHING_GIVEN = Body(UndoingMerge())


class SideShown(Schema):
    """A customer as she is before, or will be after; values in words, by the names of their fields."""

    id: UUID
    name: str
    sources: list[str]
    values: dict[str, str]


class FieldPreviewShown(Schema):
    label: str
    before: list[str] = Described(description="What each of them says, `keep` first.")
    after: str
    source: str = Described(description="Whose value it will be.")


class MergePreviewShown(Schema):
    """What will be shown of them as one."""

    before: list[SideShown]
    after: SideShown
    fields: list[FieldPreviewShown]


class SplitPreviewShown(Schema):
    """The customers that will be there."""

    after: list[SideShown]
    written: list[WrittenShown] = Described(
        description="What staff wrote since they were joined; `given` of the split says whose it is."
    )


class MergedShown(Undoable):
    customer: RecordShown
    merge: UUID | None = Described(
        description="`POST /merges/{id}/undo` takes it back at any time, and asks whose is what was written since."
    )


class PartShown(Schema):
    """Something that can be taken out of a customer by itself."""

    key: str
    is_home: bool = Described(
        description="Whether it was a customer of its own before; else it is one source's record."
    )
    sources: list[str]
    since: str | None = Described(description="Since when it is a part of this customer, as an instant.")
    merges: list[UUID] = Described(description="Merges that joined it; `POST /merges/{id}/undo` takes one back.")


class MergeShown(Schema):
    """A merge that can be taken back: the parts of who is one by it, and what staff wrote meanwhile."""

    id: UUID
    reason: str
    parts: list[PartShown]
    written: list[WrittenShown] = Described(description="`given` of the undo says whose it is.")


class ApartShown(Undoable):
    """Who is there by now: null where the owner of the token may not see her."""

    customer: UUID | None
    apart: list[UUID] = Described(description="Those who are customers of their own again.")


class DoubtsAsked(Schema):
    limit: int = Described(20, ge=1, le=50)


class SharedShown(Schema):
    kind: str
    value: str


class PairShown(Schema):
    one: UUID
    other: UUID
    reasons: list[str]
    shared: list[SharedShown] = Described(description="The values that both state, as far as they are seen.")


class Decision(Strict):
    one: UUID
    other: UUID
    decision: Literal["same", "different"]
    keep: UUID | None = Described(
        None, description="Whose page goes on; left out: the one with an owner, or the older."
    )


@router.post("/customers/merge/preview", auth=Bearer(MERGE), response=MergePreviewShown)
def preview_merging(request: HttpRequest, body: Merging) -> MergePreviewShown:
    """What these customers would be as one; nothing is changed. 409 says why they cannot be one."""
    user = staff_user(request)
    keep, others = _chosen(user, body)
    try:
        found = preview_merge(keep, others, user=user, now=utc_now())
    except UnableToMerge as refusal:
        raise _unable(refusal) from refusal
    fields = [
        FieldPreviewShown(label=str(each.label), before=list(each.sides), after=each.result, source=each.source)
        for each in found.fields
    ]
    return MergePreviewShown(before=[_side(each) for each in found.sides], after=_side(found.result), fields=fields)


@router.post("/customers/merge", auth=Bearer(MERGE), response=MergedShown)
def merge_customers(request: HttpRequest, body: Merging) -> MergedShown:
    """Make these customers one. 409 says why they cannot be."""
    user = staff_user(request)
    keep, others = _chosen(user, body)
    try:
        done = actions.merge_customers(
            keep.pk, [each.pk for each in others], by=user, now=utc_now(), reason=_said(body.reason), request=request
        )
    except UnableToMerge as refusal:
        raise _unable(refusal) from refusal
    customer = read_record(user, CUSTOMERS, done.customer_id)
    return MergedShown(customer=customer, merge=_last_link(done.customer_id), undo=undo_of(done.command))


@router.get("/customers/{uuid:public_id}/parts", auth=Bearer(MERGE), response=list[PartShown])
def list_parts(request: HttpRequest, public_id: UUID) -> list[PartShown]:
    """What a customer is made of: whoever was merged into her, and the records of sources."""
    homes, parts = _parts(customers.find_customer(staff_user(request), public_id))
    by_home = {home.home_id: home for home in homes}
    return [_part(each, by_home[each.home_id]) for each in parts]


@router.post("/customers/{uuid:public_id}/split/preview", auth=Bearer(MERGE), response=SplitPreviewShown)
def preview_splitting(request: HttpRequest, public_id: UUID, body: Splitting) -> SplitPreviewShown:
    """The customers that would be there if these parts were taken out; nothing is changed."""
    user = staff_user(request)
    found = customers.find_customer(user, public_id)
    homes, parts = _parts(found)
    out = _out(parts, body)
    try:
        sides = preview_split(found, out, user=user, now=utc_now()).sides
    except UnableToSplit as refusal:
        raise _unable(refusal) from refusal
    written = written_shown(written_to(found, homes, set(out), user=user))
    return SplitPreviewShown(after=[_side(each) for each in sides], written=written)


@router.post("/customers/{uuid:public_id}/split", auth=Bearer(MERGE), response=ApartShown)
def split_customer(request: HttpRequest, public_id: UUID, body: Splitting) -> ApartShown:
    """Take parts out of a customer; they stay apart whatever they share. What staff wrote stays where it was written,
    unless `given` says to which part it goes."""
    user = staff_user(request)
    found = customers.find_customer(user, public_id)
    homes, parts = _parts(found)
    out = _out(parts, body)
    given = given_of(body.given, written_to(found, homes, set(out), user=user), parts) if body.given else []
    try:
        done = actions.split_customer(
            found.pk, [], profile_ids=out, given=given, by=user, now=utc_now(), reason=_said(body.reason),
            request=request,
        )  # fmt: skip
    except UnableToSplit as refusal:
        raise _unable(refusal) from refusal
    return _apart(user, done)


@router.get("/merges/{uuid:merge_id}", auth=Bearer(MERGE), response=MergeShown)
def get_merge(request: HttpRequest, merge_id: UUID) -> MergeShown:
    """A merge that can be taken back, with what staff wrote to the customer since."""
    user = staff_user(request)
    link = queries.find_link(user, merge_id)
    homes, parts, groups = _joined_by(user, link)
    by_home = {home.home_id: home for home in homes}
    shown = [_part(each, by_home[each.home_id]) for each in parts]
    return MergeShown(id=link.public_id, reason=link.reason, parts=shown, written=written_shown(groups))


@router.post("/merges/{uuid:merge_id}/undo", auth=Bearer(MERGE), response=ApartShown)
def undo_merge(request: HttpRequest, merge_id: UUID, body: UndoingMerge = _NOTHING_GIVEN) -> ApartShown:
    """Take back that two are one; they stay one where something else still joins them. What staff wrote stays where it was
    written, unless `given` says to which part it goes."""
    user = staff_user(request)
    link = queries.find_link(user, merge_id)
    _homes, parts, groups = _joined_by(user, link) if body.given else ([], [], [])
    given = given_of(body.given, groups, parts)
    try:
        return _apart(user, actions.undo_merge(link, by=user, now=utc_now(), given=given, request=request))
    except UnableToSplit as refusal:
        raise _unable(refusal) from refusal


@router.get("/doubts", auth=Bearer(MERGE), response=list[PairShown])
def list_doubts(request: HttpRequest, asked: Query[DoubtsAsked]) -> list[PairShown]:
    """Pairs of customers that may be one, the oldest doubt first."""
    user = staff_user(request)
    pairs, hidden = queries.doubtful_pairs(user, at_most=asked.limit), hidden_names(user, "customer")
    count_fetched(request, 2 * len(pairs))
    return [
        PairShown(
            one=pair.one.public_id,
            other=pair.other.public_id,
            reasons=pair.reasons,
            shared=[
                SharedShown(kind=str(kind_label(each.kind)), value=each.value)
                for each in pair.shared
                if field_of(each.kind) not in hidden
            ],
        )
        for pair in pairs
    ]


@router.post("/doubts/decide", auth=Bearer(MERGE), response=ApartShown)
def decide_doubt(request: HttpRequest, body: Decision) -> ApartShown:
    """Say of a pair that they are one, or two for good."""
    user, now = staff_user(request), utc_now()
    one, other = customers.find_customer(user, body.one), customers.find_customer(user, body.other)
    try:
        if body.decision == "different":
            command = actions.keep_apart(one.pk, other.pk, by=user, now=now, request=request)
            return ApartShown(customer=one.public_id, apart=[other.public_id], undo=undo_of(command))
        keep = next(
            (each for each in (one, other) if each.public_id == body.keep),
            min(one, other, key=lambda each: (each.owner_id is None, each.pk)),
        )
        gone = [each.pk for each in (one, other) if each.pk != keep.pk]
        reason = "In doubt, decided by a program"
        return _apart(user, actions.merge_customers(keep.pk, gone, by=user, now=now, reason=reason, request=request))
    except (UnableToMerge, UnableToSplit) as refusal:
        raise _unable(refusal) from refusal


def _chosen(user: User, body: Merging) -> tuple[Any, list[Any]]:
    """Each of them visible, or the same 404 as one that does not exist."""
    keep = customers.find_customer(user, body.keep)
    found = {each.pk: each for each in (customers.find_customer(user, other) for other in body.others)}
    found.pop(keep.pk, None)
    if not found:
        raise Problem(409, "These are one customer already.", kind="unable")
    return keep, list(found.values())


def _parts(found: Any) -> tuple[list[queries.Home], list[Part]]:
    homes = queries.homes_of(found.pk, customers.profiles_of(found))
    return homes, parts_of(homes)


def _joined_by(user: User, link: Link) -> tuple[list[queries.Home], list[Part], list[Group]]:
    """Of what the customer is made of whom a merge made one; what was written is asked about while there is one alone."""
    found = list(customers.customers_by_id(user, queries.customers_of_link(link)).values())
    homes = [home for each in found for home in queries.homes_of(each.pk, customers.profiles_of(each))]
    groups = written_to(found[0], homes, set(), user=user) if len(found) == 1 else []
    return homes, parts_of(homes), groups


def _out(parts: list[Part], body: Splitting) -> list[int]:
    known = {part.key: part.profile_ids for part in parts}
    unknown = [key for key in body.parts if key not in known]
    if unknown:
        raise Problem(
            422, "Some values cannot be taken.", errors=[{"name": "body.parts", "message": "There is no such part."}]
        )
    return sorted({profile for key in body.parts for profile in known[key]})


def _part(part: Part, home: queries.Home) -> PartShown:
    return PartShown(
        key=part.key,
        is_home=part.is_home,
        sources=list(dict.fromkeys(profile.source.label for profile in part.profiles)),
        since=home.since.isoformat() if home.since is not None else None,
        merges=[link.public_id for link in home.links],
    )


def _side(side: Side) -> SideShown:
    return SideShown(
        id=side.customer.public_id, name=side.title, sources=list(side.sources),
        values={name: str(value) for name, value in side.values.items()},
    )  # fmt: skip


def _apart(user: User, done: actions.Outcome) -> ApartShown:
    seen = customers.customers_by_id(user, [done.customer_id, *done.apart_ids])
    kept = seen.get(done.customer_id)
    return ApartShown(
        customer=kept.public_id if kept is not None else None,
        apart=[seen[each].public_id for each in done.apart_ids if each in seen],
        undo=undo_of(done.command),
    )


def _last_link(customer_id: int) -> UUID | None:
    links = queries.links_within(queries.profiles_of_customers([customer_id]))
    return links[-1].public_id if links else None


def _said(text: str) -> str:
    return text.replace("\0", "")


def _unable(refusal: Exception) -> Problem:
    return Problem(409, str(refusal), kind="unable")
