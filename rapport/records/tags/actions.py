"""Writes to tags: making, renaming, putting away and bringing back; each changes the mark by which every process notices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext as _

from rapport.core.acting import Actor, acting
from rapport.records.custom_fields.actions import change_mark
from rapport.records.models import Tag
from rapport.records.tags.tagging import LONGEST_LABEL, MOST_TAGS, TagRefused, checked_label

if TYPE_CHECKING:
    from rapport.accounts.models import User

_ONE_MAKER_AT_A_TIME = 7_263_131


def ensure_tags(object_name: str, labels: Sequence[str], *, by: Actor, request: HttpRequest | None = None) -> list[str]:
    """The values of the tags with these labels, in their order; what is new is made. Raises TagRefused."""
    wanted = [checked_label(label) for label in labels]
    known = _by_label(object_name)
    if all(label.casefold() in known for label in wanted):
        return [known[label.casefold()] for label in wanted]
    with acting(by, request, reason="tag added"), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_ONE_MAKER_AT_A_TIME])
        known = _by_label(object_name)
        taken = set(Tag.objects.filter(object=object_name).values_list("value", flat=True))
        for label in wanted:
            if label.casefold() in known:
                continue
            if len(known) >= MOST_TAGS:
                raise TagRefused(_("There are %(count)s tags already; take one of them.") % {"count": MOST_TAGS})
            value = _free_value(label, taken)
            Tag.objects.create(object=object_name, value=value, label=label)
            known[label.casefold()] = value
            taken.add(value)
        change_mark()
    return [known[label.casefold()] for label in wanted]


def rename_tag(tag: Tag, label: str, *, by: User, request: HttpRequest | None = None) -> str:
    """Call it otherwise everywhere; returns what it was called. Raises TagRefused."""
    wanted = checked_label(label)
    with acting(by, request, reason="tag renamed"):
        current = Tag.objects.select_for_update().get(pk=tag.pk)
        others = Tag.objects.filter(object=tag.object, put_away_at=None, label__iexact=wanted).exclude(pk=tag.pk)
        if others.exists():
            raise TagRefused(_("There is such a tag already; merge the two."))
        before, current.label = current.label, wanted
        current.save(update_fields=["label"])
        change_mark()
    return str(before)


def put_away(tag: Tag, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Take a tag from every page; records may hold it still. Says whether it was there."""
    with acting(by, request, reason="tag put away"):
        changed = Tag.objects.filter(pk=tag.pk, put_away_at=None).update(put_away_at=now)
        change_mark()
    return bool(changed)


def bring_back(object_name: str, values: Iterable[str], *, by: Actor, request: HttpRequest | None = None) -> None:
    """Tags that were put away are there again; one whose label another tag has by now gets a number. Inside `acting`."""
    gone = list(
        Tag.objects.select_for_update().filter(object=object_name, value__in=list(values)).exclude(put_away_at=None)
    )
    if not gone:
        return
    with acting(by, request, reason="tag brought back"):
        known = _by_label(object_name)
        for tag in gone:
            number, label = 1, tag.label
            while label.casefold() in known:
                number += 1
                label = f"{tag.label[: LONGEST_LABEL - 4]} {number}"
            tag.label, tag.put_away_at = label, None
            tag.save(update_fields=["label", "put_away_at"])
            known[label.casefold()] = tag.value
        change_mark()


def _by_label(object_name: str) -> dict[str, str]:
    rows = Tag.objects.filter(object=object_name, put_away_at=None).values_list("label", "value")
    return {label.casefold(): value for label, value in rows}


def _free_value(label: str, taken: set[str]) -> str:
    """A word for addresses, which never changes."""
    plain = slugify(label, allow_unicode=True)[:LONGEST_LABEL].strip("-_") or "tag"
    number, value = 1, plain
    while value in taken:
        number += 1
        value = f"{plain}-{number}"
    return value
