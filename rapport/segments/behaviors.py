"""“In segment” as something that every filter of customers can ask."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from rapport.customers.permissions import VIEW
from rapport.records.behaviors import Asked, Sees
from rapport.records.filters.values import MOST_VALUES
from rapport.records.registry import Field, FieldKind
from rapport.segments.definitions import CUSTOMER, IN_SEGMENT
from rapport.segments.queries import every_segment, segments_seen_by

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.filters.values import Reader


class InSegment:
    """Whether a customer is in one of some segments; those that one may not know of are like those that are not there."""

    def seen_by(self, sees: Sees) -> InSegment:
        return self

    def choices_for(self, user: User) -> list[tuple[str, str | Promise]]:
        return [(str(each.public_id), each.name) for each in segments_seen_by(user)]

    def read(self, field: Field, text: str, reader: Reader) -> Asked:
        wanted = list(dict.fromkeys(UUID(part.strip()) for part in text.split(",")))
        known = every_segment() if reader.user is None else segments_seen_by(reader.user)
        found = {each.public_id: each for each in known if each.public_id in wanted}
        if len(found) < len(wanted) or len(wanted) > MOST_VALUES:
            raise ValueError(text)
        held = sql.SQL(
            "exists (select from segments_segmentmember held where held.customer_id = r.id and held.segment_id = any({}))"
        ).format(sql.Placeholder())
        part: tuple[sql.Composable, list[object]] = (held, [[found[key].pk for key in wanted]])
        return Asked(_(" or ").join(found[key].name for key in wanted), part, part)


BEHAVIORS = (
    Field(
        object=CUSTOMER,
        name=IN_SEGMENT,
        label=gettext_lazy("In segment"),
        kind=FieldKind.MEMBERSHIP,
        sql="null",
        operators=("is", "is_not"),
        right=VIEW.name,
        order=190,
        asks=InSegment(),
    ),
)
