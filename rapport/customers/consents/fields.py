"""What lists and filters may name of how a customer wants to be reached."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext_lazy as _

from rapport.customers.channels import channel_code
from rapport.customers.consents.restrictions import RESTRICTED
from rapport.customers.presenting import as_read
from rapport.records.registry import Field, FieldKind

# the ledger's `consent_given` for the marketing purposes, as joins of which the planner can foresee how long they take:
# something is granted, and there is nothing else that counts (a profile's newest entry, of those at once the strictest)
_MAY = """
exists (select from customers_consent yes
 where yes.customer_id = r.id and yes.channel = '<channel>' and yes.status = 'granted' and yes.occurred_at <= <now>
   and (yes.expires_at is null or yes.expires_at > <now>)
   and yes.purpose = any(array(select p.name from customers_purpose p where p.is_marketing))
   and not exists (select from customers_consent said
        where said.customer_id = yes.customer_id and said.purpose = yes.purpose and said.channel = yes.channel
          and said.occurred_at <= <now> and (said.status <> 'granted' or said.expires_at <= <now>)
          and not exists (select from customers_consent newer
               where newer.customer_id = said.customer_id and newer.purpose = said.purpose
                 and newer.channel = said.channel and newer.profile_id = said.profile_id and newer.occurred_at <= <now>
                 and (newer.occurred_at > said.occurred_at
                      or newer.occurred_at = said.occurred_at and
                         (array_position(<strictest>, newer.status), coalesce(newer.expires_at, 'infinity'))
                         < (array_position(<strictest>, said.status), coalesce(said.expires_at, 'infinity')))))
   and not exists (select from customers_restriction held
        where held.customer_id = yes.customer_id and held.since <= <now>
          and (held.lifted_at is null or held.lifted_at > <now>))<end>)
"""


def _may(channel: str, *, end: str = "") -> str:
    text = _MAY.strip().replace("<now>", "statement_timestamp()").replace("<end>", end).replace("<channel>", channel)
    return text.replace("<strictest>", "array['withdrawn', 'pending', 'granted']")


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
            sql=_may(channel),
            sql_by_row=_may(channel, end=" offset 0"),
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
