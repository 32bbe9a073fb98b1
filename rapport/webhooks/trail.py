"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import Act, Reason, TableWords

TABLES = (
    TableWords(
        "webhooks_endpoint",
        _("Webhook"),
        {
            "url": _("Address"), "description": _("What it is called"), "types": _("It is told when"),
            "owner_id": _("Acts for"), "state": _("State"), "why": _("Why it was switched off"), "made_at": _("Made"),
        },
        left_out=("version", "rest_until"),
    ),
)  # fmt: skip
ACTS = (Act("webhook secret rotated", _("New secret for a webhook")),)
REASONS = (
    Reason("webhook sent", _("Webhook sent")),
    Reason("webhook made", _("Webhook made")),
    Reason("webhook changed", _("Webhook changed")),
    Reason("webhook active", _("Webhook switched on")),
    Reason("webhook paused", _("Webhook paused")),
    Reason("webhook disabled", _("Webhook switched off")),
    Reason("webhook deleted", _("Webhook deleted")),
    Reason("webhook secret rotated", _("New secret for a webhook")),
)
