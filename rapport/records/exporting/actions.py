"""Making a file of a list: at once where it is short, by a worker where it is long; and removing it after a day."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from rapport.audit import actions as audit
from rapport.core import clock, environment, files
from rapport.core.files import StoredFile
from rapport.records.exporting.lists import (
    CSV,
    XLSX,
    Block,
    ExportedList,
    columns_of,
    exported_lists,
    read_query,
    stream_blocks,
    write_file,
)
from rapport.records.exporting.xlsx_writing import TextTooLong
from rapport.records.lists.querying import Count, ListRequest, count_rows
from rapport.records.models import Export, ExportState, Import
from rapport.records.registry import UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

EXPORT_TASK = "records.export"
AT_ONCE_ROWS = 5_000
MOST_BYTES = 64 << 30
MOST_COLUMNS = 500
KEPT_FOR = timedelta(days=1)
_NOTED_EVERY = 5_000


class UnableToExport(ValueError):
    """The list cannot be had as a file as it was asked for."""


class _Cancelled(Exception):
    """Somebody wants it no more."""


def begin_export(
    exported: ExportedList,
    *,
    query: str,
    columns: Sequence[str],
    file_format: str,
    with_mark: bool,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> Export:
    """Note what is wanted, and make the file at once where the list is short. Raises UnknownField or UnableToExport."""
    if file_format not in (CSV, XLSX):
        raise UnableToExport(_("Choose a kind of file."))
    if not columns or len(columns) > MOST_COLUMNS:
        raise UnableToExport(_("Choose at least one column."))
    asked = read_query(exported, query, user=by)
    columns_of(asked, columns)
    count = count_rows(asked)
    with transaction.atomic():
        export = Export.objects.create(
            list_name=exported.name, query=query, columns=list(columns), file_format=file_format, with_mark=with_mark,
            rows_total=count.number, file_name=f"{exported.name}s-{now:%Y-%m-%d}.{file_format}", asked_by=by, created_at=now,
        )  # fmt: skip
        if _is_long(count):
            app.configure_task(EXPORT_TASK, queue="imports").defer(export_id=export.pk)
    if not _is_long(count):
        run_export(export, request=request)
        export.refresh_from_db()
    return export


def run_export(export: Export, *, request: HttpRequest | None = None) -> None:
    """Write the file with what its maker may see now. What goes wrong is kept with the export, in words."""
    started = Export.objects.filter(pk=export.pk, state__in=(ExportState.WAITING, ExportState.RUNNING))
    if not started.update(state=ExportState.RUNNING):
        return
    try:
        stored, rows = _write(export)
    except _Cancelled:
        return
    except (UnknownField, UnableToExport, OSError, TextTooLong) as error:
        _finish(export, state=ExportState.FAILED, failure=_words(error))
        return
    except Exception as error:
        _finish(
            export,
            state=ExportState.FAILED,
            failure=_("Something went wrong: %(error)s") % {"error": type(error).__name__},
        )
        raise
    about = {"filter": export.query, "columns": ", ".join(export.columns), "rows": rows, "format": export.file_format}
    audit.record(
        "list exported", by=export.asked_by, request=request, about=str(export.public_id),
        values={"list": export.list_name, **about},
    )  # fmt: skip
    _finish(
        export,
        state=ExportState.DONE,
        rows_done=rows,
        rows_total=rows,
        file_digest=stored.digest,
        file_size=stored.size,
    )


def may_still_be_read(export: Export) -> bool:
    """Whether no field of the file, and none it was narrowed by, has been hidden from its maker since."""
    try:
        columns_of(read_query(exported_lists()[export.list_name], export.query, user=export.asked_by), export.columns)
    except UnknownField:
        return False
    return True


def cancel_export(export: Export) -> bool:
    """Stop it; says whether there was something to stop."""
    going = Export.objects.filter(pk=export.pk, state__in=(ExportState.WAITING, ExportState.RUNNING))
    return bool(going.update(state=ExportState.CANCELLED, finished_at=clock.utc_now()))


def remove_old_files(*, now: datetime) -> int:
    """Forget exports, and remove their files, once they are a day old."""
    return remove_files(older_than=now - KEPT_FOR, now=now)


def remove_files(*, older_than: datetime, now: datetime) -> int:
    """Remove the exports made before `older_than` with their files; says how many there were."""
    removed = 0
    for export in Export.objects.filter(created_at__lt=older_than).exclude(
        state__in=(ExportState.WAITING, ExportState.RUNNING)
    ):
        stored = StoredFile(export.file_digest, export.file_size)
        export.delete()
        removed += 1
        others = Export.objects.filter(file_digest=stored.digest).exists() or Import.objects.filter(
            file_digest=stored.digest
        )
        if stored.digest and not others:
            files.remove(stored, now=now.timestamp())
    return removed


def _write(export: Export) -> tuple[StoredFile, int]:
    exported = exported_lists()[export.list_name]
    if not export.asked_by.has_right(exported.right) or not export.asked_by.is_active:
        raise UnableToExport(_("The right to see this list is gone."))
    asked = read_query(exported, export.query, user=export.asked_by)
    columns = columns_of(asked, export.columns)
    counted = _Counted(export, asked)
    folder = environment.home() / "tables"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="export-") as target:
        write_file(
            target.file, export.file_format, exported=exported, columns=columns,
            blocks=counted.of(stream_blocks(asked, columns)), with_mark=export.with_mark,
        )  # fmt: skip
        target.flush()
        return files.store_path(Path(target.name), at_most=MOST_BYTES), counted.rows


class _Counted:
    """Counts rows as they pass, notes how far the export is, and ends it where it was cancelled."""

    def __init__(self, export: Export, asked: ListRequest) -> None:
        self._export = export
        self.rows = 0

    def of(self, blocks: Iterator[Block]) -> Iterator[Block]:
        noted = 0
        for block in blocks:
            self.rows += len(block[0])
            if self.rows - noted >= _NOTED_EVERY:
                noted = self.rows
                going = Export.objects.filter(pk=self._export.pk, state=ExportState.RUNNING)
                if not going.update(rows_done=self.rows):
                    raise _Cancelled
            yield block


def _is_long(count: Count) -> bool:
    return not count.is_exact or count.number > AT_ONCE_ROWS


def _words(error: Exception) -> str:
    if isinstance(error, TextTooLong):
        return _(
            "A cell of a workbook can hold 32,767 characters; a text here is longer: “%(text)s …”. Choose CSV."
        ) % {"text": str(error)}
    return str(error)[:2000]


def _finish(export: Export, **values: Any) -> None:
    Export.objects.filter(pk=export.pk, state=ExportState.RUNNING).update(finished_at=clock.utc_now(), **values)
