"""What other systems may be told of scores: that one was learned anew, and which champions slipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from rapport.insight.events import GroupsChanged, ModelLearned
from rapport.insight.permissions import TRAITS, VIEW
from rapport.records.layouts.sight import hidden_names
from rapport.records.telling import Outgoing, Said, said_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

_CUSTOMER, _GROUP = "customer", "segment"


def _say_slipped(user: User, event: GroupsChanged) -> Said | None:
    if not event.slipped or _GROUP in hidden_names(user, _CUSTOMER):
        return None
    return said_of(user, _CUSTOMER, event.slipped)


def _say_learned(user: User, event: ModelLearned) -> Said | None:
    """Which score, as of which day, and whether the data could carry it. What it says of anybody is asked of the API."""
    score, _colon, field = event.kind.partition(":")
    if field and field in hidden_names(user, _CUSTOMER):
        return None
    told = {"score": score, "as_of": event.as_of, "refused": event.is_refused}
    return Said((), told | ({"field": field} if field else {}))


OUTGOING = (
    Outgoing("champion.slipped", GroupsChanged, _("Champions slipped to at risk"), _CUSTOMER, _say_slipped,
             TRAITS.name),
    Outgoing("score.retrained", ModelLearned, _("A score was learned anew"), "score", _say_learned, VIEW.name),
)  # fmt: skip
