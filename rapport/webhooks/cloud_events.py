"""What is sent: a message as a CloudEvent 1.0 in structured JSON. The same message is the same text each time."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from rapport.core import environment
from rapport.webhooks.models import Message, as_json

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"
PREFIX = "app.rapport."
_VERSION = ".v1"


def full_type(name: str) -> str:
    return f"{PREFIX}{name}{_VERSION}"


def as_cloud_event(message: Message) -> dict[str, Any]:
    """`subject` is there where the event is about one record."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{message.event_id}.{message.part}" if message.part else str(message.event_id),
        "source": environment.origin(),
        "type": full_type(message.type),
        "time": message.happened_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": as_json(message),
    }
    if message.about and len(message.ids) == 1:
        event["subject"] = f"{message.about}/{message.ids[0]}"
    return event


def body_of(message: Message) -> bytes:
    return json.dumps(as_cloud_event(message), separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
