"""Customers in the API: list, look at, add, change, log a contact; forms, gate and actions are those of the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import AwareDatetime
from pydantic import Field as Described

from rapport.accounts.access import reach_of, staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem, form_errors
from rapport.accounts.queries import active_staff
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.customers import actions, queries
from rapport.customers.actions_trash import trash_customer
from rapport.customers.api import consents as api_consents
from rapport.customers.api import contact_points as api_contact_points
from rapport.customers.api import many as api_many
from rapport.customers.api import next_actions as api_next_actions
from rapport.customers.api import relationships as api_relationships
from rapport.customers.api import timeline as api_timeline
from rapport.customers.duplicates import find_duplicates, finders
from rapport.customers.editing.noting import note_added, note_logged, note_trashed, noting_edit, noting_owner
from rapport.customers.events import CustomerCreated, CustomerTrashed, InteractionLogged
from rapport.customers.forms import LONGEST_LOG, NOBODY, DetailsForm, LogForm, OwnerForm
from rapport.customers.forms_own_fields import changes_form, new_customer_form, own_typed, writable_names
from rapport.customers.golden import CUSTOM_PREFIX
from rapport.customers.lists import CUSTOMERS
from rapport.customers.permissions import EDIT, VIEW
from rapport.records.api import (
    CountAsked,
    CountShown,
    FieldShown,
    Instant,
    PageAsked,
    PageShown,
    RecordShown,
    Strict,
    Undoable,
    Value,
    answer_written,
    fields_shown,
    invalid,
    read_count,
    read_page,
    read_record_seen,
    read_written,
    sent_text,
    undo_of,
    version_matched,
)
from rapport.records.custom_fields.inputs import custom_values
from rapport.records.permissions import IMPORT
from rapport.records.trash.declaring import TrashRefused

if TYPE_CHECKING:
    from rapport.accounts.models import User

RIGHTS = (VIEW, EDIT, IMPORT)
OLDEST_CONTACT = datetime(1970, 1, 1, tzinfo=UTC)

router = Router(tags=["customers"])
ROUTERS = (
    router, api_contact_points.router, api_consents.router, api_relationships.router, api_timeline.router, api_many.router,
    api_next_actions.router,
)  # fmt: skip


class NewCustomer(Strict):
    kind: Literal["person", "organization"] = "person"
    values: dict[str, Value] = Described(
        description="By the names of fields that are writable.",
        examples=[{"name": "Ana Souza", "email": "ana@example.com"}],
    )
    anyway: bool = Described(False, description="Add it even where somebody like this is known already.")


class Changes(Strict):
    values: dict[str, Value] = Described(
        description="What is to change; null takes back what staff said.", examples=[{"city": "Braga"}]
    )


class NewContact(Strict):
    kind: Literal["call", "note", "visit"] = "call"
    text: str = Described(min_length=1, max_length=LONGEST_LOG, examples=["Wants a quote"])
    occurred_at: AwareDatetime | None = Described(None, description="With its time zone; now, where it is left out.")


class NewOwner(Strict):
    owner: UUID | Literal["me"] | None = Described(description="null: nobody, for who reaches all customers.")


class ContactShown(Undoable):
    id: UUID
    kind: str
    text: str
    occurred_at: Instant
    customer: UUID


@router.get("/customers", auth=Bearer(VIEW), response=PageShown)
def list_customers(request: HttpRequest, asked: Query[PageAsked]) -> HttpResponse:
    """Customers whom the owner of the token sees, page by page."""
    return read_page(request, CUSTOMERS, asked)


@router.get("/customers/count", auth=Bearer(VIEW), response=CountShown)
def count_customers(request: HttpRequest, asked: Query[CountAsked]) -> CountShown:
    """How many customers a list would have: exactly up to 10,000."""
    return read_count(request, CUSTOMERS)


@router.get("/customers/fields", auth=Bearer(VIEW), response=list[FieldShown])
def list_customer_fields(request: HttpRequest) -> list[FieldShown]:
    """The fields of customers that the owner of the token sees: what to show, filter and sort by, and what can be written."""
    user = staff_user(request)
    return fields_shown(user, CUSTOMERS, writable=writable_names(user))


@router.post("/customers", auth=Bearer(EDIT), response={201: RecordShown})
def create_customer(request: HttpRequest, body: NewCustomer) -> HttpResponse:
    """Add a customer, owned by the owner of the token. Where somebody like this is known, 409 names them by id."""
    user, now = staff_user(request), utc_now()
    _refuse_unknown(user, body.values)
    form = new_customer_form(user, body.kind, _as_typed(body.values))
    _refuse_invalid(form)
    values = {name: value for name, value in form.cleaned_data.items() if name != "kind"}
    known = find_duplicates(user, values)
    if known and not body.anyway:
        others = [{"id": str(found.customer.public_id), "shares": sorted(found.shares)} for found, _words in known]
        words = "Somebody like this is known already; send “anyway” to add one more."
        raise Problem(409, words, kind="known-already", duplicates=others)
    with acting(user, request, reason=CustomerCreated.name, savepoint=False):
        made = actions.create_customer(
            values, kind=body.kind, custom=custom_values(form, form.own), by=user, now=now, request=request
        )
        command = note_added(made, by=user, now=now)
        shown = read_written(user, CUSTOMERS, made.pk, is_new=True)
    for finder in finders():
        apart = [found.customer for found, _words in known if set(found.shares) != {"name"}]
        finder.keep_apart(made, apart, by=user, now=now)
    answer = answer_written(shown, command, status=201)
    answer["Location"] = reverse("api_get_customer", args=[made.public_id])
    return answer


@router.get("/customers/{uuid:public_id}", auth=Bearer(VIEW), response=RecordShown)
def get_customer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One customer with every field that is seen. A customer that was merged answers as the one it was merged into."""
    seen = read_record_seen(request, CUSTOMERS, public_id)
    if seen is not None:
        return seen
    user = staff_user(request)
    return answer_written(read_written(user, CUSTOMERS, queries.find_customer_id(user, public_id)))


