"""What can be asked about the contacts that customers have had with us."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.customers.channels import CHANNELS
from rapport.customers.touchpoints import touchpoint_kinds
from rapport.records.behaviors import Behavior, Blank, BlankKind
from rapport.records.imports.values import gettext_noop
from rapport.records.registry import Field, FieldKind

_ELSEWHERE = {"web_shop": gettext_noop("Web shop")}


def _kinds() -> list[tuple[str, str | Promise]]:
    return [(name, kind.label) for name, kind in touchpoint_kinds().items()]


def _channels() -> list[tuple[str, str | Promise]]:
    return [(name, _(label)) for name, label in {**CHANNELS, **_ELSEWHERE}.items()]


BEHAVIORS = (
    Field(
        object="customer",
        name="contacts",
        label=_("Contacts"),
        kind=FieldKind.BEHAVIOR,
        sql="null",
        operators=("did", "never"),
        hidden_with="last_contact",
        order=200,
        asks=Behavior(
            rows="customers_touchpoint t",
            key="t.customer_id",
            blanks=(
                Blank("kind", _("Kind"), BlankKind.CHOICE, "t.kind = any({value})", choices=_kinds),
                Blank(
                    "channel", _("Channel"), BlankKind.CHOICE, "t.channel = any({value})", choices=_channels,
                    said=_("by %(value)s"),
                ),
                Blank(
                    "within", _("In the last"), BlankKind.LENGTH, "t.occurred_at >= {value} and t.occurred_at < {end}",
                    said=_("in the last %(value)s"),
                ),
                Blank(
                    "times", _("At least so many times"), BlankKind.COUNT, having="count(*) >= {value}",
                    said=_("at least %(value)s"),
                ),
            ),
        ),
    ),
)  # fmt: skip
