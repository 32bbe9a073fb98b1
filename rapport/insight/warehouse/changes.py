"""What changed since the newest snapshot, as the tables themselves noted it: ranges of keys, read in the refresh's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from psycopg import sql

from rapport.core.extracts import Extract

Keys = npt.NDArray[np.int64]

_NOTED = "select id, source, low, high, since, until, is_removal from insight_change"
_TRACKED = """
select c.relname::text as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
 where t.tgname in ('insight_added', 'insight_changed', 'insight_removed') and t.tgenabled in ('O', 'A')
   and c.relnamespace = current_schema()::regnamespace group by 1 having count(*) = 3
"""
# a table that was emptied, written anew or restored lies in other files than before
_STORED = """
select whole.relname::text as name, pg_relation_filenode(coalesce(part.inhrelid, whole.oid))::bigint as file
  from pg_class whole left join pg_inherits part on part.inhparent = whole.oid
 where whole.relkind in ('r', 'p') and whole.relnamespace = current_schema()::regnamespace
"""
_AT_ONCE = 100  # ranges that one condition names
_SHORT = 32


@dataclass(frozen=True)
class Ranges:
    """Whole numbers as ranges that do not touch, in ascending order, both ends included."""

    low: Keys
    high: Keys

    @classmethod
    def united(cls, low: Iterable[int], high: Iterable[int]) -> Self:
        lows, highs = np.asarray(low, dtype=np.int64), np.asarray(high, dtype=np.int64)
        order = np.argsort(lows, kind="stable")
        lows, highs = lows[order], np.maximum.accumulate(highs[order])
        begins = np.flatnonzero(np.concatenate(([True], lows[1:] > highs[:-1] + 1))) if lows.size else order
        return cls(lows[begins], highs[np.append(begins[1:], lows.size) - 1] if lows.size else highs)

    def __or__(self, other: Ranges) -> Ranges:
        return Ranges.united(np.concatenate((self.low, other.low)), np.concatenate((self.high, other.high)))

    @property
    def count(self) -> int:
        return int((self.high - self.low + 1).sum())

    def keys(self) -> Keys:
        """Every number of every range."""
        lengths = self.high - self.low + 1
        before = np.cumsum(lengths) - lengths
        numbers: Keys = np.arange(int(lengths.sum()), dtype=np.int64) + np.repeat(self.low - before, lengths)
        return numbers

    def at_most(self, ranges: int) -> Ranges:
        """The same and more in a few ranges: those that lie closest together become one."""
        if self.low.size <= ranges:
            return self
        gaps = self.low[1:] - self.high[:-1]
        kept = np.sort(np.argpartition(gaps, gaps.size - ranges + 1)[gaps.size - ranges + 1 :])
        return Ranges(self.low[np.concatenate(([0], kept + 1))], self.high[np.append(kept, self.high.size - 1)])

    def split(self) -> tuple[Ranges, Ranges]:
        """The short ranges, and the long ones."""
        is_short = self.high - self.low < _SHORT
        return (
            Ranges(self.low[is_short], self.high[is_short]),
            Ranges(self.low[~is_short], self.high[~is_short]),
        )


NOTHING = Ranges(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class Moment:
    """What the database says of its tables at the moment of a refresh.

    `written` and `removed` have the keys by table: removed ones are exact, of written ones there may be more than were. `periods`
    says when the written rows took place (in microseconds of the epoch; a table that is not in it may have changed at any
    time), `tracked` which tables note changes, `stored` the files each lies in.
    """

    notes: Ranges
    written: dict[str, Ranges]
    removed: dict[str, Ranges]
    periods: dict[str, Ranges]
    tracked: frozenset[str]
    stored: dict[str, list[int]]


def look(cursor: Any) -> Moment:
    """Read the notes and the state of tables in the transaction of `cursor`."""
    noted = _read(cursor, _NOTED)
    names = np.asarray(noted["source"].to_pylist(), dtype=object)
    numbers = {name: noted[name].to_numpy() for name in ("id", "low", "high")}
    is_removal = noted["is_removal"].to_numpy()
    written, removed, periods = {}, {}, {}
    for table in set(names.tolist()):
        gone, mine = (names == table) & is_removal, (names == table) & ~is_removal
        removed[table] = Ranges.united(numbers["low"][gone], numbers["high"][gone])
        written[table] = Ranges.united(numbers["low"][mine], numbers["high"][mine])
        times = [noted[name].filter(mine) for name in ("since", "until")]
        if not any(each.null_count for each in times):
            periods[table] = Ranges.united(*(each.cast("int64").to_numpy() for each in times))
    stored: dict[str, list[int]] = {}
    for row in _read(cursor, _STORED).to_pylist():
        if row["file"] is not None:
            stored.setdefault(row["name"], []).append(row["file"])
    tracked = frozenset(_read(cursor, _TRACKED)["name"].to_pylist())
    return Moment(Ranges.united(numbers["id"], numbers["id"]), written, removed, periods, tracked, stored)


@dataclass(frozen=True)
class Changed:
    """The keys of an extract in which something changed.

    Rows with the `written` ones are looked for. Where that is done by their key, `gone` is the same: none of these rows counts
    any more as it was. Where it is done by their time, only what was removed is `gone`, and what is found: a key that is
    too much here belongs to a row of another time.
    """

    written: Ranges
    gone: Ranges

    @property
    def count(self) -> int:
        return (self.written | self.gone).count


def changed_keys(cursor: Any, extract: Extract, moment: Moment) -> Changed:
    """With those that are behind the keys of other tables. Of a table that is walked over, few ranges are looked for."""
    written, removed = NOTHING, NOTHING
    for table in extract.reads:
        ranges, gone = moment.written.get(table, NOTHING), moment.removed.get(table, NOTHING)
        if table in extract.reached:
            ranges, gone = _reached(cursor, extract.reached[table], ranges | gone), NOTHING
        written, removed = written | ranges, removed | gone
    if not extract.instant:
        return Changed(written | removed, written | removed)
    short, long = written.split()
    return Changed(short | long.at_most(_AT_ONCE), removed)


def changed_statement(extract: Extract, statement: str, changed: Changed, moment: Moment) -> str:
    """The SELECT of an extract (`statement`), for rows with these keys alone."""
    wide = sql.SQL("with wide ({}) as ({}) select wide.* from ").format(
        sql.SQL(", ").join(sql.Identifier(name) for name, _kind in extract.columns), sql.SQL(statement)
    )
    key = sql.Identifier("wide", extract.key)
    if extract.instant:
        rows = sql.SQL("wide where ({}) and ({})").format(_when(extract, moment), _which(key, changed.written))
    else:
        # one row for each key: of a range the planner believes that it holds a ninth of the table, and joins all of it first
        each = sql.SQL("(select generate_series(noted.low, noted.high) as key from {}) as one").format(
            _noted(changed.written)
        )
        rows = sql.SQL("{} join wide on {} = one.key").format(each, key)
    return (wide + rows).as_string(None)


def _which(key: sql.Identifier, ranges: Ranges) -> sql.Composable:
    """A condition that one walk over the table can test quickly: few ranges, and the rest by looking them up."""
    short, long = ranges.split()
    parts = [
        sql.SQL("{} between {} and {}").format(key, int(low), int(high))
        for low, high in zip(long.low.tolist(), long.high.tolist(), strict=True)
    ]
    return sql.SQL(" or ").join([sql.SQL("{} = any ({})").format(key, _array(short.keys())), *parts])


def _when(extract: Extract, moment: Moment) -> sql.Composable:
    """When the changed rows took place: other parts of the table are not looked at."""
    periods = [moment.periods.get(table) for table in extract.reads if moment.written.get(table, NOTHING).low.size]
    if not periods or any(each is None for each in periods):
        return sql.SQL("true")
    column = sql.Identifier("wide", extract.instant)
    told = [
        sql.SQL("{} between {} and {}").format(column, _instant(low), _instant(high))
        for ranges in periods
        if ranges is not None
        for low, high in zip(*(side.tolist() for side in _few(ranges)), strict=True)
    ]
    return sql.SQL(" or ").join(told)


def _few(ranges: Ranges) -> tuple[Keys, Keys]:
    few = ranges.at_most(_AT_ONCE)
    return few.low, few.high


def _instant(microseconds: int) -> sql.Composable:
    return sql.SQL("{}::timestamptz").format(sql.Literal(str(np.datetime64(microseconds, "us")) + "+00"))


def _reached(cursor: Any, select: str, ranges: Ranges) -> Ranges:
    if not ranges.low.size:
        return NOTHING
    behind = sql.SQL(select).format(low=sql.SQL("noted.low"), high=sql.SQL("noted.high"))
    statement = sql.SQL("select reached.key from {} cross join lateral ({}) as reached (key)").format(
        _noted(ranges), behind
    )
    keys = _read(cursor, statement.as_string(None))["key"].to_numpy()
    return Ranges.united(keys, keys)


def _noted(ranges: Ranges) -> sql.Composable:
    return sql.SQL("unnest({}, {}) as noted (low, high)").format(_array(ranges.low), _array(ranges.high))


def _array(keys: Keys) -> sql.Composable:
    return sql.SQL("{}::bigint[]").format(sql.Literal("{" + ",".join(map(str, keys.tolist())) + "}"))


def _read(cursor: Any, statement: str) -> Any:
    cursor.execute(statement)
    return cursor.fetch_arrow_table()
