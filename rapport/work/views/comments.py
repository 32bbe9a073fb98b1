"""Writing, changing and deleting comments."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.accounts.access import staff_only, staff_user
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.records.command_log.noting import mark_undone, undo_url
from rapport.records.record_kinds import FoundRecord, find_record
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast
from rapport.work import actions_comments, noting, queries
from rapport.work.events import CommentDeleted, CommentWritten
from rapport.work.following import is_following
from rapport.work.forms import CommentForm
from rapport.work.models import Comment
from rapport.work.permissions import EDIT
from rapport.work.presenting import comments_part
from rapport.work.views.returning import to_record

PART = "comments"


@staff_only(EDIT)
@require_POST
def comment_write(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    user = staff_user(request)
    record = find_record(user, kind, public_id)
    form = CommentForm(request.POST)
    if form.is_valid():
        now = utc_now()
        with acting(user, request, reason=CommentWritten.name):
            comment = actions_comments.write_comment(
                record, form.cleaned_data["text"], is_private=form.cleaned_data["private"], by=user, now=now,
                request=request,
            )  # fmt: skip
            command = noting.note_comment_written(comment, by=user, now=now)
        said = _("Private note kept.") if comment.is_private else _("Comment added.")
        toast(request, said, undo_url=undo_url(command))
        return _after(request, record)
    toast(request, _("Nothing was added: %(why)s") % {"why": form.errors["text"][0]}, bad=True)
    return _after(request, record, draft=request.POST.get("text", ""), status=422)


@staff_only(EDIT)
@require_http_methods(["GET", "POST"])
def comment_edit(request: HttpRequest, public_id: Any) -> HttpResponse:
    comment, record = _own(request, public_id)
    form = CommentForm(request.POST if request.method == "POST" else None, initial={"text": comment.said})
    if form.is_valid():
        user, now = staff_user(request), utc_now()
        with acting(user, request, reason=CommentWritten.name):
            saved = actions_comments.edit_comment(comment, form.cleaned_data["text"], by=user, now=now, request=request)
            command = noting.note_comment_changed(saved, comment.said, by=user, now=now)
        toast(request, _("Saved."), undo_url=undo_url(command))
        return to_record(record, PART)
    context = {"form": form, "comment": comment, "record": record}
    return render_page(request, "work/comment_edit.html", context, status=422 if form.errors else 200)


@staff_only(EDIT)
@require_POST
def comment_delete(request: HttpRequest, public_id: Any) -> HttpResponse:
    comment, record = _own(request, public_id)
    user, now = staff_user(request), utc_now()
    with acting(user, request, reason=CommentDeleted.name):
        was_there = actions_comments.delete_comment(comment, by=user, now=now, request=request)
        command = noting.note_comment_trashed(comment, by=user, now=now) if was_there else None
    if was_there:
        toast(request, _("The comment is in the trash."), undo_url=undo_url(command))
    return _after(request, record, keeps_draft=True)


@staff_only(EDIT)
@require_POST
def comment_restore(request: HttpRequest, public_id: Any) -> HttpResponse:
    comment, record = _own(request, public_id, trashed=True)
    if actions_comments.restore_comment(comment, by=staff_user(request), request=request):
        mark_undone(noting.COMMENT_TRASHED, {"comment": comment.pk}, now=utc_now())
        toast(request, _("The comment is back."))
    return _after(request, record, keeps_draft=True)


def _after(request: HttpRequest, record: FoundRecord, *, status: int = 200, **how: Any) -> HttpResponse:
    """The comments alone for htmx, with what is being written where that is to stay; else back to the whole page."""
    if not wants_part(request):
        return to_record(record, PART)
    user = staff_user(request)
    context = comments_part(user, record) | {"is_alone": True, "is_following": is_following(user, record), **how}
    return render_page(request, "work/comments_part.html", context, block="part", status=status)


def _own(request: HttpRequest, public_id: Any, *, trashed: bool = False) -> tuple[Comment, FoundRecord]:
    """One's own comment and what it is about; a comment in the trash is there only to be brought back."""
    user = staff_user(request)
    comment = queries.find_comment(user, public_id)
    record = queries.record_of(user, comment)
    if record is None or (comment.trashed_at is not None and not trashed):
        raise Http404
    if comment.author_id != user.pk:
        raise PermissionDenied
    return comment, record
