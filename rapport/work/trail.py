"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import Reason, TableWords

_MACHINE = ("record_kind", "record_id", "profile_id", "source_id", "external_id", "import_id", "version", "updated_at")
_TRASH = _("In the trash since")
TABLES = (
    TableWords(
        "work_task",
        _("Task"),
        {
            "title": _("What is to do"), "text": _("More about it"), "due_on": _("Due on"), "due_at": _("Due at"),
            "remind_at": _("Remind from"), "remind_field": _("Reminder by the field"),
            "remind_days": _("Days before it"), "priority": _("Priority"), "assignee_id": _("Who does it"),
            "state": _("State"), "closed_at": _("Closed"), "closed_by_id": _("Closed by"),
            "created_by_id": _("Added by"), "created_at": _("Added"), "customer_id": _("Customer"),
            "trashed_at": _TRASH,
        },
        left_out=(*_MACHINE, "has_due_time"),
    ),
    TableWords(
        "work_comment",
        _("Comment"),
        {
            "text": _("Comment"), "author_id": _("Written by"), "written_at": _("Written"), "edited_at": _("Changed"),
            "is_private": _("Private"),
            "customer_id": _("Customer"), "trashed_at": _TRASH,
        },
        left_out=(*_MACHINE, "mentions", "private_text"),
    ),
    TableWords(
        "work_attachment",
        _("File"),
        {
            "name": _("Name"), "media_type": _("Type"), "size": _("Size in bytes"), "added_by_id": _("Added by"),
            "added_at": _("Added"), "customer_id": _("Customer"), "trashed_at": _TRASH,
            "trashed_by_id": _("Put into the trash by"),
        },
        left_out=(*_MACHINE, "digest"),
    ),
)  # fmt: skip
REASONS = (
    Reason("work.line_logged", _("Quick log")),
    Reason("work.comment_restored", _("Comment brought back")),
    Reason("work.file_restored", _("File brought back")),
    Reason("work.trash_emptied", _("Removed when its time had come")),
    Reason("work.ended", _("Removed for good")),
    Reason("work.daily_mail_chosen", _("Daily mail chosen")),
    Reason("work.followed", _("Followed")),
    Reason("work.unfollowed", _("No longer followed")),
    Reason("work.notifications_read", _("Notifications read")),
    Reason("work.notifications_put_off", _("Notifications put off")),
    Reason("work.task_put_off", _("Task put off")),
    Reason("work.reminder_followed", _("Reminder moved with its field")),
    Reason("work.task_added", _("Task added")),
    Reason("work.task_changed", _("Task changed")),
    Reason("work.task_done", _("Task done")),
    Reason("work.task_cancelled", _("Task cancelled")),
    Reason("work.task_reopened", _("Task taken up again")),
    Reason("work.comment_written", _("Comment written")),
    Reason("work.comment_deleted", _("Comment put into the trash")),
    Reason("work.file_attached", _("File added")),
    Reason("work.file_trashed", _("File put into the trash")),
    Reason("work.task_trashed", _("Put into the trash")),
    Reason("work.task_restored", _("Taken out of the trash")),
)
