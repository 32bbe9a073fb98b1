"""The list engine over every object that rooms register: what may be named, indexes behind sorts, and the statements."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from rapport.commerce.lists import ORDER_LINES, ORDERS, PRODUCTS
from rapport.core.acting import SYSTEM
from rapport.customers.lists import CUSTOMERS
from rapport.records.filters.conditions import Operator, all_operators, operators_of
from rapport.records.filters.operators import Takes
from rapport.records.lists.querying import ListedObject, count_rows, fetch_page, read_request
from rapport.records.registry import Field, FieldKind, UnknownField, fields_of
from rapport.records.tags.actions import ensure_tags
from rapport.work.lists import TASKS

LISTED = (CUSTOMERS, ORDERS, ORDER_LINES, PRODUCTS, TASKS)
EVERY_FIELD = [(of, field) for of in LISTED for field in fields_of(of.name).values()]
GOOD_VALUES = {
    FieldKind.TEXT: "x",
    FieldKind.NUMBER: "3",
    FieldKind.MONEY: "12.50",
    FieldKind.DATE: "2026-01-31",
    FieldKind.INSTANT: "2026-01-31",
    FieldKind.BOOLEAN: "yes",
    FieldKind.PERSON: "me",
}
ATTACKS = (
    "'",
    '"',
    "x'; select pg_sleep(5) --",
    ")",
    "%",
    "\\",
    "🙂",
    "1e999",
    "1e9999999",
    "1e-999999",
    "0e9999999",
    "NaN",
    "-",
    "2026-02-30",
    "a,b",
    "a~,b,~~",
    "a)~",
    "..",
    "1..2",
    "2026-01-01..2026-01-02",
    "this_week",
    "7_days",
    "7_days'",
    "my_team",
    "me,my_team",
    "\x01",
    "9" * 190,
)


def good_value(field: Field, operator: Operator) -> str:
    if operator.takes is Takes.PERIOD:
        return "this_quarter"
    if operator.takes is Takes.AMOUNT:
        return "90_days"
    one = good_single_value(field)
    return f"{one}..{one}" if operator.takes is Takes.TWO else one


def good_single_value(field: Field) -> str:
    if field.name == "tags":
        return ensure_tags(field.object, ["Regular"], by=SYSTEM)[0]
    return field.choices()[0][0] if field.choices is not None else GOOD_VALUES[field.kind]


def ask(of: ListedObject, user: Any, **query: Any) -> Any:
    asked = QueryDict(mutable=True)
    for name, value in query.items():
        asked.setlist(name, value if isinstance(value, list) else [value])
    return read_request(asked, of, user=user)


@pytest.mark.parametrize(("of", "field"), EVERY_FIELD, ids=lambda item: getattr(item, "name", ""))
def test_every_field_runs_with_each_of_its_operators_and_as_a_column(of: ListedObject, field: Field, ada: Any) -> None:
    assert set(field.operators) <= {operator.name for operator in all_operators()[field.kind]}
    fetch_page(ask(of, ada), columns=[field])

    for operator in operators_of(field):
        value = good_value(field, operator) if operator.takes_value else ""
        asked = ask(of, ada, filter=f"{field.name}.{operator.name}:{value}")
        assert fetch_page(asked, columns=[field]).rows == []
        assert count_rows(asked).number == 0


@pytest.mark.parametrize(("of", "field"), EVERY_FIELD, ids=lambda item: getattr(item, "name", ""))
def test_no_value_changes_the_shape_of_the_statement(of: ListedObject, field: Field, ada: Any) -> None:
    for operator in operators_of(field):
        if not operator.takes_value:
            continue
        usual = statement(of, ada, f"{field.name}.{operator.name}:{good_value(field, operator)}")
        for attack in ATTACKS:
            try:
                tried = statement(of, ada, f"{field.name}.{operator.name}:{attack}")
            except UnknownField:
                continue
            assert without_searching(tried) == without_searching(usual)


@pytest.mark.parametrize(("of", "field"), EVERY_FIELD, ids=lambda item: getattr(item, "name", ""))
def test_no_value_changes_the_shape_of_a_group(of: ListedObject, field: Field, ada: Any) -> None:
    for operator in operators_of(field):
        if not operator.takes_value:
            continue
        condition = f"{field.name}.{operator.name}:"
        usual = statement(
            of, ada, f"none({condition}{good_value(field, operator)};all({condition}{good_value(field, operator)}))"
        )
        for attack in ATTACKS:
            marked = re.sub("([;)~])", r"~\1", attack)
            try:
                tried = statement(of, ada, f"none({condition}{marked};all({condition}{good_value(field, operator)}))")
            except UnknownField:
                continue
            assert without_searching(tried) == without_searching(usual)


def statement(of: ListedObject, user: Any, text: str) -> str:
    asked = ask(of, user, filter=text)
    with CaptureQueriesContext(connection) as captured:
        fetch_page(asked, columns=[])
    values = r"ARRAY\[.*?\]| ?E?'(?:[^'\\]|''|\\.)*'(?:::\w+)?|\b\d+(?:\.\d+)?\b"
    return re.sub(r"\s*\?", "?", re.sub(values, "?", captured[0]["sql"], flags=re.S))


def without_searching(text: str) -> str:
    """A searched field looks into the index only where its value has letters to look for."""
    return text.replace(" and r.search @@ search_query(?)", "")


@pytest.mark.parametrize(
    ("of", "field"),
    [pair for pair in EVERY_FIELD if pair[1].null_with != pair[1].sql],
    ids=lambda item: getattr(item, "name", ""),
)
def test_what_is_null_only_without_a_row_is_never_null_in_one(of: ListedObject, field: Field, db: None) -> None:
    assert field.join is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnotnull and attnum > 0",
            [field.join.table],
        )
        filled = {name for (name,) in cursor.fetchall()}

    assert {field.sql.split(".", 1)[1], field.join.key} <= filled


@pytest.mark.parametrize(
    ("of", "field"), [pair for pair in EVERY_FIELD if pair[1].sortable], ids=lambda item: getattr(item, "name", "")
)
def test_every_sort_has_an_index_or_says_why_not(of: ListedObject, field: Field, db: None) -> None:
    if field.sortable_because:
        return
    table = field.join.table if field.join is not None else of.table
    column = (field.sort_sql or field.sql).split(".", 1)[1]
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where tablename = %s", [table])
        definitions = [row[0] for row in cursor.fetchall()]

    assert any(re.search(rf"USING btree \({column}( COLLATE \S+)?( DESC)?[,)]", text) for text in definitions)


@pytest.mark.parametrize(
    ("of", "field"),
    [pair for pair in EVERY_FIELD if pair[1].ordered_within],
    ids=lambda item: getattr(item, "name", ""),
)
def test_every_order_within_choices_has_an_index(of: ListedObject, field: Field, db: None) -> None:
    assert field.join is not None
    column, key = field.sql.split(".", 1)[1], field.join.key
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where tablename = %s", [field.join.table])
        definitions = [row[0] for row in cursor.fetchall()]

    for name in field.ordered_within:
        choice = fields_of(of.name)[name]
        assert (choice.kind, choice.join) == (FieldKind.CHOICE, field.join)
        within = choice.sql.split(".", 1)[1]
        assert any(f"USING btree ({within}, {column}, {key})" in text for text in definitions)


@pytest.mark.parametrize(
    ("of", "field"), [pair for pair in EVERY_FIELD if pair[1].sortable], ids=lambda item: getattr(item, "name", "")
)
@pytest.mark.parametrize("direction", ["", "-"])
def test_every_sort_runs_both_ways(of: ListedObject, field: Field, direction: str, ada: Any) -> None:
    assert fetch_page(ask(of, ada, sort=direction + field.name), columns=[]).rows == []


def test_a_field_without_its_right_does_not_exist(ada: Any, rita: Any) -> None:
    guarded = next(field for field in fields_of("customer").values() if field.right and field.operators)
    rita.role.rights = [right for right in rita.role.rights if right != guarded.right]
    text = f"{guarded.name}.filled:"

    assert ask(CUSTOMERS, ada, filter=text).filters
    with pytest.raises(UnknownField, match="There is no field"):
        ask(CUSTOMERS, rita, filter=text)
    assert guarded.name not in CUSTOMERS.fields_for(rita)


def test_rows_without_a_value_come_last_in_both_directions(ada: Any) -> None:
    from rapport.commerce.models import Product
    from rapport.core.acting import SYSTEM, acting

    with acting(SYSTEM):
        for code, price in (("a", 3), ("b", None), ("c", 1), ("d", None), ("e", 2)):
            Product.objects.create(source_id=1, code=code, name=code, price_micros=price, currency="EUR")

    def walk(sort: str) -> str:
        seen, after = "", ""
        while True:
            page = fetch_page(
                ask(PRODUCTS, ada, sort=sort, **({"after": after} if after else {})),
                columns=[fields_of("product")["code"]],
                size=2,
            )
            seen += "".join(row["code"] for row in page.rows)
            if page.next_cursor is None:
                return seen
            after = page.next_cursor

    assert walk("price") == "ceabd"
    assert walk("-price") == "aecdb"


def test_a_place_says_how_many_rows_came_before(ada: Any) -> None:
    from rapport.commerce.models import Product
    from rapport.core.acting import SYSTEM, acting

    with acting(SYSTEM):
        Product.objects.bulk_create(Product(source_id=1, code=str(n), name=str(n)) for n in range(5))

    first = fetch_page(ask(PRODUCTS, ada), columns=[], size=2)
    second = fetch_page(ask(PRODUCTS, ada, after=first.next_cursor), columns=[], size=2)

    assert (first.passed, second.passed, len(second.rows)) == (0, 2, 2)


def test_the_address_of_a_list_keeps_what_was_asked_and_leaves_the_default_out(ada: Any) -> None:
    asked = ask(CUSTOMERS, ada, q="  ana   souza ", filter=["city.is:Kraków", "kind.is:person"], sort="name")

    assert asked.words == "ana souza"
    assert asked.parameters() == "q=ana%20souza&filter=city.is:Krak%C3%B3w&filter=kind.is:person"
    assert asked.parameters(without=asked.filters[0], sort="-name") == "q=ana%20souza&sort=-name&filter=kind.is:person"


def test_a_count_of_many_says_that_it_is_not_exact(ada: Any) -> None:
    from rapport.commerce.models import Product
    from rapport.core.acting import SYSTEM, acting

    with acting(SYSTEM):
        Product.objects.bulk_create(Product(source_id=1, code=str(n), name=f"tea {n}") for n in range(10_005))

    counted = count_rows(ask(PRODUCTS, ada, filter="name.starts_with:tea"))
    found = count_rows(ask(PRODUCTS, ada, filter="name.starts_with:tea 10"))

    assert (counted.number, counted.is_exact) == (10_000, False)
    assert (found.number, found.is_exact) == (116, True)
