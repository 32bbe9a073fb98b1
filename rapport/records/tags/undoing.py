"""How what was done with tags is undone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.records.bulk.acts import Refused
from rapport.records.command_log.noting import Undoable, Undoing, UndoRefused, changed_since, gone
from rapport.records.models import Tag
from rapport.records.permissions import FIELDS
from rapport.records.tags.actions import bring_back, rename_tag
from rapport.records.tags.tagging import Tagging, TagRefused, tagged_objects

TAGGED, TAG_RENAMED, TAG_PUT_AWAY = "records.tagged", "records.tag_renamed", "records.tag_put_away"


def _undo_tagged(undoing: Undoing) -> None:
    """What was added goes again, and what was taken is back, its tag too where that was put away since."""
    noted, of = undoing.arguments, tagged_objects().get(undoing.arguments["object"])
    if of is None or not undoing.by.has_right(of.right):
        raise gone()
    bring_back(of.object, noted["removed"], by=undoing.by, request=undoing.request)
    key = noted["key"]
    answers = of.write(
        Tagging({key: noted["removed"]}, {key: noted["added"]}, undoing.by, undoing.now, undoing.request)
    )
    answer = answers.get(key)
    if answer is None:
        raise gone()
    if isinstance(answer, Refused):
        raise UndoRefused(answer.reason)


def _undo_renamed(undoing: Undoing) -> None:
    tag = _tag(undoing)
    if tag.label != undoing.arguments["to"]:
        raise changed_since()
    try:
        rename_tag(tag, undoing.arguments["from"], by=undoing.by, request=undoing.request)
    except TagRefused as refusal:
        raise UndoRefused(str(refusal)) from refusal


def _undo_put_away(undoing: Undoing) -> None:
    tag = _tag(undoing)
    bring_back(tag.object, [tag.value], by=undoing.by, request=undoing.request)


def _tag(undoing: Undoing) -> Tag:
    tag = Tag.objects.filter(pk=undoing.arguments["tag"]).first()
    if tag is None:
        raise gone()
    return tag


TAG_UNDOABLES = (
    Undoable(TAGGED, _("Tags changed"), "", undo=_undo_tagged),
    Undoable(TAG_RENAMED, _("Tag renamed"), FIELDS.name, undo=_undo_renamed),
    Undoable(TAG_PUT_AWAY, _("Tag deleted"), FIELDS.name, undo=_undo_put_away),
)
