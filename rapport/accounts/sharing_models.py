"""Single records that were shared with somebody, or with a team, beyond what roles reach."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from rapport.audit.classes import AuditClass


class Shares(models.QuerySet["Share"]):
    def open_at(self, now: datetime) -> Self:
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=now))

    def on(self, kind: str, *, record_id: int | None, customer_id: int | None) -> Self:
        """Those of one record; of a customer herself by the customer, as merge and split keep that right."""
        if record_id is None:
            return self.filter(record_kind=kind, record_id=None, customer_id=customer_id)
        return self.filter(record_kind=kind, record_id=record_id)


class Share(models.Model):
    """One record, for one person or for a team with the teams below it, to be read or changed, until an instant.

    Of a customer `record_id` is empty: `customer_id` says who, and follows her through merge and split, as `profile_id` says.
    """

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    record_kind = models.TextField()
    record_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    profile_id = models.BigIntegerField(null=True)
    person = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    may_edit = models.BooleanField(default=False, db_default=False)
    ends_at = models.DateTimeField(null=True)
    shared_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    shared_at = models.DateTimeField()

    objects = Shares.as_manager()

    @property
    def last_moment(self) -> datetime | None:
        """The last instant on the last day for which it was shared."""
        return self.ends_at - timedelta(microseconds=1) if self.ends_at is not None else None

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person=None, team__isnull=False) | models.Q(person__isnull=False, team=None),
                name="accounts_share_with_one",
            ),
            models.CheckConstraint(
                condition=models.Q(record_id__isnull=False) | models.Q(customer_id__isnull=False),
                name="accounts_share_of_one",
            ),
        ]
        indexes = [
            models.Index(fields=["person"], condition=models.Q(person__isnull=False), name="accounts_share_person"),
            models.Index(fields=["team"], condition=models.Q(team__isnull=False), name="accounts_share_team"),
            models.Index(fields=["record_kind", "record_id"], name="accounts_share_record"),
            models.Index(fields=["customer_id"], name="accounts_share_customer"),
            models.Index(fields=["profile_id"], name="accounts_share_profile"),
        ]
