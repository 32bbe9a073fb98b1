"""Segments, who is in them, who came and went when, and whom somebody put into a list by hand."""

from __future__ import annotations

import uuid
from typing import Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Lower, Now

from rapport.audit.classes import AuditClass
from rapport.customers.access import OfVisibleCustomers


class SegmentQuerySet(models.QuerySet["Segment"]):
    def live(self) -> Self:
        return self.filter(trashed_at=None)


class Segment(models.Model):
    """Customers who fit what is asked, or those whom somebody put into it by hand.

    `definition` is what an address of the list of customers would ask: its `filter` parameters.
    """

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.TextField()
    note = models.TextField(blank=True, default="", db_default="")
    is_static = models.BooleanField(default=False, db_default=False)
    definition = models.TextField(blank=True, default="", db_default="")
    version = models.IntegerField(default=1, db_default=1)
    made_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    trashed_at = models.DateTimeField(null=True, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), condition=models.Q(trashed_at=None), name="segments_segment_name")
        ]

    def __str__(self) -> str:
        return self.name


class SegmentState(models.Model):
    """How far the members of a segment are: when all customers were asked last, how many fit, and what stands in the way."""

    audit_class = AuditClass.LOG

    segment = models.OneToOneField(Segment, primary_key=True, on_delete=models.CASCADE, related_name="state")
    computed_at = models.DateTimeField(null=True)
    computed_version = models.IntegerField(default=0, db_default=0)
    member_count = models.BigIntegerField(default=0, db_default=0)
    problem = models.TextField(blank=True, default="", db_default="")


class SegmentMember(models.Model):
    """A customer who is in a segment, and since when."""

    audit_class = AuditClass.DERIVED

    pk = models.CompositePrimaryKey("segment_id", "customer_id")
    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    since = models.DateTimeField()

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        indexes = [models.Index(fields=["customer", "segment"], name="segments_member_customer")]


class MemberBatch(models.Model):
    """One time that customers entered or left a segment, how many, and how many there were then."""

    audit_class = AuditClass.LOG

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    entered = models.BigIntegerField()
    left = models.BigIntegerField()
    member_count = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["segment", "-at"], name="segments_batch_newest")]


class Passage(models.Model):
    """A customer entered a segment, or left it."""

    audit_class = AuditClass.LOG

    batch_id = models.BigIntegerField()
    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    has_entered = models.BooleanField()
    at = models.DateTimeField()

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "segment"], name="segments_passage_customer"),
            models.Index(fields=["batch_id"], name="segments_passage_batch"),
        ]


class Pick(models.Model):
    """A customer whom somebody put into a list by hand. It hangs on a profile, so that merge and split know where it goes."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    profile = models.ForeignKey("customers.Profile", on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "profile"], name="segments_pick_once")]


class Pending(models.Model):
    """A customer who has changed and is asked anew before long."""

    audit_class = AuditClass.LOG

    customer_id = models.BigIntegerField(primary_key=True)
