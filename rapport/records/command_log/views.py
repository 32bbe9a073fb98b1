"""What oneself did lately, and undoing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from rapport.accounts.access import find_or_404, staff_only, staff_user
from rapport.core.clock import utc_now
from rapport.records.command_log.models import Command
from rapport.records.command_log.noting import (
    Undoable,
    UndoProgress,
    UndoRefused,
    last_command,
    named_without_record,
    progress_of,
    undo_command,
    undoables,
)
from rapport.records.record_kinds import records_by_id
from rapport.records.trash.declaring import bins_of
from rapport.ui.formats import number
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

if TYPE_CHECKING:
    from rapport.accounts.models import User

_PAGE = 50


@dataclass(frozen=True)
class Change:
    """One act as the page shows it: with the record it is about, where this person may (still) see it."""

    command: Command
    act: Undoable
    name: str
    url: str
    progress: UndoProgress | None = None

    @property
    def can_be_undone(self) -> bool:
        return self.act.undo is not None and self.command.undone_at is None


@staff_only()
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    user, now = staff_user(request), utc_now()
    found = Command.objects.visible_to(user).filter(expires_at__gt=now)
    before = request.GET.get("before", "")
    if before:
        found = (
            found.filter(pk__lt=before) if before.isascii() and before.isdigit() and len(before) < 19 else found.none()
        )
    commands = list(found.order_by("-pk")[: _PAGE + 1])
    shown = _shown(user, commands[:_PAGE])
    context = {
        "changes": shown,
        "polls": request.get_full_path() if any(each.progress and each.progress.is_under_way for each in shown) else "",
        "following": f"{reverse('changes')}?before={commands[_PAGE - 1].pk}" if len(commands) > _PAGE else "",
        "final": [act for act in undoables().values() if act.undo is None and act.is_for(user)],
    }
    return render_page(request, "records/changes.html", context)


@staff_only()
@require_POST
def change_undo(request: HttpRequest, public_id: Any) -> HttpResponse:
    command = find_or_404(Command.objects, staff_user(request), public_id=public_id)
    return _undo(request, command)


@staff_only()
@require_POST
def change_undo_last(request: HttpRequest) -> HttpResponse:
    """What the key `u` asks for."""
    command = last_command(staff_user(request), now=utc_now())
    if command is None:
        toast(request, _("There is nothing of yours to undo."), bad=True)
        return HttpResponseRedirect(_back(request))
    return _undo(request, command)


def _undo(request: HttpRequest, command: Command) -> HttpResponse:
    user = staff_user(request)
    label = undoables()[command.action].label if command.action in undoables() else command.action
    try:
        undo_command(command, by=user, now=utc_now(), request=request)
    except UndoRefused as refusal:
        toast(request, _("Not undone (%(act)s): %(why)s") % {"act": label, "why": refusal}, bad=True)
        return HttpResponseRedirect(_back(request))
    command.refresh_from_db(fields=["undone_at"])
    progress = progress_of(user, [command]).get(command.pk)
    is_under_way = progress is not None and progress.is_under_way
    toast(request, _undone_in_words(str(label), progress), is_passing=is_under_way)
    if progress is not None and progress.is_under_way:
        return HttpResponseRedirect(progress.url)
    return HttpResponseRedirect(_back(request, command=command))


def _undone_in_words(label: str, progress: UndoProgress | None) -> str:
    if progress is None or (progress.done == progress.total and not progress.is_under_way):
        return _("Undone: %(act)s") % {"act": label}
    words = {"act": label, "done": number(progress.done), "total": number(progress.total)}
    if progress.is_under_way:
        return (
            ngettext("Being undone: %(act)s, %(total)s row", "Being undone: %(act)s, %(total)s rows", progress.total)
            % words
        )
    return _("Undone: %(act)s, %(done)s of %(total)s") % words


def _back(request: HttpRequest, *, command: Command | None = None) -> str:
    """The page one was on; not that of a record which is not there any more after the undo."""
    asked = request.POST.get("next", "") or _path_of(request.headers.get("Referer", ""))
    if not url_has_allowed_host_and_scheme(asked, allowed_hosts=None) or not asked.startswith("/"):
        return reverse("changes")
    return reverse("changes") if command is not None and _is_of_gone(request, command, asked) else asked


def _path_of(referrer: str) -> str:
    try:
        parts = urlsplit(referrer)
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_of_gone(request: HttpRequest, command: Command, asked: str) -> bool:
    """Whether the page names a record (by its id) while that of the act cannot be seen any more."""
    if not command.record_kind or command.record_id is None:
        return False
    there = records_by_id(staff_user(request), command.record_kind, [command.record_id])
    path = asked.partition("?")[0]
    return not there and any(len(part) == 36 for part in path.split("/"))


def _shown(user: User, commands: list[Command]) -> list[Change]:
    kinds = {each.record_kind for each in commands if each.record_kind}
    named: dict[tuple[str, int], tuple[str, str]] = {}
    for kind in kinds:
        ids = sorted({each.record_id for each in commands if each.record_kind == kind and each.record_id is not None})
        found = records_by_id(user, kind, ids)
        named |= {(kind, key): (record.name, record.url) for key, record in found.items()}
        bin_of_kind = next((each for each in bins_of(user) if each.kind == kind), None)
        missing = [key for key in ids if (kind, key) not in named]
        if bin_of_kind is not None and missing:
            named |= {(kind, key): (name, reverse("trash")) for key, name in bin_of_kind.names(user, missing).items()}
    acts, progress, without = undoables(), progress_of(user, commands), named_without_record(user, commands)
    return [
        Change(
            each,
            acts[each.action],
            *(without.get(each.pk) or named.get((each.record_kind, each.record_id or 0), ("", ""))),
            progress=progress.get(each.pk),
        )
        for each in commands
        if each.action in acts
    ]
