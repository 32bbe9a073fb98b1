"""Webhooks in the API: endpoints and their secrets, what they were told, and having it sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, StringConstraints
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.core.clock import utc_now
from rapport.records.api import (
    LARGEST_PAGE,
    USUAL_PAGE,
    Instant,
    Strict,
    Undoable,
    changed_meanwhile,
    count_fetched,
    invalid,
    read_place,
    tell_version,
    version_matched,
    write_place,
)
from rapport.records.telling import outgoing_types
from rapport.webhooks import actions, queries
from rapport.webhooks.addresses import LONGEST_URL
from rapport.webhooks.cloud_events import as_cloud_event, full_type
from rapport.webhooks.forms import LONGEST_DESCRIPTION, EndpointForm
from rapport.webhooks.models import Attempt, Endpoint, EndpointState, Message
from rapport.webhooks.permissions import MANAGE

if TYPE_CHECKING:
    from rapport.accounts.models import User

RIGHTS = (MANAGE,)
_PLACES = "webhook messages"
_MOST = 500
Url = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL)]
EventType = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,40}\.[a-z]{1,40}$")]
Types = Annotated[
    list[EventType], Described(min_length=1, max_length=200, examples=[["customer.changed", "person.erased"]])
]

router = Router(tags=["webhooks"])
ROUTERS = (router,)


class EventTypeShown(Schema):
    name: str = Described(examples=["customer.changed"])
    type: str = Described(description="As it stands in messages.", examples=["app.rapport.customer.changed.v1"])
    label: str


class NewWebhook(Strict):
    url: Url = Described(examples=["https://crm.example.com/hooks"])
    types: Types = Described(description="Names of `GET /webhooks/event-types`.")
    description: str = Described("", max_length=LONGEST_DESCRIPTION)


class WebhookChanges(Strict):
    """What is to change; what is not sent stays."""

    url: Url | None = Described(None, examples=["https://crm.example.com/hooks"])
    types: Types | None = None
    description: str | None = Described(None, max_length=LONGEST_DESCRIPTION)


class WebhookShown(Schema):
    id: UUID
    version: int
    url: str
    description: str
    types: list[str]
    owner: UUID
    state: str = Described(description="active, paused or disabled", examples=["active"])
    why: str = Described(description="Why Rapport switched it off: gone, exhausted, owner.", examples=[""])
    made_at: Instant


class NewSecret(Schema):
    secret: str = Described(description="Shown this once.", examples=["whsec_…"])


class WebhookMade(WebhookShown, NewSecret):
    pass


class Replay(Strict):
    since: AwareDatetime = Described(description="Everything that happened from then on, accepted or not.")


class Replayed(Schema):
    count: int


class MessagesAsked(Schema):
    state: Literal["", "waiting", "delivered", "failed"] = ""
    type: str = Described("", pattern=r"^([a-z]{1,40}(\.[a-z]{1,40})?)?$", examples=["customer.changed"])
    after: str = Described("", description="`next` of the page before.")
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class AttemptShown(Schema):
    number: int
    tried_at: Instant
    took_ms: int
    status: int | None
    problem: str
    answer: str = Described(description="The beginning of what was said.")


class MessageShown(Schema):
    id: UUID
    webhook_id: str = Described(examples=["msg_3f6c1a9e8f0e4a509c3a0d1f2b3c4d5e"])
    state: str = Described(examples=["delivered"])
    try_count: int
    next_try_at: Instant | None
    happened_at: Instant
    event: dict[str, Any] = Described(description="The CloudEvent that is sent.")


class MessageWithAttempts(MessageShown):
    attempts: list[AttemptShown] = Described(description="The newest first.")


class MessagesShown(Schema):
    items: list[MessageShown]
    next: str | None


@router.get("/webhooks/event-types", auth=Bearer(MANAGE), response=list[EventTypeShown])
def list_event_types(request: HttpRequest) -> list[EventTypeShown]:
    """What an endpoint can be told of, as far as the token's rights go."""
    return [
        EventTypeShown(name=name, type=full_type(name), label=str(label))
        for name, label in outgoing_types(staff_user(request)).items()
    ]


