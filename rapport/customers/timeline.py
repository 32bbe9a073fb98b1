"""The touchpoints this room knows: what staff log by hand, and the plain kinds that other channels bring in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.customers.queries import interactions_behind
from rapport.customers.touchpoints import TouchpointKind

TOUCHPOINT_KINDS = (
    TouchpointKind("call", _("Call"), "phone", interactions_behind, order=10),
    TouchpointKind("note", _("Note"), "sticky-note", interactions_behind, order=11),
    TouchpointKind("visit", _("Visit"), "footprints", interactions_behind, order=12),
    TouchpointKind("email", _("E-mail"), "mail", order=13),
    TouchpointKind("meeting", _("Meeting"), "users", order=14),
    TouchpointKind("page_view", _("Web visit"), "mouse-pointer-click", order=60),
    TouchpointKind("campaign", _("Campaign response"), "megaphone", order=61),
    TouchpointKind("case", _("Case"), "life-buoy", order=62),
    TouchpointKind("registration", _("Registration"), "user-plus", order=63),
    TouchpointKind("survey", _("Survey answer"), "list-checks", order=64),
    TouchpointKind("review", _("Review"), "star", order=65),
    TouchpointKind("idea", _("Idea"), "lightbulb", order=66),
    TouchpointKind("beta_test", _("Beta test"), "flask-conical", order=67),
)
