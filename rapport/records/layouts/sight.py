"""Who sees which field: the one place that lists, pages, forms, exports and the API ask before they name one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from rapport.records.custom_fields.declaring import CustomDefinition
from rapport.records.custom_fields.queries import FieldsKnown, Layout, fields_known
from rapport.records.registry import Field, behaviors_of, fields_of

if TYPE_CHECKING:
    from rapport.accounts.models import User


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)
T = TypeVar("T")
_EVERYTHING = Layout()
_MOST_SEEN = 500


def visible_fields(user: User, object_name: str) -> dict[str, Field]:
    """Every field of the object that `user` may name, in the order of the role's layout and with its columns.

    What is not here does not exist: naming it is answered like a name that was never there.
    """
    return _visible(user, object_name, fields_known()).copy()


def worked_out(user: User, object_name: str, name: str, find: Callable[[], T]) -> T:
    """What follows from the fields that `user` may name of the object, and from nothing else, under this name.

    It is found once for each state of fields, layouts and rights; whoever is given it must not change it.
    """
    return _once(fields_known(), name, user, object_name, find)


def _once(known: FieldsKnown, name: str, user: User, object_name: str, find: Callable[[], T]) -> T:
    asked = (name, *_asked_by(user, object_name))
    found = known.seen.get(asked)
    if found is None:
        if len(known.seen) >= _MOST_SEEN:
            known.seen.clear()
        found = known.seen[asked] = find()
    return cast(T, found)


def _asked_by(user: User, object_name: str) -> tuple[object, ...]:
    """All of a person that it depends on which fields she sees."""
    role = user.role
    return object_name, user.role_id, user.is_active, role.scope, tuple(role.rights), user.lent


def _visible(user: User, object_name: str, known: FieldsKnown) -> dict[str, Field]:
    return _once(known, "visible", user, object_name, lambda: _find_visible(user, object_name, known))


def _find_visible(user: User, object_name: str, known: FieldsKnown) -> dict[str, Field]:
    layout = _layout(user, object_name, known)
    fields = _all(object_name, known)
    hidden = _hidden(fields.values(), layout) | _told(fields.values(), layout, _archived(object_name, known))
    seen = [
        _without_hidden_parts(user, each, hidden)
        for each in fields.values()
        if each.name not in hidden and _may(user, each) and not _is_hidden_elsewhere(user, each)
    ]
    return {each.name: _as_column(each, layout) for each in in_order(seen, layout.ordering)}


def fields_to_ask(user: User, object_name: str) -> dict[str, Field]:
    """Whatever `user` may name in a filter: the fields she sees, and what she may ask besides."""
    asked = behaviors_of(object_name)
    hidden = _hidden(asked.values(), _layout(user, object_name, fields_known()))
    return visible_fields(user, object_name) | {
        name: _offering(field, user) for name, field in asked.items() if name not in hidden and _may(user, field)
    }


def fields_of_everybody(object_name: str) -> dict[str, Field]:
    """Whatever there is to name in a filter, for what is asked in nobody's name; it must not be shown to anybody as it is."""
    return _all(object_name, fields_known()) | behaviors_of(object_name)


def hidden_names(user: User, object_name: str) -> frozenset[str]:
    """The names of the fields that the role does not see, archived ones of one's own among them."""
    known = fields_known()
    return _once(known, "hidden", user, object_name, lambda: _find_hidden(user, object_name, known))


def _find_hidden(user: User, object_name: str, known: FieldsKnown) -> frozenset[str]:
    fields = _all(object_name, known)
    layout, archived = _layout(user, object_name, known), _archived(object_name, known)
    hidden = _hidden(fields.values(), layout) | _told(fields.values(), layout, archived)
    not_seen = {f.name for f in fields.values() if not _may(user, f) or _is_hidden_elsewhere(user, f)}
    return frozenset(hidden | archived | not_seen)


def sees_all_fields(user: User) -> bool:
    """Whether nothing is hidden from the role, of any object: only then may it be given what shows everything."""
    layouts = fields_known().layouts
    return not any(layout.hidden for (role, _object), layout in layouts.items() if role == user.role_id)


def visible_custom_fields(user: User, object_name: str) -> tuple[CustomDefinition, ...]:
    """The fields of one's own that `user` sees on the object's page and form, in order."""
    known = fields_known()
    return _once(known, "own", user, object_name, lambda: _find_own(_visible(user, object_name, known)))


def _find_own(visible: Mapping[str, Field]) -> tuple[CustomDefinition, ...]:
    return tuple(each.own for each in visible.values() if each.own is not None)


def visible_panels(user: User, object_name: str, panels: Sequence[N]) -> list[N]:
    """The panels that the role sees on the object's page, in the order of its layout."""
    layout = _layout(user, object_name, fields_known())
    return in_order([each for each in panels if each.name not in layout.hidden_panels], layout.panel_ordering)


def in_order(items: Sequence[N], ordering: Sequence[str]) -> list[N]:
    """Those that are named first, as they are named; the others after them, as they were."""
    places = {name: place for place, name in enumerate(ordering)}
    return sorted(items, key=lambda each: places.get(each.name, len(places)))


def can_be_hidden(field: Field) -> bool:
    return not field.essential and not field.hidden_with


def _layout(user: User, object_name: str, known: FieldsKnown) -> Layout:
    return known.layouts.get((user.role_id, object_name), _EVERYTHING)


def _all(object_name: str, known: FieldsKnown) -> dict[str, Field]:
    return {**fields_of(object_name), **known.fields.get(object_name, {})}


def _hidden(fields: Iterable[Field], layout: Layout) -> set[str]:
    if not layout.hidden:
        return set()
    return {
        each.name
        for each in fields
        if not each.essential and (each.name in layout.hidden or each.hidden_with in layout.hidden)
    }


def _told(fields: Iterable[Field], layout: Layout, archived: Set[str]) -> set[str]:
    """Those that would tell of a field that is hidden, or that nobody sees any more."""
    unseen = layout.hidden | archived
    return {each.name for each in fields if unseen and each.tells is not None and each.tells() in unseen}


def _archived(object_name: str, known: FieldsKnown) -> set[str]:
    return {each.name for each in known.definitions.get(object_name, ()) if each.is_archived}


def _may(user: User, field: Field) -> bool:
    return not field.right or user.has_right(field.right)


def _offering(field: Field, user: User) -> Field:
    if field.asks is None:
        return field
    asks = field.asks.seen_by(lambda object_name, name: name in visible_fields(user, object_name))
    return replace(field, asks=asks, choices=partial(asks.choices_for, user))


def _as_column(field: Field, layout: Layout) -> Field:
    if layout.columns is None or (field.essential and field.default_column):
        return field
    return replace(field, default_column=field.name in layout.columns)


def _is_hidden_elsewhere(user: User, field: Field) -> bool:
    """Whether it shows a field of another object that `user` does not see there."""
    return bool(field.shows) and field.shows[1] not in visible_fields(user, field.shows[0])


def _without_hidden_parts(user: User, field: Field, hidden: Set[str]) -> Field:
    hidden = hidden_names(user, field.parts_of) if field.parts_of else hidden
    if not field.parts or not hidden & {name for name, _sql in field.parts}:
        return field
    left = ", ".join(sql for name, sql in field.parts if name not in hidden)
    return replace(field, sql=f"coalesce({left})")
