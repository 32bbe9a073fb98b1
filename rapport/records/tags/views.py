"""Tags on the pages: of one record, offered while typing, and the settings page where they are renamed, merged and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from psycopg import sql

from rapport.accounts.access import Grip, gripping, staff_only, staff_user
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.records.bulk import actions as bulk_actions
from rapport.records.bulk.acts import BulkAct, Refused, find_act
from rapport.records.bulk.selecting import selectables
from rapport.records.command_log.noting import note_command, undo_url
from rapport.records.layouts.sight import visible_fields
from rapport.records.models import Tag
from rapport.records.permissions import FIELDS
from rapport.records.record_kinds import record_kinds
from rapport.records.tags.actions import ensure_tags, put_away, rename_tag
from rapport.records.tags.bulk import ADD_VALUES, TAKE_VALUES
from rapport.records.tags.tagging import (
    TaggedObject,
    TaggedRecord,
    Tagging,
    TagRefused,
    known_tags,
    read_labels,
    tagged_objects,
    tags_held,
    tags_like,
)
from rapport.records.tags.undoing import TAG_PUT_AWAY, TAG_RENAMED, TAGGED
from rapport.records.undoable import BULK
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User

_COUNTED_TO = 10_000
_OFFERED = 200
_COUNTS = sql.SQL("""
select v.value, (select count(*) from (select 1 from {table} r where r.tags ?| array[v.value] and {present} limit {most}) c)
  from unnest(%s::text[]) as v (value)
""")


@staff_only()
@require_http_methods(["GET", "HEAD", "POST"])
def record_tags(request: HttpRequest, object_name: str, public_id: Any) -> HttpResponse:
    """The tags of one record: what is typed is added, what is pressed goes. Without JavaScript a page of its own."""
    user = staff_user(request)
    of = _tagged(user, object_name)
    if not user.has_right(of.right):
        raise Http404
    with gripping(user, Grip.CHANGE):
        record = of.find(user, public_id)
        if record is None:
            raise Http404
        if request.method != "POST":
            return _show_record(request, of, record)
        try:
            added = ensure_tags(of.object, read_labels(request.POST.get("add", "")), by=user, request=request)
        except TagRefused as refusal:
            toast(request, str(refusal), bad=True)
            return HttpResponseRedirect(record.url)
        removed = [value for value in request.POST.getlist("remove") if value in record.values]
        _change(request, of, record, added, removed)
    return HttpResponseRedirect(record.url)


def _show_record(request: HttpRequest, of: TaggedObject, record: TaggedRecord) -> HttpResponse:
    context = {
        "of": of, "record": record, "held": tags_held(of.object, record.values),
        "offered": _offered(of.object, record), "action": request.path,
    }  # fmt: skip
    return render_page(request, "records/tags_record.html", context)


def _change(request: HttpRequest, of: TaggedObject, record: TaggedRecord, added: list[str], removed: list[str]) -> None:
    user, now = staff_user(request), utc_now()
    with acting(user, request, reason="tagged"):
        tagging = Tagging({record.key: added}, {record.key: removed}, user, now, request)
        answer = of.write(tagging).get(record.key)
        changed = {} if answer is None or isinstance(answer, Refused) else dict(answer.undo)
        command = None
        if changed:
            noted, kind = {"object": of.object, "key": record.key, **changed}, record_kinds().get(of.object)
            command = note_command(
                TAGGED, noted, by=user, now=now, record_kind=of.object, record_id=record.key,
                customer_id=record.key if kind is not None and kind.is_customer else None,
            )  # fmt: skip
    if isinstance(answer, Refused):
        toast(request, answer.reason, bad=True)
    elif changed:
        toast(request, _("The tags of %(name)s were changed.") % {"name": record.name}, undo_url=undo_url(command))


@staff_only()
@require_safe
def offer_tags(request: HttpRequest, object_name: str) -> HttpResponse:
    """Tags that fit what is being typed, as the options of a list."""
    _tagged(staff_user(request), object_name)
    words = request.GET.get("add", "") or request.GET.get("take", "")
    return render(request, "records/tags_offered.html", {"offered": tags_like(object_name, words[:200])})


@staff_only(FIELDS)
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """Every tag with how many records hold it."""
    user = staff_user(request)
    sections = []
    for of in tagged_objects().values():
        known = list(known_tags(of.object).values())
        counts = _counts(of, [each.value for each in known])
        path = reverse(of.list_url_name)
        rows = [(each, counts.get(each.value, 0), f"{path}?filter=tags.has:{each.value}") for each in known]
        sections.append((of, rows, user.has_right(of.right)))
    return render_page(request, "records/tags.html", {"sections": sections, "counted_to": _COUNTED_TO})


@staff_only(FIELDS)
@require_POST
def tag_rename(request: HttpRequest, public_id: Any) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    tag = _tag_or_404(public_id)
    try:
        with acting(user, request, reason="tag renamed"):
            before = rename_tag(tag, request.POST.get("label", ""), by=user, request=request)
            tag.refresh_from_db()
            noted = {"tag": tag.pk, "from": before, "to": tag.label}
            command = note_command(TAG_RENAMED, noted, by=user, now=now) if before != tag.label else None
    except TagRefused as refusal:
        toast(request, str(refusal), bad=True)
    else:
        toast(request, _("The tag is called %(label)s now.") % {"label": tag.label}, undo_url=undo_url(command))
    return HttpResponseRedirect(reverse("tags"))


@staff_only(FIELDS)
@require_POST
def tag_merge(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Who has this tag gets the other one instead."""
    tag = _tag_or_404(public_id)
    others = {str(each.public_id): each for each in known_tags(tag.object).values() if each.public_id != tag.public_id}
    into = others.get(request.POST.get("into", ""))
    if into is None:
        toast(request, _("Choose the tag that is to stay."), bad=True)
        return HttpResponseRedirect(reverse("tags"))
    return _empty_out(request, tag, {ADD_VALUES: into.value, TAKE_VALUES: tag.value})


