"""What staff wrote to customers while they were one, as the API tells it, and to whom a program says that it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from ninja import Schema
from pydantic import Field as Described
from pydantic import StringConstraints

from rapport.identity.choosing import Group, HandOver, Part, chosen_of
from rapport.records.api import Instant, Strict, invalid

_Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Given(Strict):
    """A row of a group, or without one every row of it, goes to a part."""

    group: _Key = Described(examples=["work_task.profile_id"])
    row: _Key | None = Described(None, description="null: every row of the group that is not named by itself.")
    to: _Key = Described(description="`key` of a part.")


GivenAway = Annotated[
    list[Given],
    Described(
        max_length=1_000,
        description="To which part goes what staff wrote meanwhile; what is not named stays where it was written.",
    ),
]


class WrittenRow(Schema):
    key: str
    text: str
    at: Instant | None
    was: str = Described(description="What was said there before they were one.")


class WrittenShown(Schema):
    """What staff wrote of one kind: how much there is, and the newest of it."""

    group: str
    label: str
    total: int
    rows: list[WrittenRow]


def written_shown(groups: Sequence[Group]) -> list[WrittenShown]:
    return [
        WrittenShown(
            group=each.name, label=str(each.label), total=each.total,
            rows=[WrittenRow(key=row.key, text=row.text, at=row.at, was=row.was) for row in each.rows],
        )
        for each in groups
    ]  # fmt: skip


def given_of(given: Sequence[Given], groups: Sequence[Group], parts: Sequence[Part]) -> list[HandOver]:
    """Raises Problem 422 for a group, a row or a part that is not there."""
    rows = {each.name: {row.key for row in each.rows} for each in groups}
    keys = {part.key for part in parts}
    asked: dict[str, str] = {}
    for number, each in enumerate(given):
        place = f"body.given.{number}"
        if each.group not in rows:
            raise invalid([{"name": f"{place}.group", "message": "There is no such group."}])
        if each.row is not None and each.row not in rows[each.group]:
            raise invalid([{"name": f"{place}.row", "message": "There is no such row."}])
        if each.to not in keys:
            raise invalid([{"name": f"{place}.to", "message": "There is no such part."}])
        asked[f"all-{each.group}" if each.row is None else f"row-{each.group}-{each.row}"] = each.to
    return chosen_of(asked, groups, parts)
