"""One mechanism for every list: what was asked is checked against the field registry and compiled to SQL by pages.

Visibility comes first, then search and filters; paging goes by key, so that any page costs the same. Fragments of SQL
come from declarations in code alone; what a user sends is a name that is looked up, or a bound value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.accounts.access import Reach, reach_of
from rapport.accounts.queries import business_zone
from rapport.records.filters.conditions import Filter, Node, Reader, parse_filters
from rapport.records.layouts.sight import fields_to_ask, visible_fields
from rapport.records.lists.first_page import keys_statement
from rapport.records.lists.sql import SEARCH_LOOKS_AT, ListQuery, Part, Place, joins_of, run
from rapport.records.lists.walking import keys_that_pass
from rapport.records.lists.ways import Way, read_way
from rapport.records.registry import Field, Join, UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

PAGE_SIZE = 50
COUNT_EXACTLY_TO = 10_000
LONGEST_QUERY = 200
SAFE = ":,();~"  # stands in an address as it is
_SALT = "rapport.records.lists.querying"
View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True)
class ListedObject:
    """A kind of record that has a list.

    `owner` is the SQL of the owner's user id, which the gate compares; empty where every reader of the list may see
    every row. `base` keeps out what is not shown at all. `search` is a condition whose placeholders all take the words;
    `search_among` makes the one that looks at no field but those which somebody sees, `search_within` another way for
    these words to find a record, where there is one.
    `owner_walk` names the sort whose index starts with the owner. `shared_as` names the columns by which what is shared of
    a kind is found, `shared_base` what holds for that besides. Where that is not how rows are seen, `gate` is the whole
    condition for somebody. A percent sign in SQL is written twice.
    """

    name: str
    table: str
    default_sort: str
    owner: str = ""
    owner_join: Join | None = None
    owner_walk: str = ""
    shared_as: Mapping[str, str] = field(default_factory=dict)
    shared_base: str = "true"
    base: str = "true"
    gate: Callable[[User], Part] | None = None
    search: str = ""
    search_among: Callable[[Mapping[str, Field]], str] | None = None
    search_within: Callable[[str, Mapping[str, Field]], Part | None] | None = None

    def found_by(self, words: str, fields: Mapping[str, Field] | None = None) -> Part:
        """The condition that a record is found by these words, in `fields` alone where not all of them are seen."""
        search = self.search_among(fields) if self.search_among is not None and fields is not None else self.search
        found: Part = sql.SQL(search), [words] * search.count("%s")
        within = self.search_within(words, fields) if self.search_within is not None and fields is not None else None
        if within is None:
            return found
        return sql.SQL("({} or {})").format(found[0], within[0]), [*found[1], *within[1]]

    def fields_for(self, user: User) -> dict[str, Field]:
        """The fields `user` may name."""
        return visible_fields(user, self.name)

    def fields_to_ask(self, user: User) -> dict[str, Field]:
        """The fields, and what else `user` may filter by."""
        return fields_to_ask(user, self.name)


@dataclass(frozen=True)
class ListRequest:
    """What somebody asked of a list, allowed and read."""

    of: ListedObject
    user: User
    reach: Reach
    words: str
    filters: tuple[Node, ...]
    sort: Field
    descending: bool
    after: Place | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    way: Way = field(default_factory=Way)

    @property
    def sort_parameter(self) -> str:
        return f"-{self.sort.name}" if self.descending else self.sort.name

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.filters)

    @property
    def conditions(self) -> tuple[Filter, ...]:
        """Every condition, those within groups too."""
        return tuple(condition for each in self.filters for condition in each.conditions)

    def parameters(self, *, without: Node | None = None, **changes: str | None) -> str:
        """The query string that asks the same, with changes; a change to None leaves a parameter out."""
        query = QueryDict(mutable=True)
        plain = {"q": self.words or None, "sort": self._sort_unless_default(), **self.way.parameters, **changes}
        for name, value in plain.items():
            if value is not None:
                query[name] = value
        query.setlist("filter", [each.parameter for each in self.filters if each is not without])
        return query.urlencode(safe=SAFE)

    def _sort_unless_default(self) -> str | None:
        return None if self.sort_parameter == self.of.default_sort else self.sort_parameter


@dataclass(frozen=True)
class Row:
    """One record of a page: its key, its public id, and a value per column, as the database gave it."""

    id: int
    public_id: Any
    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        """A value, or nothing where the reader's role does not see the column."""
        return self.values.get(name)


@dataclass(frozen=True)
class PageOfKeys:
    ids: list[int]
    passed: int = 0
    next_cursor: str | None = None


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    passed: int = 0
    next_cursor: str | None = None


@dataclass(frozen=True)
class Count:
    """How many there are: exactly, about, or more than we counted."""

    number: int
    is_exact: bool = True
    is_estimate: bool = False

    @property
    def too_many_hits(self) -> bool:
        return not self.is_exact and not self.is_estimate and self.number >= SEARCH_LOOKS_AT


def read_request(query: QueryDict, of: ListedObject, *, user: User) -> ListRequest:
    """Check every name and value of a query string; anything that the registry does not allow is UnknownField."""
    fields = of.fields_for(user)
    texts = query.getlist("filter")
    filters = parse_filters(texts, fields=of.fields_to_ask(user), reader=Reader(user, business_zone())) if texts else ()
    sort, descending = _read_sort(query.get("sort") or of.default_sort, fields)
    after = _read_cursor(query.get("after", ""), of, sort, descending) if query.get("after") else None
    words = _read_words(query.get("q", ""))
    way = read_way(query, fields)
    return ListRequest(of, user, reach_of(user), words, filters, sort, descending, after, fields, way)


