"""The tables of this room whose rows hang on a customer through a profile."""

from django.utils.translation import gettext_lazy as _

from rapport.core.owned import ByHand, OwnedTable
from rapport.customers.channels import CHANNELS
from rapport.customers.golden import TEXT_FIELDS
from rapport.customers.models import ConsentStatus, RelationshipKind
from rapport.customers.parting import give_consents

_BY_STAFF = (
    "exists (select from customers_profile p join customers_source s on s.id = p.source_id"
    " where p.id = t.profile_id and s.name = 'staff')"
)
_CONSENT_WORDS = {**CHANNELS, **dict(ConsentStatus.choices)}
_RELATION_WORDS = dict(RelationshipKind.choices)
_RELATED = "t.kind || coalesce(' · ' || nullif(t.role, ''), '')"

OWNED = (
    OwnedTable(
        "customers_profile",
        profile_column="id",
        personal=(*TEXT_FIELDS, "born_on", "external_id", "raw", "custom"),
        remembered="external_id",
    ),
    OwnedTable("customers_identifier", personal=("value_norm",)),
    OwnedTable("customers_touchpoint", personal=("summary",)),
    OwnedTable(
        "customers_interaction",
        personal=("text",),
        by_hand=ByHand(
            _("Calls, notes and visits"), "t.text", written_at="logged_at", touchpoint_kinds=("call", "note", "visit")
        ),
    ),
    OwnedTable(
        "customers_contactpoint",
        personal=("value", "value_norm", "street", "postal_code", "city", "region", "country"),
        by_hand=ByHand(
            _("Further addresses and numbers"), "t.value", where="t.import_id is null", on_staff=True,
            once=("kind", "value"),
            fields="case t.kind when 'address' then array['street', 'postal_code', 'city'] else array[t.kind] end",
        ),
    ),
    OwnedTable(
        "customers_consent",
        personal=("proof", "wording"),
        # a withdrawal holds where it was written; what else she said there must not come to count again
        by_hand=ByHand(
            _("Consents"), "t.purpose || ' · ' || t.channel || ' · ' || t.status",
            where=f"t.import_id is null and t.status <> 'withdrawn' and {_BY_STAFF}", written_at="recorded_at",
            on_staff=True, words=_CONSENT_WORDS, give=give_consents,
        ),
    ),
    OwnedTable("customers_restriction", personal=("note",)),
    OwnedTable("customers_consentrequest", personal=("sent_to",)),
    OwnedTable(
        "customers_actionanswer",
        personal=("note",),
        by_hand=ByHand(
            _("What was made of proposed actions"), "t.rule || coalesce(' · ' || nullif(t.note, ''), '')",
            written_at="answered_at",
        ),
    ),
    OwnedTable(
        "customers_relationship",
        "from_profile_id",
        "from_customer_id",
        personal=("role",),
        by_hand=ByHand(
            _("Relationships"), _RELATED, where="t.import_id is null", once=("kind", "to_profile_id"),
            words=_RELATION_WORDS, beside="to_customer_id",
        ),
    ),
    OwnedTable(
        "customers_relationship",
        "to_profile_id",
        "to_customer_id",
        personal=("role",),
        by_hand=ByHand(
            _("Relationships of others with this customer"), _RELATED, where="t.import_id is null",
            once=("kind", "from_profile_id"), words=_RELATION_WORDS, beside="from_customer_id",
        ),
    ),
)  # fmt: skip
