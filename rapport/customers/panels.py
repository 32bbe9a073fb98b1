"""What this room itself shows beside the timeline of a customer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.customers.consents.panel import consents_panel
from rapport.customers.next_best.panel import next_bar
from rapport.customers.permissions import VIEW
from rapport.customers.relationships.panel import relationships_panel
from rapport.ui.panels import Panel

PANELS = (
    Panel(
        "next_action",
        _("Next best action"),
        place="bar",
        template="customers/next_bar.html",
        context=next_bar,
        right=VIEW.name,
        order=10,
    ),
    Panel(
        "relationships",
        _("People around"),
        place="right",
        template="customers/relationships_panel.html",
        context=relationships_panel,
        right=VIEW.name,
        order=30,
    ),
    Panel(
        "consents",
        _("What we may do"),
        place="right",
        template="customers/consent_panel.html",
        context=consents_panel,
        right=VIEW.name,
        order=40,
    ),
)
