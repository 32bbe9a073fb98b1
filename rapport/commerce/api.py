"""Orders and products in the API: lists, one of them, its lines, and the fields of one's own, which are all that screens write."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import form_errors
from rapport.commerce import queries
from rapport.commerce.lists import PRODUCTS, orders_for
from rapport.commerce.models import Order, Product
from rapport.commerce.permissions import EDIT, VIEW
from rapport.core.clock import utc_now
from rapport.core.money import from_micros
from rapport.records.api import (
    LARGEST_PAGE,
    CountAsked,
    CountShown,
    FieldShown,
    PageAsked,
    PageShown,
    RecordShown,
    Strict,
    Value,
    count_fetched,
    fields_shown,
    invalid,
    mark_of,
    read_count,
    read_page,
    read_record,
    sent_text,
    tell_version,
    version_matched,
)
from rapport.records.custom_fields.declaring import custom_objects, plain_number
from rapport.records.custom_fields.inputs import ValuesForm
from rapport.records.layouts.sight import visible_custom_fields, visible_fields
from rapport.records.lists.querying import ListedObject

if TYPE_CHECKING:
    from rapport.accounts.models import User

RIGHTS = (VIEW, EDIT)
# neither has a version of its own: what can be written is its own fields, and their values are what is compared
_VERSION = "r.custom"

router = Router(tags=["orders"])
ROUTERS = (router,)


class OwnValues(Strict):
    values: dict[str, Value] = Described(
        description="Of the business's own fields alone: the rest is what a source says.",
        examples=[{"c_gift": True}],
    )


class LinesAsked(Schema):
    after: int = Described(0, ge=0, le=999_999_999, description="`next` of the page before.")
    limit: int = Described(100, ge=1, le=LARGEST_PAGE)


class LineShown(Schema):
    """One line of an order. Amounts are decimals as text, in the order's currency."""

    number: int
    product: UUID | None
    description: str
    quantity: str = Described(examples=["2"])
    unit_price: str = Described(examples=["12.5"])
    amount: str = Described(examples=["25"])


class LinesShown(Schema):
    items: list[LineShown]
    next: int | None


@router.get("/orders", auth=Bearer(VIEW), response=PageShown)
def list_orders(request: HttpRequest, asked: Query[PageAsked]) -> HttpResponse:
    """Orders of all kinds, page by page, the newest first."""
    return read_page(request, orders_for(staff_user(request)), asked, version=_VERSION)


@router.get("/orders/count", auth=Bearer(VIEW), response=CountShown)
def count_orders(request: HttpRequest, asked: Query[CountAsked]) -> CountShown:
    """How many orders a list would have: exactly up to 10,000."""
    return read_count(request, orders_for(staff_user(request)))


@router.get("/orders/fields", auth=Bearer(VIEW), response=list[FieldShown])
def list_order_fields(request: HttpRequest) -> list[FieldShown]:
    """The fields of orders that the owner of the token sees."""
    user = staff_user(request)
    return _fields(user, orders_for(user))


@router.get("/orders/{uuid:public_id}", auth=Bearer(VIEW), response=RecordShown)
def get_order(request: HttpRequest, response: HttpResponse, public_id: UUID) -> RecordShown:
    """One order with every field that is seen."""
    user = staff_user(request)
    return _told(user, orders_for(user), queries.find_order(user, public_id), response)


@router.get("/orders/{uuid:public_id}/lines", auth=Bearer(VIEW), response=LinesShown)
def list_order_lines(request: HttpRequest, public_id: UUID, asked: Query[LinesAsked]) -> LinesShown:
    """The lines of an order, in the order of its source."""
    user = staff_user(request)
    page = queries.lines_of(queries.find_order(user, public_id), after=asked.after, size=asked.limit)
    count_fetched(request, len(page.lines))
    seen = visible_fields(user, "product")
    items = [
        LineShown(
            number=line.number,
            product=line.product.public_id if line.product is not None else None,
            description=line.description or _name(line.product, seen),
            quantity=plain_number(line.quantity),
            unit_price=plain_number(from_micros(line.unit_price_micros)),
            amount=plain_number(from_micros(line.amount_micros)),
        )
        for line in page.lines
    ]
    return LinesShown(items=items, next=page.next_number)


