"""Sending, opening and deleting files."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from rapport.accounts.access import staff_only, staff_user
from rapport.core import environment
from rapport.core.acting import acting
from rapport.core.bodies import takes_body
from rapport.core.clock import utc_now
from rapport.core.files import FileTooLarge
from rapport.records.command_log.noting import mark_undone, undo_url
from rapport.records.record_kinds import FoundRecord, find_record
from rapport.ui.rendering import render_page, wants_part
from rapport.ui.toasts import toast
from rapport.work import actions_files, noting, queries
from rapport.work.actions_files import MOST_AT_ONCE
from rapport.work.events import FileTrashed
from rapport.work.file_names import clean_name
from rapport.work.models import Attachment
from rapport.work.permissions import EDIT, VIEW
from rapport.work.presenting import file_size, files_part
from rapport.work.signatures import IMAGES, UNKNOWN, TooManyPixels
from rapport.work.views.returning import to_record

PART = "files"
_FORM_AROUND = 1 << 20
_CLOSED_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@takes_body(at_most=MOST_AT_ONCE * environment.largest_file() + _FORM_AROUND)
@staff_only(EDIT)
@require_POST
def file_attach(request: HttpRequest, kind: str, public_id: Any) -> HttpResponse:
    """Each file stands for itself: those that cannot be kept are named with the reason, the others stay."""
    record = find_record(staff_user(request), kind, public_id)
    uploads = request.FILES.getlist("files")
    if not uploads:
        toast(request, _("Nothing was added: choose a file first."), bad=True)
        return _after(request, record)
    if len(uploads) > MOST_AT_ONCE:
        why = _("At most %(count)s files can be sent at once; none of them was kept.") % {"count": MOST_AT_ONCE}
        return _refuse(request, record, [("", why)], kept=0, status=413)
    kept, refused, status = [], [], 422
    for upload in uploads:
        try:
            attached = actions_files.attach_file(record, upload, by=staff_user(request), now=utc_now(), request=request)
        except (FileTooLarge, TooManyPixels) as refusal:
            refused.append((clean_name(upload.name or ""), _reason(refusal)))
            status = 413 if isinstance(refusal, FileTooLarge) else status
        else:
            kept.append(attached)
    command = noting.note_files_added(kept, by=staff_user(request), now=utc_now())
    if refused:
        return _refuse(request, record, refused, kept=len(kept), status=status)
    said = ngettext("%(count)s file added.", "%(count)s files added.", len(kept)) % {"count": len(kept)}
    toast(request, said, undo_url=undo_url(command))
    return _after(request, record)


def _after(request: HttpRequest, record: FoundRecord, **how: Any) -> HttpResponse:
    """The files alone for htmx; else back to the whole page."""
    if not wants_part(request):
        return to_record(record, PART)
    context = files_part(staff_user(request), record) | how
    return render_page(request, "work/files_part.html", context, block="part", status=422 if "refused" in how else 200)


def _refuse(
    request: HttpRequest, record: FoundRecord, refused: list[tuple[str, str]], *, kept: int, status: int
) -> HttpResponse:
    if wants_part(request):
        return _after(request, record, refused=refused, kept=kept)
    context = {"record": record, "refused": refused, "kept": kept, "back": record.part_url(PART)}
    return render_page(request, "work/files_refused.html", context, status=status)


def _reason(refusal: Exception) -> str:
    if isinstance(refusal, FileTooLarge):
        return _("It is larger than %(size)s.") % {"size": file_size(environment.largest_file())}
    return _("It is an image of more than 50 million pixels; make it smaller first.")


@staff_only(VIEW)
@require_safe
def file(request: HttpRequest, public_id: Any) -> HttpResponse:
    """The bytes, as something to save. Pictures alone are shown, and nothing in them may act."""
    found = _find(request, public_id)
    try:
        content = actions_files.open_bytes(found)
    except FileNotFoundError as error:
        raise Http404 from error
    is_shown = found.media_type in IMAGES and "save" not in request.GET
    response = FileResponse(
        content, as_attachment=not is_shown, filename=found.name, content_type=found.media_type if is_shown else UNKNOWN
    )
    response["Content-Security-Policy"] = _CLOSED_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return cast(HttpResponse, response)


@staff_only(EDIT)
@require_POST
def file_trash(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = _find(request, public_id)
    record = _record_of(request, found)
    user, now = staff_user(request), utc_now()
    with acting(user, request, reason=FileTrashed.name):
        was_there = actions_files.trash_file(found, by=user, now=now, request=request)
        command = noting.note_file_trashed(found, by=user, now=now) if was_there else None
    if was_there:
        toast(request, _("%(name)s is in the trash.") % {"name": found.name}, undo_url=undo_url(command))
    return _after(request, record, moved=True)


@staff_only(EDIT)
@require_POST
def file_restore(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = queries.find_attachment(staff_user(request), public_id)
    record = _record_of(request, found)
    if actions_files.restore_file(found, by=staff_user(request), request=request):
        mark_undone(noting.FILE_TRASHED, {"files": [found.pk]}, now=utc_now())
        toast(request, _("%(name)s is back.") % {"name": found.name})
    return _after(request, record, moved=True)


def _find(request: HttpRequest, public_id: Any) -> Attachment:
    """A file that is not in the trash."""
    found = queries.find_attachment(staff_user(request), public_id)
    if found.trashed_at is not None:
        raise Http404
    return found


def _record_of(request: HttpRequest, found: Attachment) -> FoundRecord:
    record = queries.record_of(staff_user(request), found)
    if record is None:
        raise Http404
    return record