def fetch_page(asked: ListRequest, *, columns: Sequence[Field], size: int = PAGE_SIZE) -> Page:
    """One page of rows with the values of `columns`, in the order asked for."""
    found = fetch_keys(asked, size=size)
    return Page(_rows(asked.of, found.ids, columns), found.passed, found.next_cursor)


def fetch_keys(asked: ListRequest, *, size: int = PAGE_SIZE) -> PageOfKeys:
    """The keys of one page, for who reads its rows in a way of her own."""
    keys = keys_of_page(asked, size + 1)
    shown = keys[:size]
    passed = asked.after.passed if asked.after is not None else 0
    cursor = write_cursor(asked, Place(*shown[-1], passed + len(shown))) if len(keys) > size else None
    return PageOfKeys([key for _value, key in shown], passed, cursor)


def read_rows(of: ListedObject, ids: list[int], columns: Sequence[Field]) -> list[Row]:
    """The values of records that somebody was let through to already, in the order of `ids`."""
    return _rows(of, ids, columns)


def count_rows(asked: ListRequest) -> Count:
    """How many records the request finds for this user; exact up to 10,000, an estimate for a whole table."""
    if not asked.is_narrowed and asked.reach.everything:
        with connection.cursor() as cursor:
            cursor.execute("select reltuples::bigint from pg_class where oid = %s::regclass", [asked.of.table])
            estimate = cursor.fetchone()[0]
        if estimate > COUNT_EXACTLY_TO:
            return Count(_rounded(estimate), is_exact=False, is_estimate=True)
    cap = SEARCH_LOOKS_AT if asked.words else COUNT_EXACTLY_TO
    query = ListQuery(asked)
    inner = query.all_of(sql.SQL("1"), tail=(sql.SQL(" limit {}").format(cap + 1), []))
    counted = run(sql.SQL("select count(*) from ({}) counted").format(inner[0]), inner[1])[0][0]
    return Count(min(counted, cap), is_exact=counted <= cap)


def whole_query(asked: ListRequest, columns: Sequence[Field]) -> Part:
    """One query for every row that was asked for, in the order asked for: public id, then the values of `columns`."""
    query = ListQuery(asked)
    values = sql.SQL(", ").join([sql.SQL("r.public_id"), *(sql.SQL(column.sql) for column in columns)])
    direction = sql.SQL("desc nulls last" if asked.descending else "asc nulls last")
    order = sql.SQL(" order by {} {}, r.id {}").format(
        query.sort, direction, sql.SQL("desc" if asked.descending else "asc")
    )
    joins = [column.join for column in columns]
    return query.select(values, conditions=query.conditions(), tail=(order, []), joins=joins)


def refuses_unknown_fields(view: View) -> View:
    """Answer 400 in plain words where a view is asked for something that the registry does not allow."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UnknownField as error:
            shown = {"status": 400, "title": _("The list cannot be shown like this"), "text": str(error)}
            return render(request, "ui/error.html", shown, status=400)

    return cast(View, guarded)


def _rounded(estimate: int) -> int:
    """To three digits, since more would pretend to be exact."""
    return int(round(estimate, 3 - len(str(estimate))))


def _read_sort(text: str, fields: dict[str, Field]) -> tuple[Field, bool]:
    found = fields.get(text.removeprefix("-"))
    if found is None or not found.sortable:
        raise UnknownField(_("The list cannot be sorted by “{name}”.").format(name=text[:60]))
    return found, text.startswith("-")


def _read_words(text: str) -> str:
    if len(text) > LONGEST_QUERY or "\x00" in text:
        raise UnknownField(_("Search for at most {count} letters.").format(count=LONGEST_QUERY))
    return " ".join(text.split())


def _read_cursor(text: str, of: ListedObject, sort: Field, descending: bool) -> Place:
    try:
        made_for, *place = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise UnknownField(_("This place in the list is not known. Start again from the top.")) from error
    if made_for != [of.name, sort.name, descending]:
        raise UnknownField(_("This place belongs to a list in another order. Start again from the top."))
    return Place(*place)


def write_cursor(asked: ListRequest, last: Place) -> str:
    """Where a page ended, as an address says it."""
    made_for = [asked.of.name, asked.sort.name, asked.descending]
    return signing.dumps([made_for, last.value, last.key, last.passed], salt=_SALT)


def keys_of_page(asked: ListRequest, limit: int) -> list[tuple[str | None, int]]:
    """(sort value as text, id) of a page: first those with a value, then those without, either way by their index."""
    query = ListQuery(asked)
    if query.is_picky:
        return keys_that_pass(asked, limit)
    found: list[tuple[str | None, int]] = []
    among_empty = asked.after is not None and asked.after.value is None
    if not among_empty:
        first = keys_statement(query, filled=True, limit=limit)
        found = cast(Any, run(*(first or query.keys(filled=True, after=asked.after, limit=limit))))
    if len(found) < limit and asked.sort.can_be_empty:
        after = asked.after if among_empty else None
        found += cast(Any, run(*query.keys(filled=False, after=after, limit=limit - len(found))))
    return found


def _rows(of: ListedObject, ids: list[int], columns: Sequence[Field]) -> list[Row]:
    if not ids:
        return []
    values = sql.SQL(", ").join([sql.SQL("r.id"), sql.SQL("r.public_id"), *(sql.SQL(f.sql) for f in columns)])
    query = sql.SQL("select {values} from {table} r{joins} where r.id = any({ids})").format(
        values=values, table=sql.Identifier(of.table), joins=joins_of(f.join for f in columns), ids=sql.Placeholder()
    )
    names = [f.name for f in columns]
    by_id = {row[0]: Row(row[0], row[1], dict(zip(names, row[2:], strict=True))) for row in run(query, [ids])}
    return [by_id[key] for key in ids if key in by_id]
