"""What can be asked about what customers ordered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.commerce.permissions import VIEW
from rapport.commerce.queries import channel_choices
from rapport.records.behaviors import Behavior, Blank, BlankKind
from rapport.records.registry import Field, FieldKind

# orders in another currency are left out rather than taken one to one
_SOLD = "t.kind = 'sale' and t.currency = (select b.currency from accounts_business b)"
_WITHIN = Blank(
    "within", _("In the last"), BlankKind.LENGTH, "t.placed_at >= {value} and t.placed_at < {end}",
    said=_("in the last %(value)s"), about=("order", "placed"),
)  # fmt: skip
_CHANNEL = Blank(
    "channel", _("Channel"), BlankKind.CHOICE, "t.channel = any({value})", choices=channel_choices,
    said=_("by %(value)s"), about=("order", "channel"),
)  # fmt: skip
_TIMES = Blank(
    "times", _("At least so many times"), BlankKind.COUNT, having="count(distinct t.id) >= {value}",
    said=_("at least %(value)s"),
)  # fmt: skip


def _worth(measure: str) -> Blank:
    return Blank(
        "worth", _("For at least"), BlankKind.MONEY, having=f"sum({measure}) >= {{value}}",
        said=_("for at least %(value)s"), about=("order", "total"), told=f"sum({measure})",
    )  # fmt: skip


BEHAVIORS = (
    Field(
        object="customer",
        name="orders",
        label=_("Orders"),
        kind=FieldKind.BEHAVIOR,
        sql="null",
        operators=("did", "never"),
        right=VIEW.name,
        order=210,
        asks=Behavior(
            rows="commerce_order t",
            key="t.customer_id",
            base=_SOLD,
            blanks=(_CHANNEL, _WITHIN, _TIMES, _worth("t.total_micros")),
        ),
    ),
    Field(
        object="customer",
        name="purchases",
        label=_("Products ordered"),
        kind=FieldKind.BEHAVIOR,
        sql="null",
        operators=("did", "never"),
        right=VIEW.name,
        order=211,
        asks=Behavior(
            rows="commerce_order t join commerce_orderline l on l.order_id = t.id"
            " join commerce_product p on p.id = l.product_id",
            key="t.customer_id",
            base=_SOLD,
            told="count(distinct t.id)",
            blanks=(
                Blank(
                    "product", _("Product"), BlankKind.TEXT,
                    "(lower(p.code) = lower({value}) or strpos(lower(p.name), lower({value})) > 0)",
                    about=("product", "name"),
                ),
                Blank(
                    "category", _("Category"), BlankKind.TEXT, "lower(p.category) = lower({value})",
                    said=_("of the category %(value)s"), about=("product", "category"),
                ),
                _CHANNEL,
                _WITHIN,
                _TIMES,
                _worth("l.amount_micros"),
            ),
        ),
    ),
)  # fmt: skip
