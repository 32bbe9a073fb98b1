"""Products, orders of all kinds, and their lines."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now, Reverse
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass
from rapport.customers.access import OfVisibleCustomers


class Product(models.Model):
    """Something we sell. Its code belongs to the source and is compared letter by letter."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    source_id = models.BigIntegerField()
    code = models.TextField(db_collation="C")
    name = models.TextField(default="", db_default="")
    category = models.TextField(default="", db_default="")
    price_micros = models.BigIntegerField(null=True, blank=True)
    cost_micros = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="", db_default="")
    custom = models.JSONField(default=dict, db_default={})
    import_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_id", "code"], name="commerce_product_code")]
        indexes = [
            GinIndex(
                fields=["custom"], opclasses=["jsonb_path_ops"], condition=~models.Q(custom={}),
                name="commerce_product_custom",
            ),
        ]  # fmt: skip


class OrderKind(models.TextChoices):
    SALE = "sale", _("Sale")
    CANCELLATION = "cancellation", _("Cancellation")
    RETURN = "return", _("Return")
    ADJUSTMENT = "adjustment", _("Adjustment")


class OrderQuerySet(OfVisibleCustomers):
    kind: ClassVar = "order"


class Order(models.Model):
    """What was sold, taken back or corrected, on any channel; quantities and prices may be negative."""

    audit_class = AuditClass.AUDITED
    audit_ignores = ("import_id",)

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    source_id = models.BigIntegerField()
    external_id = models.TextField(db_collation="C")
    kind = models.TextField(choices=OrderKind.choices)
    reverses = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    profile_id = models.BigIntegerField(null=True, blank=True)
    channel = models.TextField()
    currency = models.CharField(max_length=3)
    total_micros = models.BigIntegerField()
    line_count = models.IntegerField()
    placed_at = models.DateTimeField()
    promised_on = models.DateField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    custom = models.JSONField(default=dict, db_default={})
    import_id = models.BigIntegerField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_id", "external_id"], name="commerce_order_external_id")]
        indexes = [
            models.Index(fields=["customer", "placed_at", "id"], name="commerce_order_customer"),
            models.Index(fields=["placed_at", "id"], name="commerce_order_placed"),
            models.Index(fields=["import_id"], name="commerce_order_import"),
            models.Index(Reverse("external_id"), name="commerce_order_number_end"),
            GinIndex(
                fields=["custom"],
                opclasses=["jsonb_path_ops"],
                condition=~models.Q(custom={}),
                name="commerce_order_custom",
            ),
            models.Index(
                fields=["reverses"], condition=models.Q(reverses__isnull=False), name="commerce_order_reverses"
            ),
        ]


class OrderLine(models.Model):
    """One line of an order, in the order of its source; the same line twice is two lines."""

    audit_class = AuditClass.FACT

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    description = models.TextField(default="", db_default="")
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    unit_price_micros = models.BigIntegerField()
    amount_micros = models.BigIntegerField()
    import_id = models.BigIntegerField(null=True, blank=True)
    line = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="commerce_orderline_number")]
