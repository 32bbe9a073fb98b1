"""A place among records in the order of time, as it stands in an address: microseconds and id of the last one shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UnknownPlace(ValueError):
    """The text is not a place that this house wrote."""


def write_place(instant: datetime, key: int) -> str:
    return f"{(instant - _EPOCH) // _MICROSECOND}_{key}"


def read_place(text: str) -> tuple[datetime, int]:
    instant, _underscore, last = text.partition("_")
    try:
        place, key = _EPOCH + timedelta(microseconds=int(instant)), int(last)
    except (ValueError, OverflowError) as error:
        raise UnknownPlace(text) from error
    if not 0 <= key < 2**63:
        raise UnknownPlace(text)
    return place, key
