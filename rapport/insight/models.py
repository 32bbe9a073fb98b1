"""Which warehouse snapshot is current, the map of segments, and what the marts wrote back."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from rapport.audit.classes import AuditClass
from rapport.customers.access import OfVisibleCustomers
from rapport.insight.report_builder.models import Dashboard as Dashboard
from rapport.insight.report_builder.models import ReportMail as ReportMail
from rapport.insight.report_builder.models import Rhythm as Rhythm
from rapport.insight.report_builder.models import SavedReport as SavedReport
from rapport.insight.rfm.segments import Segment


class Snapshot(models.Model):
    """One immutable set of Parquet files under RAPPORT_HOME/warehouse; the newest finished one is current."""

    audit_class = AuditClass.LOG

    folder = models.TextField(unique=True)
    time_zone = models.TextField(default="UTC", db_default="UTC")
    currency = models.CharField(max_length=3, default="", db_default="")
    counts = models.JSONField(default=dict)
    seen_changes = models.JSONField(default=dict, db_default={})
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0, db_default=0)
    made_by = models.TextField(default="", db_default="")  # the version of Rapport
    tables = models.JSONField(default=dict, db_default={})  # how each table was made: insight/tables.py


class Change(models.Model):
    """Keys of a table in which something changed since the newest snapshot; written by the triggers of the table itself.

    `since` and `until` say when the changed rows took place, where a table is kept in parts by that.
    """

    audit_class = AuditClass.LOG

    source = models.TextField()
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    is_removal = models.BooleanField(default=False, db_default=False)


class Comparison(models.Model):
    """Whether the tables of a snapshot, made of what changed, were the same as all rows copied at the same moment."""

    audit_class = AuditClass.LOG

    snapshot_folder = models.TextField()
    compared_at = models.DateTimeField(db_default=Now())
    is_equal = models.BooleanField()
    tables = models.JSONField(default=dict, db_default={})


class SegmentRule(models.Model):
    """The segment of the customers in one cell of recency and frequency bands; every cell has exactly one."""

    audit_class = AuditClass.AUDITED

    recency_band = models.SmallIntegerField()
    frequency_band = models.SmallIntegerField()
    segment = models.TextField(choices=Segment.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recency_band", "frequency_band"], name="insight_segmentrule_cell"),
            models.CheckConstraint(
                condition=models.Q(recency_band__range=(1, 5), frequency_band__range=(1, 5)),
                name="insight_segmentrule_bands",
            ),
        ]


class GroupMargin(models.Model):
    """How far beyond the edge of a band somebody has to be to change into another, in thousandths of a band."""

    audit_class = AuditClass.AUDITED

    scale = models.TextField(choices=[("recency", _("Recency")), ("frequency", _("Frequency"))], unique=True)
    thousandths = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(thousandths__range=(0, 1000)), name="insight_groupmargin_range"),
        ]


class SettledGroup(models.Model):
    """The RFM group a customer has settled in: she leaves a band only by more than the margin beyond its edge.

    `changed_on` is the as-of day of the refresh that found her in it; `left_champions_on` the one that last found her a
    champion no more.
    """

    audit_class = AuditClass.DERIVED

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    recency_band = models.SmallIntegerField()
    frequency_band = models.SmallIntegerField()
    segment = models.TextField(choices=Segment.choices)
    changed_on = models.DateField()
    left_champions_on = models.DateField(null=True)


class TraitRun(models.Model):
    """One time that the traits of all customers were computed and swapped in; the newest describes what is shown.

    `since` is the day that `segment_before` of the traits looks back to.
    """

    audit_class = AuditClass.LOG

    snapshot_folder = models.TextField()
    as_of = models.DateField()
    since = models.DateField()
    currency = models.CharField(max_length=3)
    monetary = models.TextField()
    customers = models.BigIntegerField()
    edges = models.JSONField()
    finished_at = models.DateTimeField()


class CustomerWorth(models.Model):
    """What a customer's purchases say, one row per customer who bought. Built beside the live table and swapped in."""

    audit_class = AuditClass.DERIVED

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    segment = models.TextField(choices=Segment.choices)
    segment_before = models.TextField()
    recency_band = models.SmallIntegerField()
    frequency_band = models.SmallIntegerField()
    monetary_band = models.SmallIntegerField()
    purchases = models.IntegerField()
    reversals = models.IntegerField()
    gross_micros = models.BigIntegerField()
    value_micros = models.BigIntegerField()
    first_purchase_on = models.DateField()
    last_purchase_on = models.DateField()
    months = ArrayField(models.BigIntegerField())

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        db_table = "insight_rfm"
        indexes = [
            models.Index(fields=["segment", "value_micros", "customer"], name="insight_rfm_segment"),
            models.Index(fields=["recency_band", "frequency_band"], name="insight_rfm_cell"),
            models.Index(fields=["value_micros", "customer"], name="insight_rfm_value"),
            models.Index(fields=["last_purchase_on", "customer"], name="insight_rfm_last"),
        ]

    @property
    def usual_days_between(self) -> int | None:
        """Days from one purchase to the next on average; None before the second."""
        if self.purchases < 2 or self.first_purchase_on == self.last_purchase_on:
            return None
        return round((self.last_purchase_on - self.first_purchase_on).days / (self.purchases - 1))

    @property
    def average_micros(self) -> int:
        return round(self.gross_micros / self.purchases)


