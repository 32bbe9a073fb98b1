"""Tasks, comments, attached files and followers, each on any record; and what somebody is told of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import reach_of
from rapport.accounts.sharing import shares
from rapport.audit.classes import AuditClass
from rapport.records.record_kinds import FoundRecord, on_visible_records, record_kinds

if TYPE_CHECKING:
    from rapport.accounts.models import User

TASK = "task"


class OnRecords(models.QuerySet[Any]):
    """Rows about records: who sees the record sees what is on it, and nobody else does."""

    def visible_to(self, user: User) -> Self:
        return self.filter(on_visible_records(user))

    def on(self, record: FoundRecord) -> Self:
        """What is on a record that somebody was let through to."""
        if record_kinds()[record.kind].is_customer:
            return self.filter(record_kind=record.kind, customer_id=record.customer_id)
        return self.filter(record_kind=record.kind, record_id=record.id)


class Tasks(OnRecords):
    """A task on no record is seen by those who reach the records of its assignee or its author."""

    def visible_to(self, user: User) -> Self:
        reach = reach_of(user)
        own = Q(record_kind="")
        if not reach.everything:
            own &= Q(assignee_id__in=reach.owner_ids) | Q(created_by_id__in=reach.owner_ids)
        return self.filter(own | on_visible_records(user, without=TASK))


class OnRecord(models.Model):
    """What a row is about: a kind and a key, and the customer behind it with the profile that it follows.

    What is about a customer herself has no key of its own: the customer is found by `customer_id`, which merge and
    split keep right.
    """

    record_kind = models.TextField(default="", db_default="", blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    profile = models.ForeignKey("customers.Profile", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class PresentTasks(models.Manager.from_queryset(Tasks)):  # type: ignore[misc]
    """Tasks that are not in the trash."""

    def get_queryset(self) -> Tasks:
        present: Tasks = super().get_queryset().filter(trashed_at=None)
        return present


class TaskState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class Priority(models.IntegerChoices):
    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")


class Task(OnRecord):
    """Something to do. `due_at` is the instant from which it is late: of a day without a time, the end of that day."""

    audit_class = AuditClass.AUDITED
    audit_ignores = ("version", "updated_at")

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    version = models.IntegerField(default=1, db_default=1)
    title = models.TextField()
    text = models.TextField(default="", db_default="", blank=True)
    due_on = models.DateField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    has_due_time = models.BooleanField(default=False, db_default=False)
    remind_at = models.DateTimeField(null=True, blank=True)
    remind_field = models.TextField(
        default="", db_default="", blank=True
    )  # a date field of the record, which it follows
    remind_days = models.SmallIntegerField(default=0, db_default=0)  # so many days before it; after it where negative
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL, db_default=Priority.NORMAL)
    assignee = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.TextField(choices=TaskState.choices, default=TaskState.OPEN, db_default=TaskState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    source_id = models.BigIntegerField(null=True, blank=True)
    external_id = models.TextField(null=True, blank=True, db_collation="C")
    import_id = models.BigIntegerField(null=True, blank=True)
    trashed_at = models.DateTimeField(null=True, blank=True)

    objects = PresentTasks()
    all_objects = Tasks.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_id", "external_id"], name="work_task_external_id"),
            models.CheckConstraint(
                condition=Q(due_at=None, due_on=None) | Q(due_at__isnull=False, due_on__isnull=False),
                name="work_task_due",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | ~Q(state="open") & Q(closed_at__isnull=False),
                name="work_task_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["assignee", "due_at", "id"], condition=Q(state="open"), name="work_task_assignee"),
            models.Index(fields=["created_by", "due_at", "id"], condition=Q(state="open"), name="work_task_author"),
            models.Index(fields=["due_at", "id"], condition=Q(state="open"), name="work_task_due_open"),
            models.Index(fields=["due_at", "id"], name="work_task_due_at"),
            models.Index(fields=["closed_at", "id"], condition=~Q(state="open"), name="work_task_closed_at"),
            models.Index(fields=["customer", "state", "due_at"], name="work_task_customer"),
            models.Index(fields=["record_kind", "record_id"], name="work_task_record"),
            models.Index(fields=["import_id"], condition=Q(import_id__isnull=False), name="work_task_import"),
            models.Index(
                fields=["record_kind", "remind_field", "id"],
                condition=Q(state="open") & ~Q(remind_field=""),
                name="work_task_following",
            ),
            models.Index(fields=["trashed_at"], condition=Q(trashed_at__isnull=False), name="work_task_trashed"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == TaskState.OPEN

    def is_overdue(self, *, now: datetime) -> bool:
        return self.is_open and self.due_at is not None and self.due_at <= now

    def is_reminding(self, *, now: datetime) -> bool:
        return self.is_open and self.remind_at is not None and self.remind_at <= now


class Comments(OnRecords):
    """What is private is seen by its author, and by those named in it who may see the record."""

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user).told_to(user)

    def told_to(self, user: User) -> Self:
        return self.filter(Q(is_private=False) | Q(author=user) | Q(mentions__contains=[user.pk]))

    def on(self, record: FoundRecord) -> Self:
        """Without what is private: for that `everything_on`, which has to be asked for."""
        return super().on(record).filter(is_private=False)

    def everything_on(self, record: FoundRecord) -> Self:
        return super().on(record)


class Comment(OnRecord):
    """A word of the staff to the staff about a record; the people named in it with @ are kept by id.

    One that is private is for its author and for those named in it. Its words stand in a column of their own, so that
    nothing that reads `text`, and not the audit trail either, comes to tell them.
    """

    audit_class = AuditClass.AUDITED
    audit_ignores = ("private_text",)

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    text = models.TextField(blank=True)
    private_text = models.TextField(default="", db_default="", blank=True)
    mentions = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    is_private = models.BooleanField(default=False, db_default=False)
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    trashed_at = models.DateTimeField(null=True, blank=True)

    objects = Comments.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "written_at", "id"], name="work_comment_customer"),
            models.Index(fields=["record_kind", "record_id", "written_at"], name="work_comment_record"),
        ]

    @property
    def said(self) -> str:
        """The words, for somebody who was let through to them."""
        return self.private_text if self.is_private else self.text

    def tells(self, user: User) -> bool:
        """Whether its words are for `user`, who may see the record."""
        return not self.is_private or self.author_id == user.pk or user.pk in self.mentions

    def say(self, words: str) -> None:
        self.text, self.private_text = ("", words) if self.is_private else (words, "")


class Attachment(OnRecord):
    """A file on a record. Its bytes are kept once under their digest; `media_type` is what the bytes say, not the name."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField()
    media_type = models.TextField()
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    added_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    trashed_at = models.DateTimeField(null=True, blank=True)
    trashed_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = OnRecords.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "added_at", "id"], name="work_attachment_customer"),
            models.Index(fields=["record_kind", "record_id", "added_at"], name="work_attachment_record"),
            models.Index(fields=["digest"], name="work_attachment_digest"),
            models.Index(fields=["trashed_at"], condition=Q(trashed_at__isnull=False), name="work_attachment_trashed"),
        ]


