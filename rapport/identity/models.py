"""What decides which profiles are one customer: rules, values that say nothing, links and never-pairs; and what is in doubt."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass


class IdentifierRule(models.Model):
    """How much one kind of identifier proves. `kind` is that of customers_identifier.

    A value that more than `most_customers` state joins none of them. Of what staff type in, a rule with `typed_joins`
    false only proposes: a slip of the hand then joins nobody, and nobody reaches a record by typing its address.
    """

    audit_class = AuditClass.AUDITED

    kind = models.SmallIntegerField(unique=True)
    priority = models.SmallIntegerField()
    most_customers = models.PositiveSmallIntegerField()
    joins = models.BooleanField(default=True)
    typed_joins = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(most_customers__range=(2, 50)), name="identity_rule_most")
        ]


class BlockedValue(models.Model):
    """A value that points at nobody: whole, the part of an address before the @ (`info@`), or after it (`@example.com`)."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    value = models.TextField(unique=True, db_collation="C")
    note = models.TextField(blank=True, default="", db_default="")


class Link(models.Model):
    """Somebody said that two profiles are one customer. `keep_id` is the customer whose page went on.

    Profiles and customers are named by id alone: a link to a profile that is gone says nothing any more.
    """

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    one_id = models.BigIntegerField()
    other_id = models.BigIntegerField()
    keep_id = models.BigIntegerField()
    reason = models.TextField(blank=True, default="", db_default="")
    made_at = models.DateTimeField()
    made_by = models.TextField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["one_id"], condition=models.Q(undone_at=None), name="identity_link_one"),
            models.Index(fields=["other_id"], condition=models.Q(undone_at=None), name="identity_link_other"),
        ]


class NeverPair(models.Model):
    """Somebody said that two profiles are two customers, whatever they share.

    `undone_link` is the merge that took it back: it holds again when that is taken back.
    """

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    one_id = models.BigIntegerField()
    other_id = models.BigIntegerField()
    reason = models.TextField(blank=True, default="", db_default="")
    made_at = models.DateTimeField()
    made_by = models.TextField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(blank=True, default="", db_default="")
    undone_link = models.ForeignKey(Link, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["one_id"], condition=models.Q(undone_at=None), name="identity_never_one"),
            models.Index(fields=["other_id"], condition=models.Q(undone_at=None), name="identity_never_other"),
        ]


class DoubtReason(models.TextChoices):
    TYPED = "typed", _("Typed in by staff, which joins nobody by itself")
    SAME_SOURCE = "same_source", _("One source keeps them apart")
    BORN = "born", _("Born on different days")
    NAME = "name", _("A shared number, but another name")
    KIND = "kind", _("A person and an organization")
    AMBIGUOUS = "ambiguous", _("The value belongs to more than one")
    TOGETHER = "together", _("Joined, others of the group would contradict each other")
    TOO_MANY = "too_many", _("The group would become too large")


class Doubt(models.Model):
    """Two profiles that share an identifier and were not joined, and why. Computed with the joins; decided by people."""

    audit_class = AuditClass.DERIVED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    one = models.ForeignKey("customers.Profile", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    one_customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    other = models.ForeignKey("customers.Profile", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    other_customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    kind = models.SmallIntegerField()
    reason = models.TextField(choices=DoubtReason.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="identity_doubt_once")]


class SharedValue(models.Model):
    """Some of those who state a value that too many share. `total` is how many customers state it."""

    audit_class = AuditClass.DERIVED

    kind = models.SmallIntegerField()
    value_norm = models.TextField(db_collation="C")
    profile = models.ForeignKey("customers.Profile", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    total = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value_norm", "profile"], name="identity_shared_once")]


class Membership(models.Model):
    """Since when, and by what, a customer is part of another one. One row for each customer that is joined now."""

    audit_class = AuditClass.DERIVED

    home_id = models.BigIntegerField(unique=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    since = models.DateTimeField()
    kinds = models.JSONField(default=list, db_default=[])  # kinds of identifiers; 0 stands for a link


class SaidBefore(models.Model):
    """What staff said of a customer when it was joined with others, the row of their profile as it was.

    What differs by now was said of all of them as one: when they part it is asked whose it is.
    """

    audit_class = AuditClass.DERIVED

    profile = models.OneToOneField("customers.Profile", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    said = models.JSONField()
