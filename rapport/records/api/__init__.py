"""The API of this room: what programs may do with lists of all kinds, and what operations of other rooms read by."""

from __future__ import annotations

from rapport.records.api import bulk as api_bulk
from rapport.records.api import changes as api_changes
from rapport.records.api import saved_views as api_views
from rapport.records.api import trash as api_trash
from rapport.records.api.reading import (
    LARGEST_PAGE,
    USUAL_PAGE,
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
    changed_meanwhile,
    count_fetched,
    fields_shown,
    invalid,
    mark_of,
    read_count,
    read_page,
    read_place,
    read_record,
    read_record_seen,
    read_written,
    sent_text,
    tell_version,
    undo_of,
    unknown_place,
    version_matched,
    write_place,
)
from rapport.records.permissions import PURGE, SHARE

__all__ = (
    "LARGEST_PAGE",
    "USUAL_PAGE",
    "CountAsked",
    "CountShown",
    "FieldShown",
    "Instant",
    "PageAsked",
    "PageShown",
    "RecordShown",
    "Strict",
    "Undoable",
    "Value",
    "answer_written",
    "changed_meanwhile",
    "count_fetched",
    "fields_shown",
    "invalid",
    "mark_of",
    "read_count",
    "read_page",
    "read_place",
    "read_record",
    "read_record_seen",
    "read_written",
    "sent_text",
    "tell_version",
    "undo_of",
    "unknown_place",
    "version_matched",
    "write_place",
)

RIGHTS = (SHARE, PURGE)
ROUTERS = (api_views.router, api_bulk.router, api_changes.router, api_trash.router)
