"""States, problems and refusals in the words of the pages."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.records.telling import outgoing_types
from rapport.webhooks.hearing import PING
from rapport.webhooks.models import Endpoint, EndpointState, MessageState

REFUSED: dict[str, str | Promise] = {
    "form": _("This is no address that a message can be sent to. Give one such as https://crm.example.com/hooks."),
    "scheme": _("The address has to begin with https://."),
    "tls": _("The address has to begin with https://, so that nobody on the way can read along."),
    "address": _("Messages go to public addresses alone. Whoever runs Rapport can open networks of your own."),
}
_TONES = {EndpointState.ACTIVE: "good", EndpointState.PAUSED: "warn", EndpointState.DISABLED: "bad"}
_MESSAGE_TONES = {MessageState.DELIVERED: "good", MessageState.FAILED: "bad"}


def endpoint_chip(endpoint: Endpoint) -> tuple[str, str]:
    state = EndpointState(endpoint.state)
    return str(state.label), _TONES.get(state, "plain")


def message_chip(state: str) -> tuple[str, str]:
    known = MessageState(state)
    return str(known.label), _MESSAGE_TONES.get(known, "plain")


def type_labels() -> dict[str, str | Promise]:
    return {**outgoing_types(), PING: _("A test")}