@router.patch("/customers/{uuid:public_id}", auth=Bearer(EDIT), response=RecordShown)
def update_customer(request: HttpRequest, public_id: UUID, body: Changes) -> HttpResponse:
    """Change what is sent and leave the rest. Needs If-Match with the ETag that was read."""
    user = staff_user(request)
    now = utc_now()
    try:
        with noting_edit(public_id, by=user, now=now, request=request) as noted:
            customer = noted.held.customer
            version = version_matched(request, customer.version)
            _refuse_unknown(user, body.values)
            form = changes_form(customer, user, _as_typed(body.values))
            _refuse_invalid(form)
            changed = actions.edit_customer(
                customer, form.typed | own_typed(form), version=version, by=user, now=now, request=request,
                held=customer, staff=noted.held.staff, rules=noted.held.rules,
            )  # fmt: skip
            shown = read_written(user, CUSTOMERS, changed.pk)
    except actions.UnableToClear as refusal:
        said = "Another source says this; send the right value instead of none."
        names = [name.removeprefix(CUSTOM_PREFIX) for name in refusal.fields]
        raise invalid([{"name": f"values.{name}", "message": said} for name in names]) from refusal
    return answer_written(shown, noted.command)


@router.delete("/customers/{uuid:public_id}", auth=Bearer(EDIT), response=Undoable)
def delete_customer(request: HttpRequest, public_id: UUID) -> Undoable:
    """Put a customer into the trash, with all that hangs on her."""
    user, now, command = staff_user(request), utc_now(), None
    found = queries.find_customer(user, public_id)
    try:
        with acting(user, request, reason=CustomerTrashed.name):
            if trash_customer(found, by=user, now=now, request=request):
                command = note_trashed(found, by=user, now=now)
    except TrashRefused as refusal:
        raise Problem(409, str(refusal), kind="not-trashed") from refusal
    return Undoable(undo=undo_of(command))


@router.put("/customers/{uuid:public_id}/owner", auth=Bearer(EDIT), response=RecordShown)
def assign_customer(request: HttpRequest, public_id: UUID, body: NewOwner) -> HttpResponse:
    """Make one of those whose customers the owner of the token reaches responsible for a customer."""
    user, now = staff_user(request), utc_now()
    found = queries.find_customer(user, public_id)
    reach = reach_of(user)
    owner = user.public_id if body.owner == "me" else body.owner or NOBODY
    colleagues = active_staff(None if reach.everything else reach.owner_ids)
    form = OwnerForm({"owner": str(owner)}, colleagues=colleagues, may_be_nobody=reach.everything)
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    with noting_owner(found, by=user, now=now, request=request) as noted:
        actions.assign_owner(found, form.chosen, by=user, now=now, request=request)
    return answer_written(read_written(user, CUSTOMERS, found.pk), noted.command)


@router.post("/customers/{uuid:public_id}/contacts", auth=Bearer(EDIT), response={201: ContactShown})
def log_contact(request: HttpRequest, public_id: UUID, body: NewContact) -> ContactShown:
    """Log a call, a note or a visit; it stands in the customer's timeline."""
    user, now = staff_user(request), utc_now()
    found = queries.find_customer(user, public_id)
    form = LogForm({"kind": body.kind, "text": body.text})
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    if body.occurred_at is not None and not OLDEST_CONTACT <= body.occurred_at <= now + timedelta(days=1):
        raise invalid([{"name": "body.occurred_at", "message": "A contact lies neither ahead nor before 1970."}])
    with acting(user, request, reason=InteractionLogged.name):
        logged = actions.log_interaction(
            found, kind=body.kind, text=form.cleaned_data["text"], occurred_at=body.occurred_at, by=user, now=now,
            request=request,
        )  # fmt: skip
        command = note_logged(logged, by=user, now=now)
    return ContactShown(
        id=logged.public_id,
        kind=logged.kind,
        text=logged.text,
        occurred_at=logged.occurred_at,
        customer=found.public_id,
        undo=undo_of(command),
    )


def _as_typed(values: dict[str, Value]) -> dict[str, Any]:
    return {name: sent_text(value) for name, value in values.items()}


def _refuse_unknown(user: User, values: dict[str, Value]) -> None:
    """What is hidden from the role is not there at all."""
    unknown = sorted(set(values) - writable_names(user))
    if unknown:
        raise invalid(
            [{"name": f"values.{name[:60]}", "message": "There is no such field to write."} for name in unknown]
        )


def _refuse_invalid(form: DetailsForm) -> None:
    if not form.is_valid():
        raise invalid(form_errors(form.errors))
