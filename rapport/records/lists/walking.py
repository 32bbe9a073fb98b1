"""The keys of one page of a filtered list, found in the way that is shortest for these filters.

How many records pass a filter is badly foreseen by any planner: it knows little of values within JSON and of words within
texts, and nothing of how filters and order go together. What it foresees better is how long it takes to find all that pass
and to sort them then. Where that is more than a moment, the first rows of the order are looked at, and what is seen of them
says whether the page is full sooner by walking on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rapport.records.lists.sql import ListQuery, Place, cost_of, run

if TYPE_CHECKING:
    from rapport.records.lists.querying import ListRequest

_FEW = 400  # rows: what takes no longer than to walk these is not worth a thought
# The first walk may take this part of the time of finding first; for many more rows the planner would rather sort them all.
_FIRST_PART, _FIRST_ROWS = 8, 1_000
_NEXT_TO_NONE = 0.7  # rows that pass, where none was seen
_WIDER = 1.3  # than the share that was seen asks for
_GROWS = 8  # times as far as was walked, at most: what was seen of few rows says little of many
Keys = list[tuple[str | None, int]]


def keys_that_pass(asked: ListRequest, limit: int) -> Keys:
    """(sort value as text, id) of the next `limit` records that pass the filters, in the order asked for."""
    query, found = ListQuery(asked), cast(Keys, [])
    place, filled = asked.after, asked.after is None or asked.after.value is not None
    walked = found_there = 0
    finding = cost_of(*query.found_first(after=place, limit=limit))
    at_most = int(finding / query.row_costs)
    while len(found) < limit:
        missing = limit - len(found)
        rows = _rows_to_walk(at_most, missing=missing, found=found_there, walked=walked)
        walk = query.window(filled=filled, after=place, rows=rows, wanted=missing)
        if not rows or (not filled and not walked and cost_of(*walk) > finding):  # few without a value, and in no index
            return found + cast(Keys, run(*query.found_first(after=place, limit=missing)))
        seen = run(*walk)
        passing = [(value, key) for value, key, _number, passes in seen if passes]
        found += passing
        if len(found) < limit and seen and seen[-1][2] == rows:
            place = Place(seen[-1][0], seen[-1][1])
            walked, found_there = walked + rows, found_there + len(passing)
        elif len(found) < limit and filled and asked.sort.can_be_empty:
            place, filled = query.before_the_empty, False
            walked = found_there = 0
        else:
            break
    return found


def _rows_to_walk(at_most: int, *, missing: int, found: int, walked: int) -> int:
    """How many rows of the order to walk, of those that take as long as finding first; none where that is sooner."""
    if at_most <= _FEW:
        return 0
    if not walked:
        return min(max(at_most // _FIRST_PART, _FEW), _FIRST_ROWS)
    promising = int(missing * walked / max(found, _NEXT_TO_NONE) * _WIDER) + missing
    further = min(promising, walked * _GROWS)
    if walked + promising <= at_most:
        return further
    # the first few may have much in common: where nothing was seen of them, another look is worth a part of finding first
    can_look_again = not found and walked <= _FIRST_ROWS < at_most // _FIRST_PART
    return min(further, at_most // _FIRST_PART - walked) if can_look_again else 0
