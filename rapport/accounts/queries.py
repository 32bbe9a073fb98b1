"""What other rooms may ask about the business and its staff."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from rapport.accounts.models import Business

UTC_ZONE = ZoneInfo("UTC")


class NotSetUp(RuntimeError):
    """The business has not been set up yet, so it has no currency."""

    def __init__(self) -> None:
        super().__init__("The business is not set up yet. Open /setup/ in a browser, or run `rapport setup`.")


def business() -> Business | None:
    """The one business, or None before set-up."""
    return Business.objects.first()


def business_zone() -> ZoneInfo:
    """The time zone in which the business counts its days; UTC before set-up."""
    found = business()
    return ZoneInfo(found.time_zone) if found is not None else UTC_ZONE


def business_currency() -> str:
    """The reporting currency's ISO 4217 code; raises NotSetUp before set-up."""
    found = business()
    if found is None:
        raise NotSetUp
    return found.currency
