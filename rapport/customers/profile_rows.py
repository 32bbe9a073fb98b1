"""What staff say of a customer, read and written a profile at a time by statements that are planned once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from psycopg import sql

from rapport.core.planned import ModelRow, as_json, planned
from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import Profile

PROFILE_ROW = ModelRow(Profile, "p")
_JSON = ("raw", "custom")
_STAFFS = (
    sql.SQL(
        "select {} from customers_profile p"
        " where p.customer_id = $1 and p.source_id = (select id from customers_source where name = $2) order by p.id"
    )
    .format(PROFILE_ROW.columns)
    .as_string(None)
)


def staff_profiles(customer_id: int) -> list[Profile]:
    """The profiles that hold what staff say of a customer, the oldest first: her own, and those of whom was joined with her."""
    return [PROFILE_ROW.read(row) for row in planned(_STAFFS, [customer_id, STAFF_SOURCE])]


def make_profile(values: Mapping[str, Any], *, source: str) -> Profile:
    """A profile of the source, with the values of these columns. Inside `acting`."""
    names = tuple(sorted(values))
    (row,) = planned(_inserting(names), [source, *(_sent(name, values[name]) for name in names)])
    return PROFILE_ROW.read(row)


def store_profile(profile: Profile, columns: Iterable[str]) -> None:
    """These columns as the object has them. Inside `acting`."""
    names = tuple(sorted(columns))
    planned(_updating(names), [profile.pk, *(_sent(name, getattr(profile, name)) for name in names)])


@cache
def _inserting(names: tuple[str, ...]) -> str:
    statement = sql.SQL(
        "insert into customers_profile as p (source_id, {names})"
        " values ((select id from customers_source where name = $1), {values}) returning {columns}"
    )
    values = sql.SQL(", ").join(sql.SQL(f"${place:d}") for place in range(2, len(names) + 2))
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    return statement.format(names=columns, values=values, columns=PROFILE_ROW.columns).as_string(None)


@cache
def _updating(names: tuple[str, ...]) -> str:
    assigned = (
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(f"${place:d}")) for place, name in enumerate(names, 2)
    )
    statement = sql.SQL("update customers_profile set {} where id = $1")
    return statement.format(sql.SQL(", ").join(assigned)).as_string(None)


def _sent(name: str, value: Any) -> Any:
    return as_json(value) if name in _JSON else value
