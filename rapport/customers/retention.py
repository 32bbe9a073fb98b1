"""What this room keeps for a time only."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from rapport.core.retention import Retained

_BATCH = 10_000


def _count_page_views(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from customers_touchpoint where kind = 'page_view' and occurred_at < %s", [before]
        )
        return int(cursor.fetchone()[0])


def _remove_page_views(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from customers_touchpoint t using (select tableoid as part, ctid as place from customers_touchpoint"
            " where kind = 'page_view' and occurred_at < %s limit %s) old where t.tableoid = old.part and t.ctid = old.place",
            [before, _BATCH],
        )
        return int(cursor.rowcount)


RETAINED = (
    Retained("page-views", _("Page views"), _("To learn what visitors look for, and from season to season"), 396,
             _count_page_views, _remove_page_views, order=10),
)  # fmt: skip
