"""What this room does when a room below has news: numbers made before an import are made anew."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.core.events import Subscription
from rapport.identity.events import ProfilesMoved
from rapport.insight.events import GroupsChanged, WarehouseDiffered
from rapport.insight.rfm.slips import tell_owners
from rapport.insight.warehouse.asking import ask_for_refresh, ask_to_forget
from rapport.insight.warehouse.differences import tell_administrators
from rapport.privacy.events import CustomerErased
from rapport.records.events import ImportFinished, ImportUndone

_SAYS = _("The numbers of the worth page and the segments of customers are being refreshed.")

_MOVED = _("What they are worth is being counted anew.")


def refresh_after_import(event: ImportFinished) -> None:
    ask_for_refresh()


def refresh_after_undoing(event: ImportUndone) -> None:
    ask_for_refresh()


def refresh_after_moving(event: ProfilesMoved) -> None:
    ask_for_refresh()


def forget_after_erasure(event: CustomerErased) -> None:
    ask_to_forget()


SUBSCRIPTIONS = (
    Subscription(CustomerErased, forget_after_erasure),
    Subscription(ProfilesMoved, refresh_after_moving, says=_MOVED),
    Subscription(GroupsChanged, tell_owners, concerns=lambda event: bool(event.slipped)),
    Subscription(WarehouseDiffered, tell_administrators),
    Subscription(ImportFinished, refresh_after_import, says=_SAYS),
    Subscription(ImportUndone, refresh_after_undoing, says=_SAYS),
)
