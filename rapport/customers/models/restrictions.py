"""Restriction of processing: what is known of a customer is kept, and nothing else is done with it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass
from rapport.customers.access import OfVisibleCustomers
from rapport.customers.models.profiles import Customer, Profile


class RestrictionGround(models.TextChoices):
    """Article 18 (1) of the GDPR, in plain words."""

    DISPUTED = "disputed", _("The person says that what we hold is wrong; it is being looked into")
    UNLAWFUL = "unlawful", _("There was no right to have the data, and the person wants it kept all the same")
    CLAIMS = "claims", _("We need it no more, but the person does, for a legal claim")
    OBJECTED = "objected", _("The person objects; whether our reasons outweigh that is being looked into")


class Restriction(models.Model):
    """From when until when a customer is restricted, and why. It stands on each of the customer's profiles.

    So a customer is restricted as long as any profile is: a merge takes it along, and a split leaves it on both sides.
    """

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    ground = models.TextField(choices=RestrictionGround.choices)
    note = models.TextField(blank=True, default="", db_default="")
    since = models.DateTimeField()
    set_by = models.TextField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.TextField(blank=True, default="", db_default="")

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile"], condition=models.Q(lifted_at=None), name="customers_restriction_once"
            )
        ]
        indexes = [models.Index(fields=["customer", "lifted_at"], name="customers_restriction_now")]
