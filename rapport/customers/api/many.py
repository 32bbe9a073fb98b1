"""Many customers of one source at once in the API: added or brought up to date by the source's own ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem
from rapport.core.clock import utc_now
from rapport.customers.forms_own_fields import writable_names
from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import Profile
from rapport.customers.queries import customers_by_id
from rapport.records.api import Strict, Undoable, Value, count_fetched, invalid, sent_text, undo_of
from rapport.records.command_log.noting import note_command
from rapport.records.imports.importing_now import MOST_ROWS, Arrival, import_now
from rapport.records.imports.progress import SourceBusy
from rapport.records.permissions import IMPORT
from rapport.records.undoable import BROUGHT_IN

if TYPE_CHECKING:
    from rapport.accounts.models import User

router = Router(tags=["customers"])
_KEYS = ("external_id", "kind")
_WAIT_SECONDS = 5


class UpsertRow(Strict):
    external_id: str = Described(min_length=1, max_length=200, description="The id in the source.", examples=["C-1001"])
    kind: Literal["person", "organization"] = "person"
    values: dict[str, Value] = Described(
        description="By the names of fields that are writable; every row names the same ones. null and “” empty a value.",
        examples=[{"name": "Ana Souza", "email": "ana@example.com"}],
    )


class Upsert(Strict):
    source: str = Described(
        min_length=1,
        max_length=60,
        pattern=r"^[a-z0-9][a-z0-9_.-]*$",
        description="Whose ids these are.",
        examples=["shop"],
    )
    rows: list[UpsertRow] = Described(min_length=1, max_length=MOST_ROWS)


class ObjectionShown(Schema):
    name: str
    message: str


class RowShown(Schema):
    """What became of a row. `left_out` is one who was erased, and is not brought in again."""

    external_id: str
    state: Literal["created", "changed", "unchanged", "refused", "left_out"]
    id: UUID | None = Described(description="The customer, where the owner of the token sees her.")
    errors: list[ObjectionShown]


class UpsertShown(Undoable):
    import_id: UUID = Described(description="Under which it stands among the imports.")
    rows: list[RowShown]


@router.post("/customers/bulk", auth=Bearer(IMPORT), response=UpsertShown)
def upsert_customers(request: HttpRequest, body: Upsert) -> UpsertShown:
    """Add or bring up to date up to 1,000 customers by the ids of a source. What a row says again changes nothing; a row that
    is refused leaves the others alone. It is an import, and undone as one; 503 while another one of the source is at work."""
    user, now = staff_user(request), utc_now()
    names = _names(user, body)
    keys = [row.external_id for row in body.rows]
    before = _profiles(body.source, keys)
    cells = [[row.external_id, row.kind, *(_cell(row.values[name]) for name in names)] for row in body.rows]
    try:
        done = import_now(
            "people",
            [*_KEYS, *names],
            cells,
            source=body.source,
            file_name=f"API {user.through}"[:200],
            by=user,
            now=now,
        )
    except SourceBusy as busy:
        words = "An import of this source is at work just now."
        raise Problem(503, words, kind="source-busy", headers={"Retry-After": str(_WAIT_SECONDS)}) from busy
    command = note_command(BROUGHT_IN, {"import": done.job.pk}, by=user, now=now)
    count_fetched(request, len(keys))
    shown = _rows(user, body, done, known=set(before))
    return UpsertShown(import_id=done.job.public_id, rows=shown, undo=undo_of(command))


def _names(user: User, body: Upsert) -> list[str]:
    """The fields that the rows name, each of which the role sees and may write."""
    writable = writable_names(user)
    names = list(body.rows[0].values)
    errors = [
        {"name": f"body.rows.0.values.{name[:60]}", "message": "There is no such field to write."}
        for name in names
        if name not in writable
    ]
    errors += [
        {"name": f"body.rows.{place}.values", "message": "Every row names the same fields."}
        for place, row in enumerate(body.rows)
        if set(row.values) != set(names)
    ]
    seen: set[str] = set()
    for place, row in enumerate(body.rows):
        if row.external_id in seen:
            errors.append({"name": f"body.rows.{place}.external_id", "message": "This id stands in a row before."})
        seen.add(row.external_id)
    if body.source == STAFF_SOURCE:
        errors.append({"name": "body.source", "message": "This is what staff say themselves."})
    if errors:
        raise invalid(errors[:100])
    return names


def _cell(value: Value) -> str:
    sent = sent_text(value)
    return ",".join(map(str, sent)) if isinstance(sent, list) else str(sent)


def _profiles(source: str, keys: Sequence[str]) -> dict[str, tuple[int, int | None]]:
    """Customer and last import of each profile that is there, by its id in the source."""
    found = Profile.objects.filter(source__name=source, external_id__in=keys)
    return {key: (customer, job) for key, customer, job in found.values_list("external_id", "customer_id", "import_id")}


def _rows(user: User, body: Upsert, done: Arrival, *, known: set[str]) -> list[RowShown]:
    after = _profiles(body.source, [row.external_id for row in body.rows])
    seen = customers_by_id(user, sorted({customer for customer, _job in after.values()}))
    shown = []
    for place, row in enumerate(body.rows):
        customer, job = after.get(row.external_id, (0, None))
        errors = [ObjectionShown(name=f"values.{name}", message=why) for name, why in done.refused.get(place, [])]
        state = "refused" if errors else "left_out" if not customer else _state(row, job == done.job.pk, known)
        found = seen.get(customer)
        shown.append(
            RowShown.model_construct(
                external_id=row.external_id,
                state=state,
                id=found.public_id if found is not None else None,
                errors=errors,
            )
        )
    return shown


def _state(row: UpsertRow, was_written: bool, known: set[str]) -> str:
    if row.external_id not in known:
        return "created"
    return "changed" if was_written else "unchanged"
