"""The importer of consents, and the opt-out columns of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.customers.consents.importing import (
    apply_consents,
    consents_conflicts,
    prepare_consents,
    preview_consents,
    undo_consents,
)
from rapport.customers.imports.people import SOURCES
from rapport.records.imports.importing import ColumnKind, ImportColumn, Importer, Phase

OPT_OUT_COLUMNS = (
    ImportColumn(
        "email_opt_out",
        _("Wants no e-mail"),
        at_most=200,
        aliases=(
            "email opt out",
            "e-mail opt out",
            "hasoptedoutofemail",
            "has opted out of email",
            "unsubscribed",
            "unsubscribed from all email",
            "opted out of email",
            "email optout",
            "hs_email_optout",
            "opt out",
            "opted out",
            "do not email",
            "donotemail",
        ),
    ),
    ImportColumn(
        "call_opt_out",
        _("Wants no calls"),
        at_most=200,
        aliases=("do not call", "donotcall", "call opt out", "phone opt out", "no calls"),
    ),
    ImportColumn(
        "sms_opt_out",
        _("Wants no text messages"),
        at_most=200,
        aliases=("sms opt out", "text opt out", "do not text", "unsubscribed from sms", "opted out of sms"),
    ),
    ImportColumn(
        "post_opt_out",
        _("Wants no post"),
        at_most=200,
        aliases=("do not mail", "donotmail", "post opt out", "postal opt out", "do not send post"),
    ),
)

CONSENTS = Importer(
    name="consents",
    label=_("Consents and withdrawals"),
    object="consent",
    columns=(
        ImportColumn(
            "external_id",
            _("Number or id of the customer"),
            ColumnKind.CODE,
            required=True,
            at_most=200,
            aliases=(
                "customer id",
                "customer number",
                "contact id",
                "subject",
                "person id",
                "user id",
                "member id",
                "id",
            ),
        ),
        ImportColumn(
            "purpose",
            _("Purpose"),
            required=True,
            at_most=200,
            aliases=("consent purpose", "subscription", "topic", "subscription type", "list"),
        ),
        ImportColumn(
            "channel",
            _("Channel"),
            required=True,
            at_most=100,
            aliases=("consent channel", "medium", "contact channel"),
        ),
        ImportColumn(
            "status",
            _("Granted or withdrawn"),
            required=True,
            at_most=100,
            aliases=("status", "consent", "consent status", "opt in status", "subscription status"),
        ),
        ImportColumn(
            "occurred_at",
            _("Said at"),
            ColumnKind.INSTANT,
            required=True,
            aliases=("when", "consent date", "consented at", "timestamp", "date", "time", "consent timestamp"),
        ),
        ImportColumn("expires_at", _("Ends at"), ColumnKind.INSTANT, aliases=("expiry", "expires", "valid until")),
        ImportColumn("origin", _("Said where"), at_most=200, aliases=("source", "origin", "collected by", "method")),
        ImportColumn(
            "wording", _("In which words"), at_most=4000, aliases=("text", "text version", "consent text", "legal text")
        ),
        ImportColumn("proof", _("Proof"), at_most=4000, aliases=("evidence", "ip", "ip address", "proof of consent")),
    ),
    key=("external_id",),
    sources=SOURCES,
    phases=(Phase("consents", _("Consents"), prepare_consents, apply_consents),),
    preview=preview_consents,
    conflicts=consents_conflicts,
    undo=undo_consents,
    finish="rapport.customers.consents.reading.consent_finisher",
    order=16,
)