@staff_only(FIELDS)
@require_POST
def tag_delete(request: HttpRequest, public_id: Any) -> HttpResponse:
    tag = _tag_or_404(public_id)
    return _empty_out(request, tag, {TAKE_VALUES: tag.value})


def _empty_out(request: HttpRequest, tag: Tag, answers: dict[str, str]) -> HttpResponse:
    """Take the tag from whatever holds it, as an act on many rows that can be undone, and put it away."""
    user, now = staff_user(request), utc_now()
    of = tagged_objects()[tag.object]
    act = find_act(tag.object, "tag")
    if act is None or not user.has_right(act.right) or "tags" not in visible_fields(user, tag.object):
        raise Http404
    if not _counts(of, [tag.value])[tag.value]:
        with acting(user, request, reason="tag put away"):
            put_away(tag, by=user, now=now, request=request)
            command = note_command(TAG_PUT_AWAY, {"tag": tag.pk}, by=user, now=now)
        toast(request, _("The tag %(label)s is gone.") % {"label": tag.label}, undo_url=undo_url(command))
        return HttpResponseRedirect(reverse("tags"))
    return _begin(request, tag, act, answers, user=user)


def _begin(request: HttpRequest, tag: Tag, act: BulkAct, answers: dict[str, str], *, user: User) -> HttpResponse:
    now, selectable = utc_now(), selectables()[tag.object]
    with gripping(user, Grip.CHANGE):
        selection = bulk_actions.select_rows(
            selectable, rows=[], query=f"filter=tags.has:{tag.value}", is_everything=True, by=user, now=now
        )
        run = bulk_actions.draft_run(act, selection)
        bulk_actions.begin_run(run, selectable, answers=answers, by=user, now=now, request=request)
    note_command(BULK, {"run": run.pk}, by=user, now=now)
    put_away(tag, by=user, now=now, request=request)
    return HttpResponseRedirect(reverse("bulk_run", args=[run.public_id]))


def _counts(of: TaggedObject, values: list[str]) -> dict[str, int]:
    """How many records hold each of these, counted as far as a list counts."""
    if not values:
        return {}
    statement = _COUNTS.format(
        table=sql.Identifier(of.table), present=sql.SQL(of.present),  # type: ignore[arg-type]
        most=sql.Literal(_COUNTED_TO + 1),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, [values])
        return dict(cursor.fetchall())


def _offered(object_name: str, record: TaggedRecord) -> list[Any]:
    return [each for each in known_tags(object_name).values() if each.value not in record.values][:_OFFERED]


def _tagged(user: User, object_name: str) -> TaggedObject:
    """Whoever does not see the field does not see that there is one."""
    found = tagged_objects().get(object_name)
    selectable = selectables().get(object_name)
    if found is None or selectable is None or not user.has_right(selectable.right):
        raise Http404
    if "tags" not in visible_fields(user, object_name):
        raise Http404
    return found


def _tag_or_404(public_id: Any) -> Tag:
    found = Tag.objects.filter(public_id=public_id, put_away_at=None, object__in=tagged_objects()).first()
    if found is None:
        raise Http404
    return found
