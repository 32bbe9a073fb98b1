"""Settings → Backups: which there are, how old the newest is, and one now. They cannot be fetched here: they hold secrets."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from rapport.accounts.access import staff_only, staff_user
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.queries import business
from rapport.audit.actions import record
from rapport.config.backup import backups_in
from rapport.config.backup_names import BACKUP_TASK
from rapport.core import environment
from rapport.core.clock import utc_now
from rapport.ui.rendering import render_page
from rapport.ui.toasts import toast

_LATE_AFTER = timedelta(days=2)


@staff_only(ADMINISTER)
@require_safe
def backups(request: HttpRequest) -> HttpResponse:
    folder, now = environment.backup_folder(), utc_now()
    found = backups_in(folder)
    every = environment.backup_every_hours()
    found_business = business()
    since = found[0].made_at if found else found_business.set_up_at if found_business is not None else now
    context = {
        "folder": folder,
        "backups": found,
        "every": every,
        "keep": environment.backup_keep(),
        "is_late": bool(every) and now - since > timedelta(hours=every) + _LATE_AFTER,
    }
    return render_page(request, "config/backups.html", context)


@staff_only(ADMINISTER)
@require_POST
def backup_now(request: HttpRequest) -> HttpResponse:
    """Have the worker make one; asked twice it is made once."""
    try:
        with transaction.atomic():
            app.configure_task(BACKUP_TASK, queue="backup", lock=BACKUP_TASK, queueing_lock=BACKUP_TASK).defer()
            record("backup asked", by=staff_user(request), request=request)
    except AlreadyEnqueued:
        pass  # it waits already, and will hold this moment too
    toast(request, _("A backup is being made. It stands here when it is whole."))
    return HttpResponseRedirect(reverse("backups"))
