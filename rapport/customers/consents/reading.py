"""What files say of consent, in our words. No Django here: worker processes use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rapport.customers.channels import channel_code, is_channel
from rapport.records.imports.values import ValueRefused

_SAID = {
    "granted": """
        granted, grant, given, yes, y, true, t, 1, opt in, opted in, optin, subscribed, consented, consent, agreed, allowed, ja,
        oui, sí, si
    """,
    "withdrawn": """
        withdrawn, withdraw, revoked, no, n, false, f, 0, opt out, opted out, optout, unsubscribed, denied, refused, declined,
        objected, do not contact, nein, non, nee, never subscribed, not subscribed
    """,
    "pending": "pending, asked, unconfirmed, waiting, double opt in pending, not confirmed",
}
_STATUS = {word: status for status, said in _SAID.items() for word in " ".join(said.split()).split(", ")}

# what stands in an opt-out column of somebody who did not opt out; everything else there is read as a no to us
SAYS_NOTHING = (
    "", "0", "f", "false", "n", "no", "off", "none", "null", "-", "nein", "non", "nee", "falsch", "faux", "falso",
    "subscribed",
)  # fmt: skip


def status_of(text: str) -> str | None:
    return _STATUS.get(" ".join(text.replace("-", " ").replace("_", " ").casefold().split()))


def consent_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `consents`: channel and status by our names."""

    def finish(values: dict[str, Any]) -> None:
        values["channel"] = channel_code(values["channel"])
        if not is_channel(values["channel"]):
            raise ValueRefused("choice", "channel")
        status = status_of(values["status"])
        if status is None:
            raise ValueRefused("choice", "status")
        values["status"] = status
        ends, said = values["expires_at"], values["occurred_at"]
        if ends is not None and ends <= said:
            raise ValueRefused("instant", "expires_at")

    return finish
