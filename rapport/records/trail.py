"""The trail in the words of the fields: own fields by their labels, hidden ones left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rapport.audit.reading import TrailReader, Values
from rapport.records.custom_fields import as_text, custom_objects
from rapport.records.custom_fields_queries import every_field, fields_known
from rapport.records.layouts import hidden_names

if TYPE_CHECKING:
    from rapport.accounts.models import User

_CUSTOM = "custom"


def _read(user: User, table: str, values: Values) -> Values:
    of = next((each for each in custom_objects().values() if table in each.tables), None)
    if of is None:
        return values
    hidden = hidden_names(user, of.name)
    # a column is known by the field that shows it, which may have another name
    shown_as = {field.sql.removeprefix("r."): name for name, field in every_field(of.name).items() if field.own is None}
    kept = [(name, said) for name, said in values if name != _CUSTOM and not {name, shown_as.get(name, name)} & hidden]
    own = next((said for name, said in values if name == _CUSTOM), None)
    return tuple(kept) + (_own_values(of.name, own, hidden) if own is not None else ())


def _own_values(object_name: str, said: Any, hidden: frozenset[str]) -> Values:
    """Before and after of each own field that changed, as a person reads them."""
    before, after = said if isinstance(said, list) and len(said) == 2 else (None, said)
    before, after = before or {}, after or {}
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ()
    known = {each.name: each for each in fields_known().definitions.get(object_name, ())}
    read = []
    for name in sorted({*before, *after}):
        if before.get(name) == after.get(name) or (name in hidden and not (name in known and known[name].is_archived)):
            continue
        definition = known.get(name)
        texts = [
            as_text(definition, each) if definition else str(each or "") for each in (before.get(name), after.get(name))
        ]
        read.append((definition.label if definition else name, [text or None for text in texts]))
    return tuple(read)


READERS = (TrailReader("own fields", _read),)
