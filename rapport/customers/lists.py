"""The list of customers: where it lies, who sees which rows, how it is searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from psycopg import sql

from rapport.customers.consents.restrictions import RESTRICTED
from rapport.customers.contact_points.number_parts import held_by
from rapport.records.custom_fields.queries import custom_fields_of
from rapport.records.lists.querying import ListedObject
from rapport.records.lists.sql import Part
from rapport.records.registry import Field

_SEARCH = "r.search @@ search_query(%s)"
# what the search of a customer is made of, by the field in which it is shown
_PARTS = {
    "name": "search_vector(r.name, null)",
    "given_name": "search_vector(r.given_name, null)",
    "family_name": "search_vector(r.family_name, null)",
    "organization": "search_vector(r.organization, null)",
    "number": "(select array_to_tsvector(array_agg(word)) from customers_profile p,"
    " unnest(search_words(p.external_id)) word where p.customer_id = r.id and word <> '')",
    "email": "(select array_to_tsvector(array_agg(word)) from ("
    "select unnest(search_words(p.email)) from customers_profile p where p.customer_id = r.id"
    " union all select unnest(search_words(c.value)) from customers_contactpoint c"
    " where c.customer_id = r.id and c.kind = 'email') said (word) where word <> '')",
    "phone": "(select array_to_tsvector(array_agg(left(search_phone(phone), 60))) from ("
    "select p.phone from customers_profile p where p.customer_id = r.id"
    " union all select c.value from customers_contactpoint c"
    " where c.customer_id = r.id and c.kind = 'phone') said (phone) where phone <> '')",
}


def _search_among(fields: Mapping[str, Field]) -> str:
    """Whoever is found by what somebody does not see would tell it: then the words must be among what is seen."""
    own = {each.name for each in custom_fields_of("customer") if each.is_searched}
    if all(name in fields for name in (*_PARTS, *own)):
        return _SEARCH
    seen = [part for name, part in _PARTS.items() if name in fields]
    seen += [f"search_vector(r.custom ->> {_quoted(name)}, null)" for name in sorted(own) if name in fields]
    among = " || ".join(f"coalesce({part}, ''::tsvector)" for part in seen)
    return f"({_SEARCH} and ({among}) @@ search_query(%s))"


def searches_everything(fields: Mapping[str, Field]) -> bool:
    """Whether nothing that the search of customers looks at is hidden from who sees these fields."""
    return _search_among(fields) == _SEARCH


def _search_within(words: str, fields: Mapping[str, Field]) -> Part | None:
    """Whose phone number holds these digits anywhere, for who sees phone numbers."""
    return held_by(words, column="r.id") if "phone" in fields else None


def _quoted(name: str) -> str:
    return sql.Literal(name).as_string(None)


CUSTOMERS = ListedObject(
    name="customer",
    table="customers_customer",
    owner="r.owner_id",
    owner_walk="name",
    shared_as={"customer": "r.id"},
    base="r.merged_into_id is null and r.trashed_at is null",
    search=_SEARCH,
    search_among=_search_among,
    search_within=_search_within,
    default_sort="name",
)
# nobody whose processing is restricted goes out in a file
EXPORTED_CUSTOMERS = replace(CUSTOMERS, base=f"{CUSTOMERS.base} and not {RESTRICTED.format('r.id')}")