@router.patch("/orders/{uuid:public_id}", auth=Bearer(EDIT), response=RecordShown)
def update_order(request: HttpRequest, response: HttpResponse, public_id: UUID, body: OwnValues) -> RecordShown:
    """Change the business's own fields of an order. Needs If-Match with the ETag that was read."""
    user = staff_user(request)
    _write(request, "order", public_id, body, now_said=queries.find_order(user, public_id).custom)
    return _told(user, orders_for(user), queries.find_order(user, public_id), response)


@router.get("/products", auth=Bearer(VIEW), response=PageShown)
def list_products(request: HttpRequest, asked: Query[PageAsked]) -> HttpResponse:
    """Products, page by page."""
    return read_page(request, PRODUCTS, asked, version=_VERSION)


@router.get("/products/count", auth=Bearer(VIEW), response=CountShown)
def count_products(request: HttpRequest, asked: Query[CountAsked]) -> CountShown:
    """How many products a list would have: exactly up to 10,000."""
    return read_count(request, PRODUCTS)


@router.get("/products/fields", auth=Bearer(VIEW), response=list[FieldShown])
def list_product_fields(request: HttpRequest) -> list[FieldShown]:
    """The fields of products that the owner of the token sees."""
    return _fields(staff_user(request), PRODUCTS)


@router.get("/products/{uuid:public_id}", auth=Bearer(VIEW), response=RecordShown)
def get_product(request: HttpRequest, response: HttpResponse, public_id: UUID) -> RecordShown:
    """One product with every field that is seen."""
    return _told(staff_user(request), PRODUCTS, _product(public_id), response)


@router.patch("/products/{uuid:public_id}", auth=Bearer(EDIT), response=RecordShown)
def update_product(request: HttpRequest, response: HttpResponse, public_id: UUID, body: OwnValues) -> RecordShown:
    """Change the business's own fields of a product. Needs If-Match with the ETag that was read."""
    _write(request, "product", public_id, body, now_said=_product(public_id).custom)
    return _told(staff_user(request), PRODUCTS, _product(public_id), response)


def _product(public_id: UUID) -> Product:
    found = queries.find_product(public_id)
    if found is None:
        raise Http404
    return found


def _name(product: Product | None, seen: object) -> str:
    return product.name if product is not None and "name" in seen else ""  # type: ignore[operator]


def _fields(user: User, of: ListedObject) -> list[FieldShown]:
    own = {each.name for each in visible_custom_fields(user, of.name)}
    return fields_shown(user, of, writable=own if user.has_right(EDIT.name) else ())


def _write(request: HttpRequest, name: str, public_id: UUID, body: OwnValues, *, now_said: dict[str, Value]) -> None:
    """What was sent, read by the form of these fields and written by the room's own action."""
    user = staff_user(request)
    version_matched(request, mark_of(now_said))
    of = custom_objects()[name]
    record = of.find(user, public_id) if of.find is not None else None
    if record is None or of.write is None:
        raise Http404
    sent = [each for each in visible_custom_fields(user, name) if each.name in body.values]
    unknown = sorted(set(body.values) - {each.name for each in sent})
    if unknown:
        said = "There is no such field to write."
        raise invalid([{"name": f"values.{each[:60]}", "message": said} for each in unknown])
    typed = {each.name: sent_text(body.values[each.name]) for each in sent}
    form = ValuesForm(typed, definitions=sent, values=record.values)
    if not form.is_valid():
        raise invalid(form_errors(form.errors))
    if form.changed:
        of.write(record.key, form.changed, user, utc_now(), request)


def _told(user: User, of: ListedObject, found: Order | Product, response: HttpResponse) -> RecordShown:
    shown = read_record(user, of, found.pk, version=_VERSION)
    tell_version(response, shown.version)
    return shown