@router.get("/webhooks", auth=Bearer(MANAGE), response=list[WebhookShown])
def list_webhooks(request: HttpRequest) -> list[WebhookShown]:
    """One's own endpoints, the newest first; to who administers, everybody's."""
    found = list(queries.endpoints_of(staff_user(request))[:_MOST])
    count_fetched(request, len(found))
    return [WebhookShown(**_said(each)) for each in found]


@router.post("/webhooks", auth=Bearer(MANAGE), response={201: WebhookMade})
def create_webhook(request: HttpRequest, response: HttpResponse, body: NewWebhook) -> WebhookMade:
    """Have another system told. The secret that its messages are signed with is shown in this answer alone."""
    user = staff_user(request)
    values = _read(body.model_dump(), user)
    made, secret = actions.make_endpoint(**values, by=user, now=utc_now(), request=request)
    response["Location"] = reverse("api_get_webhook", args=[made.public_id])
    tell_version(response, made.version)
    return WebhookMade(**_said(made), secret=secret)


@router.get("/webhooks/{uuid:public_id}", auth=Bearer(MANAGE), response=WebhookShown)
def get_webhook(request: HttpRequest, response: HttpResponse, public_id: UUID) -> WebhookShown:
    """One endpoint, without its secret."""
    return _told(response, queries.find_endpoint(staff_user(request), public_id))


@router.patch("/webhooks/{uuid:public_id}", auth=Bearer(MANAGE), response=WebhookShown)
def update_webhook(request: HttpRequest, response: HttpResponse, public_id: UUID, body: WebhookChanges) -> WebhookShown:
    """Change what is sent and leave the rest. Needs If-Match with the ETag that was read."""
    user = staff_user(request)
    found = queries.find_endpoint(user, public_id)
    version = version_matched(request, found.version)
    sent = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    values = _read({name: getattr(found, name) for name in actions.EDITABLE} | sent, user)
    try:
        changed = actions.edit_endpoint(
            found, {name: values[name] for name in sent}, version=version, by=user, request=request
        )
    except actions.EndpointChanged as conflict:
        raise changed_meanwhile(conflict.current.version) from conflict
    return _told(response, changed)


@router.delete("/webhooks/{uuid:public_id}", auth=Bearer(MANAGE), response=Undoable)
def delete_webhook(request: HttpRequest, public_id: UUID) -> Undoable:
    """Nothing more is sent, what waits neither. There is no way back."""
    user = staff_user(request)
    actions.delete_endpoint(queries.find_endpoint(user, public_id), by=user, request=request)
    return Undoable(undo=None)


@router.post("/webhooks/{uuid:public_id}/pause", auth=Bearer(MANAGE), response=WebhookShown)
def pause_webhook(request: HttpRequest, response: HttpResponse, public_id: UUID) -> WebhookShown:
    """What happens from now on waits."""
    user = staff_user(request)
    actions.pause_endpoint(queries.find_endpoint(user, public_id), by=user, request=request)
    return _told(response, queries.find_endpoint(user, public_id))


@router.post("/webhooks/{uuid:public_id}/resume", auth=Bearer(MANAGE), response=WebhookShown)
def resume_webhook(request: HttpRequest, response: HttpResponse, public_id: UUID) -> WebhookShown:
    """Send again, also after Rapport has switched it off; what has waited goes first."""
    user = staff_user(request)
    actions.resume_endpoint(queries.find_endpoint(user, public_id), by=user, request=request)
    return _told(response, queries.find_endpoint(user, public_id))


@router.post("/webhooks/{uuid:public_id}/secret", auth=Bearer(MANAGE), response={201: NewSecret})
def rotate_webhook_secret(request: HttpRequest, public_id: UUID) -> NewSecret:
    """A new secret; for a day messages carry the signatures of both."""
    user = staff_user(request)
    found = queries.find_endpoint(user, public_id)
    return NewSecret(secret=actions.rotate_secret(found, by=user, now=utc_now(), request=request))


