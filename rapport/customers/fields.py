"""What lists, filters and sorts may name of a customer, and of whom a task is about."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from rapport.customers.behind import customer_behind, name_behind
from rapport.customers.consents.fields import CONSENT_FIELDS
from rapport.customers.normalizing import country_code, country_names, language_code, language_names
from rapport.customers.presenting import as_read
from rapport.customers.queries import kind_choices
from rapport.records.registry import Field, FieldKind, Join
from rapport.records.tags.tagging import tags_field
from rapport.work.queries import TASK

_TEXT = ("is", "is_not", "starts_with", "contains", "empty", "filled")
_CODED = ("is", "is_not", "empty", "filled")
_DAY = ("on", "before", "after", "empty", "filled")

OWNER = Join(alias="owner", table="accounts_user", on="owner.id = r.owner_id")
LAST_TOUCHPOINT = Join(
    alias="latest",
    table="lateral (select t.occurred_at, t.kind, t.channel from customers_touchpoint t"
    " where t.customer_id = r.id order by t.occurred_at desc, t.id desc limit 1)",
    on="true",
    comes_later=True,
)

FIELDS = (
    Field(
        object="customer",
        name="name",
        label=_("Name"),
        essential=True,
        parts=(("", "r.name"), ("organization", "r.organization"), ("email", "r.email"), ("phone", "r.phone")),
        kind=FieldKind.TEXT,
        sql="coalesce(r.name, r.organization, r.email, r.phone)",
        sort_sql="r.sort_key",
        can_be_empty=False,
        operators=("starts_with", "contains", "empty", "filled"),
        sortable=True,
        default_column=True,
        order=1,
    ),
    Field(
        object="customer",
        name="number",
        label=_("Number"),
        kind=FieldKind.TEXT,
        # not "order by p.id limit 1": before it has looked at a new table, the planner would walk all of it by its key
        sql="(select (array_agg(p.external_id order by p.id))[1] from customers_profile p"
        " join customers_source s on s.id = p.source_id"
        " where p.customer_id = r.id and s.name <> 'staff' and not starts_with(p.external_id, 'row-'))",
        order=2,
    ),
    Field(
        object="customer",
        name="organization",
        label=_("Organization"),
        kind=FieldKind.TEXT,
        sql="r.organization",
        operators=_TEXT,
        searched=True,
        default_column=True,
        wide_only=True,
        order=2,
    ),
    Field(
        object="customer",
        name="city",
        label=_("City"),
        kind=FieldKind.TEXT,
        sql="r.city",
        operators=_TEXT,
        default_column=True,
        wide_only=True,
        order=3,
    ),
    Field(
        object="customer",
        name="country",
        label=_("Country"),
        kind=FieldKind.TEXT,
        sql="r.country",
        operators=_CODED,
        read=country_code,
        suggest=country_names,
        format=partial(as_read, "country"),
        default_column=True,
        wide_only=True,
        order=4,
    ),
    Field(
        object="customer",
        name="last_contact",
        label=_("Last contact"),
        kind=FieldKind.INSTANT,
        sql="latest.occurred_at",
        join=LAST_TOUCHPOINT,
        default_column=True,
        wide_only=True,
        order=80,
    ),
    Field(
        object="customer",
        name="last_contact_kind",
        label=_("Kind of last contact"),
        hidden_with="last_contact",
        kind=FieldKind.TEXT,
        sql="latest.kind",
        join=LAST_TOUCHPOINT,
        order=81,
    ),
    Field(
        object="customer",
        name="owner_name",
        label=_("Owner"),
        kind=FieldKind.TEXT,
        sql="owner.name",
        join=OWNER,
        default_column=True,
        wide_only=True,
        order=90,
    ),
    Field(
        object="customer",
        name="owner",
        label=_("Owner"),
        hidden_with="owner_name",
        kind=FieldKind.PERSON,
        sql="r.owner_id",
        operators=("is", "empty", "filled"),
        order=91,
    ),
    Field(
        object="customer",
        name="kind",
        label=_("Kind"),
        kind=FieldKind.CHOICE,
        sql="r.kind",
        operators=("is",),
        choices=kind_choices,
        order=92,
    ),
    Field(
        object="customer",
        name="email",
        label=_("E-mail"),
        kind=FieldKind.TEXT,
        sql="r.email",
        operators=_TEXT,
        searched=True,
        order=93,
    ),
    Field(
        object="customer",
        name="phone",
        label=_("Phone"),
        kind=FieldKind.TEXT,
        sql="r.phone",
        operators=("empty", "filled"),
        order=94,
    ),
    Field(
        object="customer",
        name="language",
        label=_("Language"),
        kind=FieldKind.TEXT,
        sql="r.language",
        operators=_CODED,
        read=language_code,
        suggest=language_names,
        format=partial(as_read, "language"),
        order=95,
    ),
    Field(
        object="customer",
        name="life_stage",
        label=_("Life stage"),
        kind=FieldKind.TEXT,
        sql="r.life_stage",
        operators=_TEXT,
        order=96,
    ),
    tags_field("customer", order=98),
    *CONSENT_FIELDS,
    *(
        Field(
            object="customer",
            name=name,
            label=label,
            kind=FieldKind.TEXT,
            sql=f"r.{name}",
            operators=_TEXT,
            searched=name in ("given_name", "family_name"),
            order=100,
        )
        for name, label in (
            ("given_name", _("Given name")),
            ("family_name", _("Family name")),
            ("job_title", _("Job title")),
            ("website", _("Web site")),
            ("street", _("Street")),
            ("postal_code", _("Postal code")),
            ("region", _("Region")),
        )
    ),
    Field(
        object="customer",
        name="born_on",
        label=_("Born on"),
        kind=FieldKind.DATE,
        sql="r.born_on",
        operators=(*_DAY, "each_year"),
        is_yearly=True,
        order=101,
    ),
    Field(
        object="customer",
        name="created",
        label=_("Added"),
        kind=FieldKind.INSTANT,
        sql="r.created_at",
        can_be_empty=False,
        operators=("on", "before", "after"),
        sortable=True,
        order=97,
    ),
    # who sees a task about a customer sees her
    name_behind(customer_behind("behind"), of=TASK, order=2),
)
