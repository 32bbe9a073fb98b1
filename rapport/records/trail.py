"""The trail in the words of the fields: own fields by their labels, hidden ones left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from rapport.audit.queries import TrailEntry
from rapport.audit.reading import EXPORTS, OTHER, Act, Acts, ActWord, Reason, Said, TableWords, TrailReader, Values
from rapport.records.bulk.acts import find_act
from rapport.records.custom_fields.declaring import as_text, custom_objects
from rapport.records.custom_fields.queries import every_field, fields_known
from rapport.records.exporting.lists import CSV, XLSX, every_list
from rapport.records.layouts.sight import hidden_names
from rapport.records.layouts.trail import read_layout
from rapport.records.lists.words import asked_in_words, columns_in_words, list_in_words

if TYPE_CHECKING:
    from rapport.accounts.models import User

_CUSTOM = "custom"
_FORMATS = {CSV: _("CSV"), XLSX: _("Excel workbook")}


def _read(user: User, entry: TrailEntry, values: Values) -> tuple[Values, list[Said]]:
    of = next((each for each in custom_objects().values() if entry.table in each.tables), None)
    if of is None:
        return values, []
    hidden = hidden_names(user, of.name)
    # a column is known by the field that shows it, which may have another name
    shown_as = {field.sql.removeprefix("r."): name for name, field in every_field(of.name).items() if field.own is None}
    kept = [(name, said) for name, said in values if name != _CUSTOM and not {name, shown_as.get(name, name)} & hidden]
    own = next((said for name, said in values if name == _CUSTOM), None)
    return tuple(kept), _own_values(of.name, own, hidden) if own is not None else []


def _read_lists(user: User, entry: TrailEntry, values: Values) -> tuple[Values, list[Said]]:
    """Which list it was, and what was asked of it."""
    if entry.table:
        is_of_list = entry.table in _OF_A_LIST
        return tuple((name, _listed(each) if is_of_list and name == "object" else each) for name, each in values), []
    told = dict(values)
    if not isinstance(told.get("list"), str) or told["list"] not in every_list():
        return values, []
    return tuple((name, _of_list(user, told["list"], name, each)) for name, each in values), []


def _of_list(user: User, listed: str, name: str, value: Any) -> Any:
    if name == "list":
        return list_in_words(listed)
    if name == "filter":
        return asked_in_words(listed, str(value), user=user)
    if name == "columns":
        return columns_in_words(listed, str(value).split(", "), user=user)
    return str(_FORMATS.get(value, value)) if name == "format" else value


def _listed(value: Any) -> Any:
    """One name, or what it was before and after."""
    return [_listed(each) for each in value] if isinstance(value, list) else list_in_words(str(value or ""))


def _own_values(object_name: str, said: Any, hidden: frozenset[str]) -> list[Said]:
    """Before and after of each own field that changed, as a person reads them."""
    before, after = said if isinstance(said, list) and len(said) == 2 else (None, said)
    before, after = before or {}, after or {}
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    known = {each.name: each for each in fields_known().definitions.get(object_name, ())}
    read = []
    for name in sorted({*before, *after}):
        if before.get(name) == after.get(name) or (name in hidden and not (name in known and known[name].is_archived)):
            continue
        definition = known.get(name)
        was, now = (
            as_text(definition, each) if definition else str(each or "") for each in (before.get(name), after.get(name))
        )
        read.append(Said(f"custom.{name}", definition.label if definition else name, was, now, is_data=True))
    return read


def _bulk_act(name: str) -> str:
    """What an act on many rows is called, of which the trail knows the object and the name."""
    is_undo = name.startswith("undo ")
    object_name, _dot, act_name = name.removeprefix("undo ").partition(".")
    act = find_act(object_name, act_name)
    if act is None:
        return ""
    said = _("Act on many, undone: %(act)s") if is_undo else _("Act on many: %(act)s")
    return str(said) % {"act": act.label}


READERS = (TrailReader("own fields", _read), TrailReader("layouts", read_layout), TrailReader("lists", _read_lists))
_OF_A_LIST = ("records_customfield", "records_fieldlayout", "records_tag", "records_roleview")
TABLES = (
    TableWords(
        "records_customfield",
        _("Field"),
        {
            "object": _("Of"), "name": _("Name"), "label": _("Label"), "kind": _("Kind"), "help_text": _("Help"),
            "is_required": _("Required"), "is_column": _("Column of the list"), "is_searched": _("Searched"),
            "is_sorted": _("Sorted"), "choices": _("Choices"), "position": _("Position"), "archived_at": _("Archived"),
        },
        left_out=("made_at", "created_at"),
    ),
    TableWords(
        "records_fieldlayout",
        _("Fields of a role"),
        {
            "role_id": _("Role"), "object": _("Of"), "hidden": _("Hidden"), "ordering": _("Order"),
            "columns": _("Columns"), "hidden_panels": _("Hidden panels"), "panel_ordering": _("Order of panels"),
        },
    ),
    TableWords(
        "records_tag",
        _("Tag"),
        {"object": _("Of"), "label": _("Tag"), "made_at": _("Made"), "put_away_at": _("Put away")},
        left_out=("value",),
    ),
    TableWords(
        "records_roleview", _("View of a role"), {"role_id": _("Role"), "object": _("Of"), "view_id": _("View")}
    ),
)  # fmt: skip
ACTS = (
    Act("import", _("Rows imported")),
    Act("undo-import", _("Import taken back")),
    Act("import undo asked", _("Import to be taken back")),
    Act("import continued", _("Import continued")),
    Act("import cancelled", _("Import cancelled")),
    Act("refused rows read", _("Refused rows of an import fetched"), EXPORTS),
    Act("list exported", _("List exported"), EXPORTS),
    Act("export read", _("Export fetched"), EXPORTS),
    Act("shared view deleted", _("Shared view deleted"), OTHER),
    Act("field purged", _("Values of a field removed"), OTHER),
)
FAMILIES = (Acts("acts on many rows", _bulk_act),)
REASONS = (
    Reason("records.undone", _("Undone")),
    Reason("records.cell", _("Changed in a list")),
    Reason("bulk act ", _("Act on many rows")),
    Reason("import ", _("Import")),
    Reason("undo import ", _("Import taken back")),
    Reason("field added", _("Field added")),
    Reason("field changed", _("Field changed")),
    Reason("field archived", _("Field archived")),
    Reason("field restored", _("Field brought back")),
    Reason("field indexed", _("Field made fast to sort")),
    Reason("field purged", _("Values of a field removed")),
    Reason("fields ordered", _("Order of fields changed")),
    Reason("layout changed", _("What a role sees changed")),
    Reason("view saved", _("View saved")),
    Reason("view changed", _("View changed")),
    Reason("view shared", _("View shared")),
    Reason("view of a role", _("View of a role chosen")),
    Reason("view pinned", _("View pinned")),
    Reason("view opened first", _("View to begin with chosen")),
    Reason("view deleted", _("View deleted")),
    Reason("view restored", _("View brought back")),
    Reason("columns chosen", _("Columns chosen")),
    Reason("tagged", _("Tags changed")),
    Reason("tag added", _("Tag added")),
    Reason("tag renamed", _("Tag renamed")),
    Reason("tag put away", _("Tag deleted")),
    Reason("tag brought back", _("Tag brought back")),
)
WORDS = (
    ActWord("bulk_act"),
    ActWord("import"),
    ActWord("chunk"),
    ActWord("rows", _("Rows")),
    ActWord("refused", _("Refused")),
    ActWord("new", _("New")),
    ActWord("changed", _("Changed")),
    ActWord("unchanged", _("Unchanged")),
    ActWord("list", _("List")),
    ActWord("filter", _("Filter")),
    ActWord("columns", _("Columns")),
    ActWord("format", _("Format")),
)
