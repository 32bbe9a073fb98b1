"""Tells the owner of an endpoint that Rapport has switched it off."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from rapport.core.acting import Actor
from rapport.webhooks.models import Endpoint, Why
from rapport.work.asking import ask_to_see_to

_LONGEST_NAME = 100


def warn_owner(endpoint: Endpoint, why: Why, *, by: Actor, now: datetime) -> None:
    name = endpoint.name if len(endpoint.name) <= _LONGEST_NAME else endpoint.name[: _LONGEST_NAME - 1] + "…"
    title = _("The webhook “%(name)s” is switched off") % {"name": name}
    after = _(
        "What happens meanwhile is kept. Switch it on again, and send again what was missed, under Settings, Webhooks."
    )
    ask_to_see_to(title, text=f"{why.label} {after}", assignee=endpoint.owner, by=by, now=now)
