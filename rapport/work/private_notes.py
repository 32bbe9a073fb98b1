"""A note on a record for oneself, and for those named in it: a private comment that is written where contacts are logged."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.accounts.access import RightMissing, staff_user
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.records.command_log.noting import undo_url
from rapport.records.record_kinds import find_record
from rapport.ui.toasts import toast
from rapport.work.actions_comments import write_comment
from rapport.work.events import CommentWritten
from rapport.work.noting import note_comment_written
from rapport.work.permissions import EDIT

PRIVATE = "private"


def keep_private(request: HttpRequest, kind: str, public_id: UUID, text: str) -> None:
    """Keep it and say so; it stands among the comments, and is no contact: no timeline, no figure knows of it."""
    user, now = staff_user(request), utc_now()
    if not user.has_right(EDIT.name):
        raise RightMissing(EDIT, user)
    record = find_record(user, kind, public_id)
    with acting(user, request, reason=CommentWritten.name):
        comment = write_comment(record, text, by=user, now=now, is_private=True, request=request)
        command = note_comment_written(comment, by=user, now=now)
    toast(request, _("Private note kept; it stands under Comments."), undo_url=undo_url(command))
