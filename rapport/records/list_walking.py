"""The keys of one page of a filtered list, found in the way that is shortest for these filters.

How many records pass a filter is badly foreseen by any planner: it knows little of values within JSON and of words within
texts, and nothing of how filters and order go together. So the first rows of the order are looked at, and what is seen of
them decides. Where enough pass, the order is walked on; where next to none do, those that pass are found first, by
whatever index there is, and sorted then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rapport.records.list_sql import ListQuery, Place, cost_of, run

if TYPE_CHECKING:
    from rapport.records.lists import ListRequest

_FIRST_PAGES = 4
_SECOND_ROWS = 4_000
_ROW_COSTS = 8.0  # in the planner's units, looked at in the order of an index
_WIDER = 1.3  # than the share that was seen asks for
Keys = list[tuple[str | None, int]]


def keys_that_pass(asked: ListRequest, limit: int) -> Keys:
    """(sort value as text, id) of the next `limit` records that pass the filters, in the order asked for."""
    query, found = ListQuery(asked), cast(Keys, [])
    place, size, looked_at = asked.after, limit * _FIRST_PAGES, 0
    filled = place is None or place.value is not None
    while True:
        rows = run(*query.window(filled=filled, after=place, limit=size))
        found += [(value, key) for value, key, passes in rows if passes]
        looked_at += len(rows)
        if len(found) >= limit:
            return found[:limit]
        if len(rows) == size:
            place = Place(rows[-1][0], rows[-1][1])
            size = _rows_to_look_at(query, place, found=len(found), looked_at=looked_at, limit=limit)
            if not size:
                return found + cast(Keys, run(*query.found_first(after=place, limit=limit - len(found))))
        elif filled and asked.sort.can_be_empty:
            filled, place = False, None
        else:
            return found


def _rows_to_look_at(query: ListQuery, place: Place, *, found: int, looked_at: int, limit: int) -> int:
    """How many more rows of the order promise to fill the page; none where it is shorter to find what passes first."""
    if not found and looked_at > limit * _FIRST_PAGES:
        return 0
    wanted = int((limit - found) * looked_at / found * _WIDER) + limit if found else _SECOND_ROWS
    if wanted <= limit * _FIRST_PAGES * 2:
        return wanted
    worth = int(cost_of(*query.found_first(after=place, limit=limit)) / _ROW_COSTS)
    if found:
        return min(wanted, _SECOND_ROWS) if wanted <= worth else 0
    return min(wanted, worth) if worth >= limit * _FIRST_PAGES else 0
