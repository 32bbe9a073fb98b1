"""Tags: what rooms declare in tags/tagging.py of theirs, the tags there are, and how those of a record are read and shown.

A record holds the values of its tags as a JSON list, or nothing where it has none: a partial GIN index answers filters.
"""

from __future__ import annotations

import json
import re
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.core.remembering import remembered
from rapport.core.rooms import contributions
from rapport.records.bulk.acts import Answers
from rapport.records.custom_fields.queries import MARK
from rapport.records.models import FieldsMark, Tag
from rapport.records.registry import Field, FieldKind

if TYPE_CHECKING:
    from django.http import HttpRequest

    from rapport.accounts.models import User

LONGEST_LABEL = 40
MOST_TAGS = 2_000
HUES = 8
BETWEEN = ";"
_SEPARATORS = re.compile("[;,|\n]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class TagRefused(ValueError):
    """A tag cannot be called or treated like this; the message says why."""


@dataclass(frozen=True)
class KnownTag:
    public_id: uuid.UUID
    value: str
    label: str

    @property
    def tone(self) -> str:
        """One of the hues of the design, always the same for a tag."""
        return f"tag tag-{zlib.crc32(self.value.encode()) % HUES}"


@dataclass(frozen=True)
class TaggedRecord:
    """One record with its tags: what it is called, where its page is, and the values it holds."""

    key: int
    name: str
    url: str
    values: Sequence[str]


@dataclass(frozen=True)
class Tagging:
    """Tags that rows are to get and to lose, by the keys of the rows."""

    added: Mapping[int, Sequence[str]]
    removed: Mapping[int, Sequence[str]]
    by: User
    now: datetime
    request: HttpRequest | None = None


@dataclass(frozen=True)
class TaggedObject:
    """A kind of record that takes tags; its table has a column `tags`. A room lists its own in tags.TAGGED.

    `find` answers by public id with what this person may see. `write` answers for each row that she may see with
    Treated({"added": …, "removed": …}), what really changed, and writes within the transaction around it.
    """

    object: str
    label: str | Promise
    table: str
    list_url_name: str
    right: str
    find: Callable[[User, uuid.UUID], TaggedRecord | None]
    write: Callable[[Tagging], Answers]
    present: str = "true"


@cache
def tagged_objects() -> dict[str, TaggedObject]:
    return {each.object: each for each in contributions("tags", "TAGGED", TaggedObject)}


def tags_field(object_name: str, *, order: int) -> Field:
    """The field by which lists, filters, files and programs know the tags of an object."""
    return Field(
        object=object_name, name="tags", label=_("Tags"), kind=FieldKind.CHOICES, sql="r.tags",
        operators=("has", "has_all", "has_not", "empty", "filled"), choices=partial(_choices, object_name),
        format=partial(tags_in_words, object_name), chips=partial(tag_chips, object_name), wide_only=True, order=order,
    )  # fmt: skip


def known_tags(object_name: str) -> dict[str, KnownTag]:
    """The tags of an object that are in use, by value, in the order of their labels."""
    mark = remembered(MARK, lambda: FieldsMark.objects.values_list("mark", flat=True).first(), lasts=True)
    return {} if mark is None else _read(mark).get(object_name, {})


def tags_held(object_name: str, values: Any) -> list[KnownTag]:
    """The tags behind what a record holds, in the order of their labels; those put away are not shown."""
    held = json.loads(values) if isinstance(values, str) else values
    known = known_tags(object_name)
    return [each for value, each in known.items() if value in (held or ())]


def tag_chips(object_name: str, values: Any) -> list[tuple[str, str]]:
    return [(each.label, each.tone) for each in tags_held(object_name, values)]


def tags_in_words(object_name: str, values: Any) -> str:
    """As a file has them, and reads them again."""
    return f"{BETWEEN} ".join(each.label for each in tags_held(object_name, values))


def tags_like(object_name: str, words: str, *, at_most: int = 20) -> list[KnownTag]:
    """Tags to offer to who is typing: those that begin so, then those that hold it."""
    typed = read_labels(words)[-1:] if words.strip() else []
    asked = typed[0].casefold() if typed else ""
    found = [each for each in known_tags(object_name).values() if asked in each.label.casefold()]
    return sorted(found, key=lambda each: not each.label.casefold().startswith(asked))[:at_most]


def read_labels(text: str) -> list[str]:
    """The labels in a text, separated by semicolons, commas or lines; each once, whatever its case."""
    labels = (" ".join(_CONTROL.sub(" ", part).split()) for part in _SEPARATORS.split(text))
    return list({label.casefold(): label for label in labels if label}.values())


def checked_label(label: str) -> str:
    """The label as it is kept. Raises TagRefused."""
    found = read_labels(label)
    if len(found) != 1:
        raise TagRefused(_("Name one tag, without ; , or |."))
    if len(found[0]) > LONGEST_LABEL:
        raise TagRefused(_("A tag has at most %(count)s letters.") % {"count": LONGEST_LABEL})
    return found[0]


def _choices(object_name: str) -> list[tuple[str, str | Promise]]:
    return [(each.value, each.label) for each in known_tags(object_name).values()]


@lru_cache(maxsize=4)
def _read(mark: uuid.UUID) -> dict[str, dict[str, KnownTag]]:
    found: dict[str, dict[str, KnownTag]] = {}
    for row in _sorted(Tag.objects.filter(put_away_at=None)):
        found.setdefault(row.object, {})[row.value] = KnownTag(row.public_id, row.value, row.label)
    return found


def _sorted(rows: Iterable[Tag]) -> list[Tag]:
    return sorted(rows, key=lambda row: row.label.casefold())