class Follower(OnRecord):
    """Somebody who wants to be told of what is said about a record; or, with `is_on` false, does not though she might be."""

    audit_class = AuditClass.LOG

    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    is_on = models.BooleanField(default=True, db_default=True)
    changed_at = models.DateTimeField()

    objects = OnRecords.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "person"], name="work_follower_customer"),
            models.Index(fields=["record_kind", "record_id", "person"], name="work_follower_record"),
        ]


class NotificationKind(models.TextChoices):
    MENTION = "mention", _("Mention")
    COMMENT = "comment", _("Comment")
    GIVEN = "given", _("Task given")
    DONE = "done", _("Task done")
    SNOOZED = "snoozed", _("Task put off")
    SHARED = "shared", _("Record shared")


class Notifications(models.QuerySet["Notification"]):
    """What somebody is told; as long as she may see what it is about, and whoever wrote it has not taken it back."""

    def visible_to(self, user: User) -> Self:
        comments = Comment.objects.visible_to(user).filter(pk=OuterRef("comment_id"), trashed_at=None)
        tasks = Task.objects.visible_to(user).filter(pk=OuterRef("task_id"))
        told = Q(comment_id=Subquery(comments.values("pk"))) | Q(task_id=Subquery(tasks.values("pk")))
        shared = shares().filter(on_visible_records(user), pk=OuterRef("share_id"))
        return self.filter(told | Q(share_id=Subquery(shared.values("pk"))), recipient=user)

    def waiting(self, *, now: datetime) -> Self:
        """Unread, and not put off."""
        return self.filter(read_at=None, shown_at__lte=now)


_POINTS = ("comment_id", "task_id", "share_id")


def _points_at_one() -> Q:
    points = Q()
    for chosen in _POINTS:
        points |= Q((f"{chosen}__isnull", False), *((column, None) for column in _POINTS if column != chosen))
    return points


class Notification(models.Model):
    """A pointer to a comment, a task or a share that somebody is told of; it holds no words of its own.

    It follows what it points at, so merge and split need not know of it. Put off, its `shown_at` lies ahead.
    """

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    recipient = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField(choices=NotificationKind.choices)
    actor = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    comment_id = models.BigIntegerField(null=True, blank=True)
    task_id = models.BigIntegerField(null=True, blank=True)
    share_id = models.BigIntegerField(null=True, blank=True)
    happened_at = models.DateTimeField()
    shown_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = Notifications.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_points_at_one(), name="work_notification_points"),
            models.UniqueConstraint(
                fields=["recipient", "comment_id"],
                condition=Q(comment_id__isnull=False),
                name="work_notification_comment",
            ),
            models.UniqueConstraint(
                fields=["recipient", "task_id"], condition=Q(kind="snoozed"), name="work_notification_put_off"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "shown_at", "id"], name="work_notification_shown"),
            models.Index(fields=["recipient", "shown_at"], condition=Q(read_at=None), name="work_notification_unread"),
            models.Index(fields=["comment_id"], condition=Q(comment_id__isnull=False), name="work_notification_saying"),
            models.Index(fields=["task_id"], condition=Q(task_id__isnull=False), name="work_notification_doing"),
            models.Index(fields=["share_id"], condition=Q(share_id__isnull=False), name="work_notification_sharing"),
        ]


class NotificationSetting(models.Model):
    """Whether somebody also gets her notifications by mail; without a row she does not."""

    audit_class = AuditClass.LOG

    person = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="+")
    daily_mail = models.BooleanField(default=False, db_default=False)
    mailed_at = models.DateTimeField(null=True, blank=True)
