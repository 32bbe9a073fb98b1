"""The owner and the tags of customers, written from the cells of their list: each by the act it has of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.accounts.access import Grip, gripping, reach_of
from rapport.accounts.queries import active_staff, staff_list
from rapport.core.remembering import remembered
from rapport.customers.actions_many import assign_owners
from rapport.customers.actions_tags import tag_customers
from rapport.customers.consents.restrictions import restricted_among
from rapport.customers.models import Customer
from rapport.records.bulk.acts import Answers, Refused, Treated
from rapport.records.lists.editing import EditableField, Edits, Values, changed_since
from rapport.records.tags.actions import bring_back
from rapport.records.tags.bulk import MOST_AT_ONCE
from rapport.records.tags.tagging import Tagging, known_tags, read_labels, tags_held, tags_in_words

if TYPE_CHECKING:
    from rapport.accounts.models import User

OWNER, TAGS = "owner_name", "tags"
_OWNED, _TAGGED = "owned", "tagged"
_LONGEST = 1_000


def act_fields(user: User, seen: Iterable[str]) -> dict[str, EditableField]:
    """Owner and tags as they are pasted, as far as `user` sees them."""
    typed = {
        OWNER: EditableField(
            OWNER, gettext_lazy("Owner"), forms.CharField(max_length=_LONGEST),
            check=partial(_read_owner, cache(partial(_colleagues, user))),
            read_as=_name_of, is_cell_only=True, may_be_empty=reach_of(user).everything,
        ),
        TAGS: EditableField(
            TAGS, gettext_lazy("Tags"), forms.CharField(max_length=_LONGEST), check=_read_tags,
            read_as=partial(tags_in_words, "customer"), is_cell_only=True,
        ),
    }  # fmt: skip
    return {name: field for name, field in typed.items() if name in seen}


def _colleagues(user: User) -> list[User]:
    """Those whose records this person can reach, so that nobody hands away what she then cannot see."""
    reach = reach_of(user)
    return active_staff(None if reach.everything else reach.owner_ids)


def _read_owner(colleagues: Callable[[], Sequence[User]], text: str) -> str:
    """The public id of a colleague, by name or e-mail address."""
    wanted = " ".join(text.split()).casefold()
    found = [each for each in colleagues() if each.email.casefold() == wanted]
    found = found or [each for each in colleagues() if each.name.casefold() == wanted]
    if not found:
        words = _("Nobody on the staff whom you can make the owner has the name or e-mail address “%(name)s”.")
        raise forms.ValidationError(words % {"name": text[:60]})
    if len(found) > 1:
        raise forms.ValidationError(_("Several are called “%(name)s”: give the e-mail address.") % {"name": text[:60]})
    return str(found[0].public_id)


def _name_of(public_id: str) -> str:
    return remembered("customers.names_of_staff", lambda: {str(each.public_id): each.name for each in staff_list()})[
        public_id
    ]


def _read_tags(text: str) -> list[str] | None:
    known = {each.label.casefold(): each.value for each in known_tags("customer").values()}
    labels = read_labels(text)
    for label in labels:
        if label.casefold() not in known:
            raise forms.ValidationError(_("There is no tag “%(name)s”.") % {"name": label[:60]})
    if len(labels) > MOST_AT_ONCE:
        raise forms.ValidationError(_("At most %(count)s at once.") % {"count": MOST_AT_ONCE})
    return sorted(known[label.casefold()] for label in labels) or None


def act_values(customer: Customer) -> dict[str, Any]:
    """What the customer holds, as it is kept of a cell."""
    owner = str(customer.owner.public_id) if customer.owner is not None else None
    return {OWNER: owner, TAGS: sorted(each.value for each in tags_held("customer", customer.tags)) or None}


def refusals(edits: Edits) -> dict[int, Refused]:
    """The rows whose owner or tags cannot be written, which are left alone as a whole."""
    wanted = _of_acts(edits.wanted)
    rows = _hold(edits.by, wanted)
    given = [key for key, values in wanted.items() if OWNER in values]
    with gripping(edits.by, Grip.HOLD):
        handed = set(Customer.objects.present().visible_to(edits.by).filter(pk__in=given).values_list("pk", flat=True))
    restricted, refused = restricted_among(list(rows)), dict[int, Refused]()
    for key, customer in rows.items():
        opened, held = edits.opened.get(key), act_values(customer)
        if key in restricted:
            refused[key] = Refused(_("What may be done with this customer is restricted."))
        elif OWNER in wanted[key] and key not in handed:
            refused[key] = Refused(_("It is shared with you: its owner is not yours to choose."))
        elif opened is not None and any(held[name] != opened.get(name) for name in wanted[key]):
            refused[key] = changed_since()
    return refused


def write_acts(edits: Edits, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Write the owners and tags of these rows; says what is noted of each for its undo."""
    wanted = _of_acts({key: edits.wanted[key] for key in keys})
    rows, noted = _hold(edits.by, wanted), dict[int, dict[str, Any]]()
    people = {str(each.public_id): each.pk for each in active_staff()}
    owners = {key: people.get(values[OWNER]) for key, values in wanted.items() if key in rows and OWNER in values}
    before = assign_owners(owners, by=edits.by, now=edits.now) if owners else {}
    for key, owner in before.items():
        if owner != owners[key]:
            noted.setdefault(key, {})[_OWNED] = [owner, owners[key]]
    tagged = _tagging(
        edits, {key: values[TAGS] or [] for key, values in wanted.items() if key in rows and TAGS in values}, rows
    )
    for key, answer in (tag_customers(tagged) if tagged.added else {}).items():
        if isinstance(answer, Treated) and answer.undo:
            noted.setdefault(key, {})[_TAGGED] = dict(answer.undo)
    return noted


