"""“Behind a number” as something that lists can ask: whom or what a number of a page of this room counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from rapport.customers.consents.restrictions import restricted_ids
from rapport.insight.behind.links import BEHIND, CUSTOMER, ORDER, PRODUCT
from rapport.insight.permissions import TRAITS, VIEW
from rapport.records.behaviors import Asked, Sees
from rapport.records.registry import Field, FieldKind, UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.insight.behind.numbers import Keys
    from rapport.records.filters.values import Reader


@dataclass(frozen=True)
class BehindANumber:
    """Whether a record is among those that a number counts; whose data is restricted is not."""

    of: str
    sees: Sees | None = None

    def seen_by(self, sees: Sees) -> BehindANumber:
        return replace(self, sees=sees)

    def choices_for(self, user: User) -> list[tuple[str, str | Promise]]:
        return []

    def read(self, field: Field, text: str, reader: Reader) -> Asked:
        behind = import_module("rapport.insight.behind.numbers")  # the engine is loaded when it is asked
        number = behind.read_number(text, of=self.of)
        if self.sees is not None and not all(self.sees(*told) for told in number.tells):
            raise UnknownField(_("What this number tells is not shown to your role."))
        keys = behind.keys_behind(number, text, of=self.of)
        part = _among(behind.without(keys, restricted_ids()) if self.of == CUSTOMER else keys)
        return Asked(number.words, part, part)


def _among(keys: Keys) -> tuple[sql.Composable, list[Any]]:
    """Many keys are asked as bits, which takes no longer than a look at each row."""
    if keys.few is not None:
        return sql.SQL("(r.id = any({}::bigint[]))").format(sql.Placeholder()), [keys.few]
    asked = sql.SQL("(case when r.id between {} and {} then get_bit({}::bytea, r.id - {}) = 1 else false end)").format(
        *[sql.Placeholder()] * 4
    )
    return asked, [keys.first, keys.first + 8 * len(keys.bits) - 1, keys.bits, keys.first]


BEHAVIORS = tuple(
    Field(
        object=of,
        name=BEHIND,
        label=gettext_lazy("Behind a number"),
        kind=FieldKind.BEHAVIOR,
        sql="null",
        operators=("did",),
        right=right,
        order=195,
        asks=BehindANumber(of),
        offered=False,
    )
    for of, right in ((CUSTOMER, TRAITS.name), (PRODUCT, VIEW.name), (ORDER, VIEW.name))
)
