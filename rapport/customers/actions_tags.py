"""Writing the tags of customers, set-based; uniting_tags.py carries them through merge and split."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from rapport.audit import actions as audit
from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.customers.consents.restrictions import restricted_among
from rapport.customers.events import CustomersTagged
from rapport.customers.models import Customer
from rapport.records.bulk.acts import Refused, Treated
from rapport.records.tags.tagging import Tagging

if TYPE_CHECKING:
    from rapport.records.bulk.acts import Answers


_WRITE = """
with wanted as (select * from jsonb_to_recordset(%(wanted)s) as w (id bigint, shown jsonb, added jsonb, removed jsonb))
update customers_customer c
   set tags = w.shown, version = c.version + 1, updated_at = %(now)s,
       tags_alone = case when c.tags_alone is not null then (
           select coalesce(jsonb_agg(distinct value order by value), '[]') from (
               select jsonb_array_elements_text(c.tags_alone || w.added) as value) said
            where not w.removed ? value) end
  from wanted w where c.id = w.id
"""

# what is taken from a customer is taken from those who were merged into her, or a split would bring it back
_WRITE_WITHIN = """
with wanted as (select * from jsonb_to_recordset(%(wanted)s) as w (id bigint, shown jsonb, added jsonb, removed jsonb))
update customers_customer c
   set tags = (select jsonb_agg(value order by value) from jsonb_array_elements_text(c.tags) value where not w.removed ? value)
  from wanted w
 where c.merged_into_id = w.id and c.tags is not null and w.removed <> '[]'
"""


def tag_customers(tagging: Tagging) -> Answers:
    """Give tags to the customers that `by` may see, and take some; says for each what really changed."""
    ids = sorted({*tagging.added, *tagging.removed})
    with acting(tagging.by, tagging.request, reason=CustomersTagged.name), audit.rows_together(len(ids)):
        seen = Customer.objects.present().visible_to(tagging.by).filter(pk__in=ids).order_by("pk")
        held = dict(seen.select_for_update(of=("self",)).values_list("pk", "tags"))
        restricted = restricted_among(list(held))
        answers: dict[int, Treated | Refused] = {}
        rows = []
        for pk, tags in held.items():
            if pk in restricted:
                answers[pk] = Refused(_("What may be done with this customer is restricted."))
                continue
            removed = [value for value in tagging.removed.get(pk, ()) if value in (tags or ())]
            left = [value for value in (tags or ()) if value not in removed]
            added = [value for value in dict.fromkeys(tagging.added.get(pk, ())) if value not in left]
            added = [value for value in added if value not in removed or tags is None]
            changed = {"added": added, "removed": removed} if added or removed else {}
            answers[pk] = Treated(changed)
            if changed:
                shown = sorted([*left, *added]) or None
                rows.append({"id": pk, "shown": shown, "added": added, "removed": removed})
        _write(tagging, rows)
        return answers


def _write(tagging: Tagging, rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        places: dict[str, Any] = {"wanted": json.dumps(rows), "now": tagging.now}
        cursor.execute(_WRITE, places)
        cursor.execute(_WRITE_WITHIN, places)
    added = {value for row in rows for value in row["added"]}  # type: ignore[attr-defined]
    removed = {value for row in rows for value in row["removed"]}  # type: ignore[attr-defined]
    publish(CustomersTagged(tuple(int(str(row["id"])) for row in rows), tuple(sorted(added)), tuple(sorted(removed))))