class LearnedModel(models.Model):
    """A model of one kind of score as it was learned once: with its parameters any score given by it can be computed again.

    `report` is what was printed of it: the back-test, or why the data could not carry it. The newest of a kind is in use.
    """

    audit_class = AuditClass.LOG

    kind = models.TextField()
    version = models.IntegerField()  # of the code that learned
    as_of = models.DateField()
    snapshot_folder = models.TextField()
    currency = models.CharField(max_length=3)
    is_refused = models.BooleanField(default=False, db_default=False)
    report = models.JSONField()
    learned_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "-id"], name="insight_learnedmodel_newest")]


class ScoreRun(models.Model):
    """One time that the scores of all customers were computed by a model and swapped in."""

    audit_class = AuditClass.LOG

    model = models.ForeignKey(LearnedModel, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    snapshot_folder = models.TextField()
    customers = models.BigIntegerField()
    finished_at = models.DateTimeField()


class CustomerRisk(models.Model):
    """The chance that a customer leaves, in percent, and the main reasons (churn/words.py puts them into words).

    One row per customer who may leave, swapped in like CustomerWorth; reasons of the likeliest alone.
    """

    audit_class = AuditClass.DERIVED

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    leaving_percent = models.FloatField()
    reasons = models.JSONField()

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        db_table = "insight_leaving"
        indexes = [models.Index(fields=["leaving_percent", "customer"], name="insight_leaving_risk")]


class CustomerLifetime(models.Model):
    """What a customer is foretold to do and to bring in a year; one row per customer who bought, swapped in like CustomerWorth.

    `due_on` is the day by which half of such customers have bought again, of those more likely still here than not; `repeats` are
    the days on which she came back, of which it was foretold.
    """

    audit_class = AuditClass.DERIVED

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    alive_percent = models.FloatField()
    expected_purchases = models.FloatField()
    expected_micros = models.BigIntegerField(null=True)
    due_on = models.DateField(null=True)
    repeats = models.BigIntegerField(null=True)

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        db_table = "insight_clv"
        indexes = [
            models.Index(fields=["alive_percent", "customer"], name="insight_clv_alive"),
            models.Index(fields=["expected_micros", "customer"], name="insight_clv_value"),
            models.Index(fields=["due_on", "customer"], name="insight_clv_due"),
        ]


class UnitValue(models.Model):
    """What the business says one thing costs or is worth, in millionths of its unit; what is not here is not set."""

    audit_class = AuditClass.AUDITED

    name = models.TextField(unique=True)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__range=(1, 10**10)), name="insight_unitvalue_range"),
        ]


class FiveWorthsRun(models.Model):
    """One time that the five worths of all customers were computed and swapped in, with the amounts they were computed with."""

    audit_class = AuditClass.LOG

    as_of = models.DateField()
    snapshot_folder = models.TextField()
    currency = models.CharField(max_length=3)
    report = models.JSONField()
    customers = models.BigIntegerField()
    finished_at = models.DateTimeField()


class CustomerFiveWorths(models.Model):
    """What a customer contributed, taught us and brought us; one row per customer who did any of it, swapped in.

    `counts` are deliveries and the contacts of `marts/contacts.py`, in the order of `unit_values.KEPT_COUNTS`; `referrals` and
    `credits` are by generation of those who came through her.
    """

    audit_class = AuditClass.DERIVED

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    purchases = models.BigIntegerField()
    reversals = models.BigIntegerField()
    sold_micros = models.BigIntegerField()
    returned_micros = models.BigIntegerField()
    net_micros = models.BigIntegerField()
    goods_micros = models.BigIntegerField()
    uncosted_micros = models.BigIntegerField()
    margin_micros = models.BigIntegerField()
    service_micros = models.BigIntegerField()
    campaign_micros = models.BigIntegerField()
    delivery_micros = models.BigIntegerField()
    contribution_micros = models.BigIntegerField()
    contribution_percent = models.FloatField(null=True)
    counts = ArrayField(models.BigIntegerField())
    insight_items = models.BigIntegerField()
    insight_micros = models.BigIntegerField()
    referred = models.BigIntegerField()
    referred_buying = models.BigIntegerField()
    referrals = ArrayField(models.BigIntegerField())
    credits = ArrayField(models.BigIntegerField())
    influence_micros = models.BigIntegerField()
    last_purchase_on = models.DateField(null=True)

    objects = OfVisibleCustomers.as_manager()

    class Meta:
        db_table = "insight_five"
        indexes = [
            models.Index(fields=["contribution_micros", "customer"], name="insight_five_contribution"),
            models.Index(fields=["insight_items", "customer"], name="insight_five_insight"),
            models.Index(fields=["influence_micros", "customer"], name="insight_five_influence"),
        ]
