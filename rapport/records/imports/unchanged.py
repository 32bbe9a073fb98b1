"""Rows that a source has said before, word for word: their hashes, sorted, in a file without a name that all workers share.

Only the first eight bytes of each hash are kept, so a row may be taken for known that is not. That is found out when it
is applied, since the whole hash is compared there (KnownRowsChanged).
"""

from __future__ import annotations

import mmap
import struct
import sys
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import IO, Any

from psycopg import sql

_HEADER, _ROW = 19, struct.Struct("!hi")
_BYTES = 8
_AT_ONCE = 8192  # each message of the server costs as much as what it does
_PART_WORTH_LOOKING = 4  # a file of fewer rows than one in so many of the known ones is read faster than they are


def known_hashes(cursor: Any, hashes: sql.Composable, *, rows: int) -> IO[bytes] | None:
    """A file of the hashes that the query `hashes` returns as uuids, or None where looking them up would not pay."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    query = sql.SQL("""
copy (select string_agg(part, '' order by part)
        from (select substr(uuid_send(hash), 1, 8) as part, row_number() over (order by hash) / {at_once} as page
                from (select * from ({hashes}) said limit {at_most}) known (hash)) paged
       group by page order by page) to stdout (format binary)
""")
    worth_looking = rows * _PART_WORTH_LOOKING
    limited = query.format(hashes=hashes, at_once=sql.Literal(_AT_ONCE), at_most=sql.Literal(worth_looking + 1))
    with cursor.copy(limited) as copy:
        for numbers in _numbers(copy):
            numbers.tofile(file)
    file.flush()
    if not 0 < file.tell() // _BYTES <= worth_looking:
        file.close()
        return None
    return file


def _numbers(copy: Any) -> Iterator[array[int]]:
    """The hashes as numbers, a row of many at a time, out of COPY's binary form: a header, rows of one value, and an end."""
    waiting, at = bytearray(), _HEADER
    for part in copy:
        waiting += part
        while len(waiting) >= at + _ROW.size:
            _fields, length = _ROW.unpack_from(waiting, at)
            begins, ends = at + _ROW.size, at + _ROW.size + length
            if len(waiting) < ends:
                break
            numbers = array("Q", bytes(waiting[begins:ends]))
            if sys.byteorder == "little":
                numbers.byteswap()
            yield numbers
            del waiting[:ends]
            at = 0


class KnownHashes:
    """The hashes of such a file, as a worker sees them; nothing is read but what is looked at."""

    def __init__(self, descriptor: int) -> None:
        self._numbers = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)).cast("Q")

    def __contains__(self, digest: bytes) -> bool:
        number = int.from_bytes(digest[:8], "big")
        at = bisect_left(self._numbers, number)
        return at < len(self._numbers) and self._numbers[at] == number