def _tagging(edits: Edits, wanted: Mapping[int, Sequence[str]], rows: Mapping[int, Customer]) -> Tagging:
    """Tags that are put away stay where they are: nobody sees them."""
    held = {key: [each.value for each in tags_held("customer", rows[key].tags)] for key in wanted}
    added = {key: [value for value in values if value not in held[key]] for key, values in wanted.items()}
    removed = {key: [value for value in held[key] if value not in wanted[key]] for key in wanted}
    return Tagging(added, removed, edits.by, edits.now)


def refusals_of_undo(undo: Mapping[int, Mapping[str, Any]], *, by: User) -> dict[int, Refused]:
    """The rows that have another owner by now."""
    given = {key: noted[_OWNED][1] for key, noted in undo.items() if _OWNED in noted}
    return {key: changed_since() for key, row in _hold(by, given).items() if row.owner_id != given[key]}


def take_acts_back(undo: Mapping[int, Mapping[str, Any]], *, by: User, now: datetime) -> Answers:
    """The owners and tags as they were; answers for the rows that had others."""
    owners = {key: noted[_OWNED] for key, noted in undo.items() if _OWNED in noted}
    answers: dict[int, Treated | Refused] = {}
    if owners:
        back = assign_owners({key: was for key, (was, _is) in owners.items()}, by=by, now=now)
        answers |= {key: Treated() for key in back}
    tags = {key: noted[_TAGGED] for key, noted in undo.items() if _TAGGED in noted}
    if tags:
        bring_back("customer", {value for each in tags.values() for value in each["removed"]}, by=by)
        added, removed = ({key: each[name] for key, each in tags.items()} for name in ("removed", "added"))
        answered = tag_customers(Tagging(added, removed, by, now))
        answers |= {key: Treated() if isinstance(each, Treated) else each for key, each in answered.items()}
    return answers


def _of_acts(wanted: Mapping[int, Values]) -> dict[int, dict[str, Any]]:
    found = {key: {name: values[name] for name in (OWNER, TAGS) if name in values} for key, values in wanted.items()}
    return {key: values for key, values in found.items() if values}


def _hold(user: User, keys: Iterable[int]) -> dict[int, Customer]:
    """The rows that are there and visible, locked, the smallest id first."""
    seen = Customer.objects.present().visible_to(user).filter(pk__in=list(keys)).order_by("pk")
    return {each.pk: each for each in seen.select_related("owner").select_for_update(of=("self",))}
