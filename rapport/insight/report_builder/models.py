"""Reports and dashboards that somebody keeps, and to whom they are mailed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass

if TYPE_CHECKING:
    from rapport.accounts.models import User


class Rhythm(models.TextChoices):
    DAILY = "daily", _("Each morning")
    WEEKLY = "weekly", _("Each Monday")
    MONTHLY = "monthly", _("On the first of the month")


class KeptQuerySet(models.QuerySet["Kept"]):
    def visible_to(self, user: User) -> Self:
        """One's own and those that are shared, without what is in the trash."""
        return self.filter(models.Q(made_by=user) | models.Q(is_shared=True), trashed_at=None)

    def trashed_of(self, user: User) -> Self:
        return self.filter(made_by=user).exclude(trashed_at=None)


class Kept(models.Model):
    """What somebody keeps under a name, and may share."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.TextField()
    is_shared = models.BooleanField(default=False)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    trashed_at = models.DateTimeField(null=True)

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True


class SavedReport(Kept):
    """What a report asks, under a name: `asked` has the values of each parameter of its address."""

    audit_class = AuditClass.LOG

    asked = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "made_by", Lower("name"), condition=models.Q(trashed_at=None), name="insight_savedreport_name"
            )
        ]


class Dashboard(Kept):
    """Tiles in their order: `report:` with the id of a saved report, or `builtin:` with the name of one of ours."""

    audit_class = AuditClass.LOG

    tiles = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "made_by", Lower("name"), condition=models.Q(trashed_at=None), name="insight_dashboard_name"
            )
        ]


class ReportMail(models.Model):
    """That somebody is mailed a report or a dashboard, as she may see it herself; she turns it off by removing it."""

    audit_class = AuditClass.LOG

    person = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    report = models.ForeignKey(SavedReport, null=True, on_delete=models.CASCADE, related_name="+")
    dashboard = models.ForeignKey(Dashboard, null=True, on_delete=models.CASCADE, related_name="+")
    rhythm = models.TextField(choices=Rhythm.choices)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    mailed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(report=None, dashboard__isnull=False)
                | models.Q(report__isnull=False, dashboard=None),
                name="insight_reportmail_of_one",
            ),
            models.UniqueConstraint(
                fields=["person", "report"], condition=models.Q(dashboard=None), name="insight_reportmail_report"
            ),
            models.UniqueConstraint(
                fields=["person", "dashboard"], condition=models.Q(report=None), name="insight_reportmail_dashboard"
            ),
        ]
