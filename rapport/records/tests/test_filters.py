"""Filters over real rows: groups, opposites, moving days and people mean what they say, everywhere the same."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict

from rapport.accounts.models import Business
from rapport.accounts.queries import business_zone
from rapport.core.acting import SYSTEM, acting
from rapport.customers.lists import CUSTOMERS
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.bulk.models import Selection
from rapport.records.bulk.selecting import resolve, selectables
from rapport.records.custom_fields.declaring import CustomDefinition, field_of
from rapport.records.exporting.lists import columns_of, exported_lists, read_query, stream_rows
from rapport.records.filters.conditions import Filter, Group, Reader, parse_filters
from rapport.records.lists.querying import count_rows, fetch_page, read_request
from rapport.records.lists.sql import ListQuery
from rapport.records.registry import FieldKind, UnknownField, fields_of
from rapport.records.statistics import refresh_statistics
from rapport.records.tests.own_fields import make_every_kind, make_field
from tests.world import NOW

SUNDAY_NIGHT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # in Auckland it is Monday


def ask(user: Any, *filters: str, **others: str) -> Any:
    query = QueryDict(urlencode([*(("filter", each) for each in filters), *others.items()]))
    return read_request(query, CUSTOMERS, user=user)


def names(user: Any, *filters: str) -> list[str]:
    asked = ask(user, *filters)
    return [row["name"] for row in fetch_page(asked, columns=[asked.fields["name"]]).rows]


def read(user: Any, text: str, *, now: datetime = NOW) -> Any:
    """The value of one condition, read at `now`."""
    nodes = parse_filters([text], fields=CUSTOMERS.fields_for(user), reader=Reader(user, business_zone(), now))
    return nodes[0].value


@pytest.fixture
def people(ada: Any, alice: Any, bob: Any, charlie: Any) -> None:
    make_customer("Ana", owner=alice, city="Porto", country="PT", email="ana@example.com")
    make_customer("Ben", owner=bob, city="Kraków", country="PL")
    make_customer("Cleo", owner=charlie, city="Porto", country="PT", kind="organization")
    make_customer("Dan", country="PL")


CITY = {"Ana": "Porto", "Ben": "Kraków", "Cleo": "Porto", "Dan": None}
OWNER = {"Ana": "Alice", "Ben": "Bob", "Cleo": "Charlie", "Dan": None}
LAWS = {
    "city.is:porto": lambda name: CITY[name] == "Porto",
    "city.empty:": lambda name: CITY[name] is None,
    "email.filled:": lambda name: name == "Ana",
    "kind.is:person": lambda name: name != "Cleo",
    "country.is:Poland": lambda name: name in ("Ben", "Dan"),
    "name.starts_with:a": lambda name: name == "Ana",
}


SHAPES = {
    "all({0};{1})": lambda one, other: one and other,
    "any({0};{1})": lambda one, other: one or other,
    "none({0};{1})": lambda one, other: not one and not other,
    "any({0};none({1}))": lambda one, other: one or not other,
    "none(all({0};none({1})))": lambda one, other: not (one and not other),
}


@pytest.mark.usefixtures("people")
def test_groups_mean_what_they_say_also_where_there_is_no_value(ada: Any) -> None:
    """Every pair of conditions in every shape, against the same said in Python."""
    for (one, other), (shape, holds) in itertools.product(itertools.product(LAWS, repeat=2), SHAPES.items()):
        text = shape.format(one, other)
        expected = [name for name in CITY if holds(LAWS[one](name), LAWS[other](name))]
        assert names(ada, text) == expected, text
        assert count_rows(ask(ada, text)).number == len(expected), text


@pytest.mark.usefixtures("people")
def test_list_count_file_and_selection_agree(ada: Any) -> None:
    exported, selectable = exported_lists()["customer"], selectables()["customer"]
    for text in (
        "any(city.is:Porto;email.filled:)",
        "none(kind.is:organization;city.empty:)",
        "city.one_of:porto,KRAKÓW",
    ):
        query = urlencode({"filter": text})
        asked = read_query(exported, query, user=ada)
        in_file = [row[1] for row in stream_rows(asked, columns_of(asked, ["name"]))]
        selected = resolve(selectable, Selection(object="customer", query=query, is_everything=True), user=ada)
        found = Customer.objects.filter(pk__in=[key for (key,) in selected]).order_by("sort_key")

        assert names(ada, text) == in_file == list(found.values_list("name", flat=True)), text
        assert count_rows(ask(ada, text)).number == len(in_file) > 0


@pytest.mark.usefixtures("people")
def test_the_owner_is_me_my_team_or_somebody_by_name(ada: Any, alice: Any, bob: Any, charlie: Any) -> None:
    assert names(alice, "owner.is:me") == ["Ana"]
    assert names(alice, "owner.is:my_team") == ["Ana", "Ben"]
    assert names(ada, "owner.is:my_team") == []
    assert names(ada, f"owner.is:{bob.public_id},{charlie.public_id}") == ["Ben", "Cleo"]
    assert names(ada, f"owner.is_not:{bob.public_id}") == ["Ana", "Cleo", "Dan"]
    assert names(ada, "owner.is:00000000-0000-4000-8000-000000000000") == []
    assert ask(ada, f"owner.is:me,{bob.public_id}").filters[0].words == "Owner is me, Bob"


@pytest.mark.usefixtures("people")
def test_a_filter_by_owner_shows_no_more_than_the_reader_may_see(alice: Any, charlie: Any, rita: Any) -> None:
    for text in (
        f"owner.is:{charlie.public_id}",
        f"any(owner.is:{charlie.public_id};city.is:Porto)",
        "none(city.is:Oslo)",
    ):
        seen = names(alice, text)
        assert "Cleo" not in seen
        assert count_rows(ask(alice, text)).number == len(seen)
    assert names(alice, f"owner.is:{charlie.public_id},me") == ["Ana"]
    assert names(rita, "owner.is:my_team") == ["Ana", "Ben"]


@pytest.mark.usefixtures("people")
def test_pages_of_several_owners_follow_each_other(ada: Any, alice: Any, bob: Any, charlie: Any) -> None:
    text = f"owner.is:{alice.public_id},{bob.public_id},{charlie.public_id}"
    name = CUSTOMERS.fields_for(ada)["name"]

    first = fetch_page(ask(ada, text, sort="-name"), columns=[name], size=2)
    second = fetch_page(ask(ada, text, sort="-name", after=first.next_cursor), columns=[name], size=2)

    assert [row["name"] for row in (*first.rows, *second.rows)] == ["Cleo", "Ben", "Ana"]
    assert second.next_cursor is None


def test_moving_days_begin_where_the_business_is(ada: Any) -> None:
    with acting(SYSTEM):
        Business.objects.update(time_zone="Pacific/Auckland")

    today = read(ada, "created.in:today", now=SUNDAY_NIGHT)
    recent = read(ada, "created.in_last:30_days", now=SUNDAY_NIGHT)
    long_ago = read(ada, "created.more_ago:30_days", now=SUNDAY_NIGHT)

    assert today.start.isoformat() == "2026-03-02T00:00:00+13:00"
    assert today.end.isoformat() == "2026-03-03T00:00:00+13:00"
    assert recent.start == long_ago.start  # so that each is either, and none is both
    assert recent.end == today.end


def test_days_are_as_long_as_the_clocks_say(ada: Any) -> None:
    changed = read(ada, "created.in:today", now=datetime(2026, 3, 29, 12, tzinfo=UTC))

    assert (changed.end.astimezone(UTC) - changed.start.astimezone(UTC)).total_seconds() == 23 * 3600


def test_moving_days_find_rows(ada: Any) -> None:
    for name, born in (("Ana", "2000-01-31"), ("Ben", "1940-06-15"), ("Cleo", None)):
        make_customer(name, born_on=born and date.fromisoformat(born))

    assert names(ada, "created.in:today") == ["Ana", "Ben", "Cleo"]
    assert names(ada, "created.more_ago:1_day") == []
    assert names(ada, "created.in_next:1_week") == ["Ana", "Ben", "Cleo"]
    assert names(ada, "born_on.more_ago:25_years") == ["Ana", "Ben"]
    assert names(ada, "none(born_on.more_ago:80_years)") == ["Ana", "Cleo"]
    assert names(ada, "born_on.between:1940-06-15..2000-01-30") == ["Ben"]
    assert names(ada, "born_on.between:1940-06-15..2000-01-31") == ["Ana", "Ben"]
    assert names(ada, "born_on.more_ahead:1_day") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("born_on.more_ago:90_days", "Born on more than 90 days ago"),
        ("born_on.in_last:1_month", "Born on in the last 1 month"),
        ("created.in:this_quarter", "Added this quarter"),
        ("created.more_ahead:2_weeks", "Added more than 2 weeks from now"),
        ("born_on.between:2000-01-01..2000-02-01", "Born on is between 1 Jan 2000 and 1 Feb 2000"),
        ("created.on:2026-03-02", "Added is on 2 Mar 2026"),
        ("city.one_of:Porto,Kraków", "City is one of Porto, Kraków"),
        ("country.one_of:Poland,PT", "Country is one of Poland, Portugal"),
        ("owner.is:me,my_team", "Owner is me, my team"),
        ("any(city.is:Porto;none(owner.is:me))", "City is Porto or (not Owner is me)"),
        ("email.empty:", "E-mail is empty"),
    ],
)
def test_each_is_said_in_words(ada: Any, text: str, words: str) -> None:
    assert ask(ada, text).filters[0].words == words


def test_one_of_takes_values_with_commas(ada: Any) -> None:
    make_customer("Ana", city="Washington, D.C.")
    make_customer("Ben", city="Porto")

    assert names(ada, "city.one_of:washington~, d.c.,oslo") == ["Ana"]
    assert names(ada, "none(city.one_of:washington~~, d.c.,oslo)") == ["Ben"]
    assert names(ada, "any(city.one_of:washington~~, d.c.,oslo;city.is:x)") == ["Ana"]
    assert names(ada, "city.not_one_of:porto") == ["Ana"]
    assert names(ada, "city.contains_not:port") == ["Ana"]


@pytest.mark.parametrize(
    "text",
    [
        "any(city.is:Porto", "any()", "any(city.is:Porto;)", "born_on.between:2000-01-01", "born_on.in:2000-01-01",
        "born_on.between:2000-02-01..2000-01-01", "born_on.in_last:soon", "born_on.more_ago:9999_years",
        "city.one_of:,", "city.one_of:" + ",".join(map(str, range(60))), "city.between:a..b", "owner.is:nobody",
        "kind.one_of:person",
        "created.between:2000-01-01..9999-12-31", "any(password.is:x;city.is:Porto)", "none(owner__password.is:x)",
        "number.is:7", "all(all(all(all(all(city.is:a;city.is:b)))))", "created.on:yesterday",
        "owner.is:" + ",".join(["00000000-0000-4000-8000-000000000000"] * 60),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(ada: Any, text: str) -> None:
    with pytest.raises(UnknownField):
        ask(ada, text)


def test_a_list_takes_twenty_conditions_however_they_stand(ada: Any) -> None:
    group = f"any({';'.join(['city.is:a'] * 19)})"

    assert len(ask(ada, group, "city.is:b").conditions) == 20
    for asked in ([group, "city.is:b", "city.is:c"], ["city.is:a"] * 21, ["city.is:" + "a" * 199] * 20 + ["x" * 3000]):
        with pytest.raises(UnknownField):
            ask(ada, *asked)


def test_an_address_is_written_the_same_whichever_way_it_came(ada: Any) -> None:
    asked = ask(
        ada, "all(city.is: Porto ;any(owner.is:me))", "none(none(kind.is:person))", "any(city.is:a;email.filled)"
    )

    address = asked.parameters()

    assert address == (
        "filter=city.is:Porto&filter=owner.is:me&filter=kind.is:person&filter=any(city.is:a;email.filled:)"
    )
    assert read_request(QueryDict(address), CUSTOMERS, user=ada).parameters() == address
    assert asked.parameters(without=asked.filters[3]).endswith("kind.is:person")
    assert [type(each) for each in asked.filters] == [Filter, Filter, Filter, Group]


def test_a_field_that_the_role_does_not_see_cannot_hide_in_a_group(ada: Any, rita: Any) -> None:
    guarded = next(field for field in fields_of("customer").values() if field.right and field.operators)
    rita.role.rights = [right for right in rita.role.rights if right != guarded.right]

    for text in (f"any(city.is:Porto;{guarded.name}.filled:)", f"none({guarded.name}.empty:)"):
        assert ask(ada, text)
        with pytest.raises(UnknownField, match="There is no field"):
            ask(rita, text)


def test_every_comparison_of_fields_of_ones_own_runs_and_finds(ada: Any) -> None:
    make_every_kind(ada)
    make_customer(
        "Ana", custom={"c_my_text": "Blue", "c_my_number": "12.5", "c_my_money": 5_000_000, "c_my_date": "2026-02-27"}
    )
    make_customer("Ben", custom={"c_my_text": "Red", "c_my_choice": "gold", "c_my_choices": ["gold", "silver"]})

    for text, found in (
        ("c_my_text.one_of:blue,green", ["Ana"]), ("c_my_text.contains_not:lu", ["Ben"]), ("c_my_number.between:12..13", ["Ana"]),
        ("c_my_number.is_not:12.5", ["Ben"]), ("c_my_money.between:5..5", ["Ana"]),
        ("c_my_date.between:2026-02-27..2026-02-27", ["Ana"]),
        ("c_my_date.more_ahead:1_day", []), ("none(c_my_choice.is:gold)", ["Ana"]),
        ("any(c_my_choices.has_all:gold,silver;c_my_number.over:100)", ["Ben"]), ("c_my_date.in:next_week", []),
    ):  # fmt: skip
        assert names(ada, text) == found, text


@pytest.fixture
def many(ada: Any, alice: Any, bob: Any) -> None:
    """Customers enough for the planner to weigh its ways: of one in a thousand something is said, Bob has one in a hundred."""
    make_field(ada, "Grade", "choice", choices=["Gold", "Silver"])
    make_field(ada, "Paid", "boolean")
    make_field(ada, "Score", "number")
    said = """case when n %% 1000 = 0 then '{"c_grade": "gold", "c_paid": true, "c_score": "7"}'::jsonb else '{}' end"""
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_customer (name, sort_key, owner_id, city, custom) select 'P ' || n, 'p ' || n,"
            f" case when n %% 100 = 0 then %s::int when n %% 100 = 1 then %s::int end, 'Porto', {said}"
            " from generate_series(1, 20000) n",
            [bob.pk, alice.pk],
        )
    refresh_statistics()


def plan(asked: Any) -> str:
    """How the rows of a page are found, as the planner itself decides."""
    statement, arguments = ListQuery(asked).keys(filled=True, after=None, limit=51)
    with connection.cursor() as cursor:
        cursor.execute("explain " + statement.as_string(connection.connection), arguments)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("home", "many")
def test_owners_and_fields_of_ones_own_are_found_by_their_indexes_in_groups_too(ada: Any, alice: Any, bob: Any) -> None:
    for text in (f"owner.is:{bob.public_id}", f"owner.is:{alice.public_id},{bob.public_id}"):
        seen = plan(ask(ada, text))
        assert "customers_by_owner_name" in seen, seen
        assert "owner_id = " in seen
        assert "Seq Scan" not in seen
    for text in (
        "c_grade.is:gold",
        "any(c_grade.is:gold;c_paid.is:yes)",
        "any(all(c_grade.is:gold;city.is:Porto);c_score.is:7)",
    ):
        seen = plan(ask(ada, text))
        assert "customers_custom_values" in seen, seen
        assert "Seq Scan" not in seen
        assert count_rows(ask(ada, text)).number == 20


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        ("text", "is:gold"), ("text", "one_of:gold,silver"), ("text", "starts_with:go"), ("date", "between:2026-01-01..2026-02-01"),
        ("date", "more_ago:90_days"), ("number", "between:1..2"), ("money", "over:100"),
    ],
)  # fmt: skip
def test_a_field_with_an_index_of_its_own_is_compared_as_that_holds_it(ada: Any, kind: str, condition: str) -> None:
    known = CustomDefinition(
        public_id=ada.public_id,
        object="customer",
        name="c_x",
        label="X",
        kind=FieldKind(kind),
        is_sorted=True,
        has_index=True,
    )
    field = field_of(known, is_small=False, currency="GBP", order=1)
    expression = (field.sort_sql or field.sql).replace("r.", "")
    fields = [field, replace(field, own=replace(known, has_index=False))]
    reader = Reader(ada, business_zone(), NOW)
    node, plain = (parse_filters([f"c_x.{condition}"], fields={"c_x": each}, reader=reader)[0] for each in fields)
    make_customer("Ana", custom={"c_x": {"text": "Gold", "date": "2026-01-15", "number": "1.5"}.get(kind, 150_000_000)})

    with connection.cursor() as cursor:
        cursor.execute("create temporary table many as select id, custom from customers_customer")
        cursor.execute(f"create index the_index on many ({expression}, id) where {expression} is not null")
        cursor.execute("set local enable_seqscan = off")
        statement = f"select id from many r where {node.condition().as_string(connection.connection)}"
        cursor.execute("explain " + statement, node.arguments)
        seen = "\n".join(row[0] for row in cursor.fetchall())
        found = [_matching(cursor, each) for each in (node, plain)]

    assert found[0] == found[1]
    assert "the_index" in seen
    assert "Index Cond" in seen, seen


def _matching(cursor: Any, node: Any) -> int:
    condition = node.condition().as_string(connection.connection)
    cursor.execute(f"select count(*) from customers_customer r where {condition}", node.arguments)
    return int(cursor.fetchone()[0])