@router.post("/webhooks/{uuid:public_id}/test", auth=Bearer(MANAGE), response={201: MessageShown})
def test_webhook(request: HttpRequest, public_id: UUID) -> MessageShown:
    """Have a message sent that says nothing; what comes of it is told by `GET …/messages/{id}`."""
    try:
        sent = actions.ping(queries.find_endpoint(staff_user(request), public_id))
    except actions.NotActive as refusal:
        raise Problem(409, "Nothing is sent while the webhook is paused or switched off.") from refusal
    sent.refresh_from_db()
    return MessageShown(**_message(sent))


@router.post("/webhooks/{uuid:public_id}/replay", auth=Bearer(MANAGE), response=Replayed)
def replay_webhook(request: HttpRequest, public_id: UUID, body: Replay) -> Replayed:
    """Have everything sent again since a time, each message under its webhook-id."""
    found = queries.find_endpoint(staff_user(request), public_id)
    return Replayed(count=actions.replay_since(found, body.since, now=utc_now()))


@router.get("/webhooks/{uuid:public_id}/messages", auth=Bearer(MANAGE), response=MessagesShown)
def list_webhook_messages(request: HttpRequest, public_id: UUID, asked: Query[MessagesAsked]) -> MessagesShown:
    """What an endpoint was told, the newest first."""
    found = queries.find_endpoint(staff_user(request), public_id)
    before = read_place(asked.after, of=_PLACES) if asked.after else 0
    page = queries.read_log(found, state=asked.state, type=asked.type, before=before, size=asked.limit)
    count_fetched(request, len(page.messages))
    return MessagesShown(
        items=[MessageShown(**_message(each)) for each in page.messages],
        next=write_place(page.messages[-1].pk, of=_PLACES) if page.has_more else None,
    )


@router.get("/webhooks/{uuid:public_id}/messages/{uuid:message_id}", auth=Bearer(MANAGE), response=MessageWithAttempts)
def get_webhook_message(request: HttpRequest, public_id: UUID, message_id: UUID) -> MessageWithAttempts:
    """One message with every attempt to send it."""
    message = _find_message(staff_user(request), public_id, message_id)
    attempts = list(queries.attempts_of(message)[:LARGEST_PAGE])
    return MessageWithAttempts(**_message(message), attempts=[_attempt(each) for each in attempts])


@router.post("/webhooks/{uuid:public_id}/messages/{uuid:message_id}/replay", auth=Bearer(MANAGE), response=MessageShown)
def replay_webhook_message(request: HttpRequest, public_id: UUID, message_id: UUID) -> MessageShown:
    """Have it sent again under its webhook-id; one that waits already goes on waiting."""
    message = _find_message(staff_user(request), public_id, message_id)
    actions.replay_message(message, now=utc_now())
    message.refresh_from_db()
    return MessageShown(**_message(message))


def _find_message(user: User, public_id: UUID, message_id: UUID) -> Message:
    found = queries.find_message(queries.find_endpoint(user, public_id), message_id)
    if found is None:
        raise Http404
    return found


def _told(response: HttpResponse, found: Endpoint) -> WebhookShown:
    tell_version(response, found.version)
    return WebhookShown(**_said(found))


def _said(found: Endpoint) -> dict[str, Any]:
    return {
        "id": found.public_id, "version": found.version, "url": found.url, "description": found.description,
        "types": found.types, "owner": found.owner.public_id, "state": EndpointState(found.state).value,
        "why": found.why, "made_at": found.made_at,
    }  # fmt: skip


def _message(found: Message) -> dict[str, Any]:
    return {
        "id": found.public_id, "webhook_id": found.webhook_id, "state": found.state, "try_count": found.try_count,
        "next_try_at": found.next_try_at, "happened_at": found.happened_at, "event": as_cloud_event(found),
    }  # fmt: skip


def _attempt(found: Attempt) -> AttemptShown:
    return AttemptShown(
        number=found.number, tried_at=found.tried_at, took_ms=found.took_ms, status=found.status, problem=found.problem,
        answer=found.answer,
    )  # fmt: skip


def _read(sent: dict[str, Any], user: User) -> dict[str, Any]:
    """What the form of the page makes of it."""
    form = EndpointForm(sent, user=user)
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    return form.values
