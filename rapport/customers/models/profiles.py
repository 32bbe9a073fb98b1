"""Sources, profiles, customers, identifiers, touchpoints and interactions."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import VisibleQuerySet
from rapport.audit.classes import AuditClass
from rapport.customers.access import OfVisibleCustomers


class Source(models.Model):
    """Where profiles come from (shop, till, staff …). A smaller priority wins when two sources disagree."""

    audit_class = AuditClass.AUDITED

    name = models.TextField(unique=True)
    label = models.TextField()
    priority = models.SmallIntegerField(default=100)


class Kind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANIZATION = "organization", _("Organization")


class GoldenAttributes(models.Model):
    """The attributes of rapport.customers.golden, as columns; null means that nothing is said."""

    name = models.TextField(null=True, blank=True)
    given_name = models.TextField(null=True, blank=True)
    family_name = models.TextField(null=True, blank=True)
    organization = models.TextField(null=True, blank=True)
    job_title = models.TextField(null=True, blank=True)
    email = models.TextField(null=True, blank=True)
    phone = models.TextField(null=True, blank=True)
    website = models.TextField(null=True, blank=True)
    street = models.TextField(null=True, blank=True)
    postal_code = models.TextField(null=True, blank=True)
    city = models.TextField(null=True, blank=True)
    region = models.TextField(null=True, blank=True)
    country = models.TextField(null=True, blank=True)
    language = models.TextField(null=True, blank=True)
    life_stage = models.TextField(null=True, blank=True)
    preferred_channel = models.TextField(null=True, blank=True)
    born_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


PRESENT = models.Q(merged_into=None, trashed_at=None)
OWNED = PRESENT & models.Q(
    owner__isnull=False
)  # what nobody owns is reached by everybody's index, and costs imports nothing


class CustomerQuerySet(VisibleQuerySet):
    shared_as: ClassVar = {"customer": "pk"}

    def present(self) -> Self:
        """Customers that stand for themselves: not merged into another, not in the trash."""
        return self.filter(PRESENT)


class Customer(GoldenAttributes):
    """A person or organization we have, had or want a relationship with. Its attributes are derived from its profiles."""

    audit_class = AuditClass.AUDITED
    audit_ignores = ("search", "sort_key", "provenance", "updated_at", "version")

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    version = models.IntegerField(default=1, db_default=1)
    kind = models.TextField(choices=Kind.choices, default=Kind.PERSON, db_default=Kind.PERSON)
    owner = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    provenance = models.JSONField(default=dict, db_default={})
    custom = models.JSONField(default=dict, db_default={})
    tags = models.JSONField(null=True, blank=True)  # nothing where there are none: then no index knows the customer
    tags_alone = models.JSONField(null=True, blank=True)  # hers without those of whom was merged into her
    sort_key = models.TextField(db_collation="C", default="", db_default="")
    search = SearchVectorField(null=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    trashed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["sort_key", "id"], condition=PRESENT, name="customers_by_name"),
            models.Index(fields=["owner", "sort_key", "id"], condition=OWNED, name="customers_by_owner_name"),
            models.Index(fields=["-created_at", "-id"], condition=PRESENT, name="customers_by_created"),
            models.Index(
                fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="customers_merged_into"
            ),
            models.Index(
                fields=["-trashed_at", "-id"], condition=models.Q(trashed_at__isnull=False), name="customers_trashed"
            ),
            GinIndex(fields=["search"], name="customers_search"),
            GinIndex(
                fields=["custom"],
                opclasses=["jsonb_path_ops"],
                condition=~models.Q(custom={}),  # costs an import of people without such values nothing
                name="customers_custom_values",
            ),
            GinIndex(fields=["tags"], condition=models.Q(tags__isnull=False), name="customers_tags"),
        ]

    def __str__(self) -> str:
        return self.name or self.organization or self.email or self.phone or "Unnamed customer"


class Profile(GoldenAttributes):
    """One source's record of a customer, with the source's own id and raw values."""

    audit_class = AuditClass.FACT

    # that she is there is held by triggers, statement by statement: see migrations/sql/profile_customer.sql
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    # the customer this profile belongs to when nothing joins it with others; null while it is there
    home = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    # every row of an import would lock its one source again, in all sessions; imports remove a source only when unused
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    external_id = models.TextField()
    kind = models.TextField(choices=Kind.choices, default=Kind.PERSON, db_default=Kind.PERSON)
    import_id = models.BigIntegerField(null=True)
    line = models.IntegerField(null=True)
    seen_at = models.DateTimeField()
    raw_hash = models.UUIDField(null=True)
    raw = models.JSONField(default=dict, db_default={})
    custom = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="customers_profile_external_id")]
        indexes = [models.Index(fields=["import_id"], name="customers_profile_import")]


# what staff write goes to a profile of the customer whose page went on, not to one that was joined with it
AT_HOME_FIRST = (models.F("home").asc(nulls_first=True), "pk")


class IdentifierKind(models.IntegerChoices):
    EMAIL = 1, _("E-mail")
    PHONE = 2, _("Phone")
    LOYALTY_CARD = 3, _("Loyalty card")
    COOKIE = 4, _("Cookie")


class Identifier(models.Model):
    """Something that points at one customer, normalized; external ids live on the profile itself."""

    audit_class = AuditClass.DERIVED

    kind = models.SmallIntegerField(choices=IdentifierKind.choices)
    value_norm = models.TextField(db_collation="C")
    # derived from the profile in the same statement; checking two million keys one by one doubles an import's time
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value_norm", "profile"], name="customers_identifier_value")
        ]


class Touchpoint(models.Model):
    """A pointer to one contact: kind and id of the record behind it, instant, channel, one line. Partitioned by month."""

    audit_class = AuditClass.FACT

    id = models.BigAutoField(primary_key=True)
    occurred_at = models.DateTimeField()
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    profile_id = models.BigIntegerField()
    kind = models.TextField()
    channel = models.TextField()
    direction = models.TextField(db_default="in")
    record_id = models.BigIntegerField(null=True)
    summary = models.TextField(db_default="")
    import_id = models.BigIntegerField(null=True)

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        managed = False
        db_table = "customers_touchpoint"


class InteractionKind(models.TextChoices):
    CALL = "call", _("Call")
    NOTE = "note", _("Note")
    VISIT = "visit", _("Visit")


class Interaction(models.Model):
    """A call, note or visit that a member of the staff logged by hand."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(choices=InteractionKind.choices)
    text = models.TextField()
    occurred_at = models.DateTimeField()
    logged_at = models.DateTimeField()
    logged_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    objects = OfVisibleCustomers.as_manager()
