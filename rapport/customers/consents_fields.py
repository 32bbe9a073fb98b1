"""What lists and filters may name of how a customer wants to be reached."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from rapport.customers.channels import channel_code
from rapport.customers.presenting import as_read
from rapport.customers.restrictions import RESTRICTED
from rapport.records.registry import Field, FieldKind

CONSENT_FIELDS = (
    Field(
        object="customer",
        name="preferred_channel",
        label=_("Prefers to be reached by"),
        kind=FieldKind.TEXT,
        sql="r.preferred_channel",
        operators=("is", "is_not", "empty", "filled"),
        read=channel_code,
        format=partial(as_read, "preferred_channel"),
        order=98,
    ),
    *(
        Field(
            object="customer",
            name=f"may_{name}",
            label=label,
            kind=FieldKind.BOOLEAN,
            sql="exists (select from customers_purpose p where p.is_marketing and consent_given(r.id, p.name,"
            f" '{channel}', statement_timestamp()))",
            can_be_empty=False,
            operators=("is",),
            order=99,
        )
        for name, channel, label in (
            ("email", "email", _("May be sent marketing e-mail")),
            ("call", "call_center", _("May be called for marketing")),
            ("text", "sms", _("May be sent marketing texts")),
            ("post", "direct_mail", _("May be sent marketing by post")),
        )
    ),
    Field(
        object="customer",
        name="restricted",
        label=_("Processing is restricted"),
        kind=FieldKind.BOOLEAN,
        sql=RESTRICTED.format("r.id"),
        can_be_empty=False,
        operators=("is",),
        order=99,
    ),
)
