"""What somebody keeps of a list: views with a name, columns of one's own, and what a list opens with."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from rapport.audit.classes import AuditClass

if TYPE_CHECKING:
    from rapport.accounts.models import User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """One's own and those that are shared, without what is in the trash."""
        return self.filter(models.Q(made_by=user) | models.Q(is_shared=True), trashed_at=None)

    def trashed_of(self, user: User) -> Self:
        return self.filter(made_by=user).exclude(trashed_at=None)


class SavedView(models.Model):
    """What was asked of a list, under a name. `asked` has the values of each parameter of the list's address.

    `columns` are names of fields, each with its width where one was chosen; without any the list has its own columns.
    """

    audit_class = AuditClass.LOG

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    object = models.TextField()
    name = models.TextField()
    asked = models.JSONField(default=dict)
    columns = ArrayField(models.TextField(), null=True)
    is_shared = models.BooleanField(default=False)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    trashed_at = models.DateTimeField(null=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "made_by", "object", Lower("name"), condition=models.Q(trashed_at=None), name="records_savedview_name"
            )
        ]
        indexes = [
            models.Index(
                fields=["object"], condition=models.Q(is_shared=True, trashed_at=None), name="records_savedview_shared"
            )
        ]


class ListChoice(models.Model):
    """How one person likes one list: columns without a view, the views that are tabs, and the view it opens with."""

    audit_class = AuditClass.LOG

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    object = models.TextField()
    columns = ArrayField(models.TextField(), null=True)
    pinned = ArrayField(models.BigIntegerField(), default=list)
    opens = models.ForeignKey(SavedView, null=True, on_delete=models.SET_NULL, related_name="+")
    opens_plain = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "object"], name="records_listchoice_once")]


class RoleView(models.Model):
    """The view that a list opens with for everybody of a role who has not chosen another."""

    audit_class = AuditClass.AUDITED

    role = models.ForeignKey("accounts.Role", on_delete=models.CASCADE, related_name="+")
    object = models.TextField()
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "object"], name="records_roleview_once")]
