"""Fields that a business adds by itself, how roles see them, and the mark by which all processes notice a change."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass


class CustomKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Amount of money")
    DATE = "date", _("Date")
    CHOICE = "choice", _("One of several choices")
    CHOICES = "choices", _("Several choices at once")
    BOOLEAN = "boolean", _("Yes or no")
    LINK = "link", _("Link")


class CustomField(models.Model):
    """One field of one kind of object. `name` is made once and stays; values are kept in the object's `custom` by it."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    object = models.TextField()
    name = models.TextField()
    label = models.TextField()
    kind = models.TextField(choices=CustomKind.choices)
    help_text = models.TextField(default="", db_default="", blank=True)
    is_required = models.BooleanField(default=False, db_default=False)
    is_column = models.BooleanField(default=False, db_default=False)
    is_searched = models.BooleanField(default=False, db_default=False)
    is_sorted = models.BooleanField(default=False, db_default=False)
    choices = models.JSONField(default=list, db_default=[])
    position = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    archived_at = models.DateTimeField(null=True, blank=True)
    index_built_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object", "name"], name="records_customfield_name"),
            models.UniqueConstraint(
                "object", Lower("label"), condition=models.Q(archived_at=None), name="records_customfield_label"
            ),
        ]


class FieldLayout(models.Model):
    """What one role sees of one kind of object. Empty lists mean: everything, in the order of the house."""

    audit_class = AuditClass.AUDITED

    role = models.ForeignKey("accounts.Role", on_delete=models.CASCADE, related_name="+")
    object = models.TextField()
    hidden = ArrayField(models.TextField(), default=list)
    ordering = ArrayField(models.TextField(), default=list)
    columns = ArrayField(models.TextField(), null=True, blank=True)
    hidden_panels = ArrayField(models.TextField(), default=list)
    panel_ordering = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "object"], name="records_fieldlayout_once")]


class FieldsMark(models.Model):
    """Changes with every change of fields and layouts; whoever has read them asks only for this one row."""

    audit_class = AuditClass.LOG

    mark = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="records_fieldsmark_only_one")]
