"""What somebody asked of a list, in words for a reader: as far as her role sees the fields that it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.http import QueryDict
from django.utils.translation import gettext as _

from rapport.records.bulk.narrowing import SELECTION
from rapport.records.exporting.lists import every_list
from rapport.records.lists.querying import read_request
from rapport.records.registry import UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User


def list_in_words(name: str) -> str:
    return str(every_list()[name].label) if name in every_list() else name


def asked_in_words(name: str, query: str, *, user: User) -> str:
    """The search and the filters of a list's address; nothing where the whole list was asked for."""
    wanted = QueryDict(query, mutable=True)
    selected = wanted.pop(SELECTION, None)
    narrowed = QueryDict(mutable=True)
    for each in ("q", "filter"):
        narrowed.setlist(each, wanted.getlist(each))
    try:
        asked = read_request(narrowed, every_list()[name].of(user), user=user)
    except (UnknownField, KeyError):
        return _("something that you do not see, or that there is no more")
    said = [_("selected rows")] if selected else []
    said += [f"“{asked.words}”"] if asked.words else []
    return "; ".join([*said, *(each.words for each in asked.filters)])


def columns_in_words(name: str, columns: Sequence[str], *, user: User) -> str:
    """What the columns are called that the reader sees; of the others, only that there are some."""
    fields = every_list()[name].of(user).fields_for(user)
    said = [str(fields[each].label) for each in columns if each in fields]
    return ", ".join(said if len(said) == len(columns) else [*said, _("others that you do not see")])
