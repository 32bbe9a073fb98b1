"""The list of customers: what it shows, finds, filters, sorts and refuses, and to whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.urls import reverse

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import edit_customer
from rapport.customers.lists import CUSTOMERS
from rapport.customers.tests.world import make_customer, touch
from rapport.records.lists.querying import count_rows, fetch_page, read_request
from rapport.records.registry import UnknownField
from rapport.records.tests.test_layouts import hide
from tests.world import NOW

URL = "/customers/"


def names(user: Any, query: str = "", size: int = 50) -> list[str]:
    asked = read_request(QueryDict(query), CUSTOMERS, user=user)
    return [row["name"] for row in fetch_page(asked, columns=[CUSTOMERS.fields_for(user)["name"]], size=size).rows]


def test_the_list_shows_customers_by_name(ada: Any, as_user: Any) -> None:
    make_customer("Tomasz Wrona", city="Kraków")
    customer = make_customer("Ana Souza", organization="Padaria Souza", city="Porto Alegre")
    touch(customer, "call", days_ago=1)

    page = as_user(ada).get(URL)

    assert page.status_code == 200
    text = page.content.decode()
    assert text.index("Ana Souza") < text.index("Tomasz Wrona")
    assert "Padaria Souza" in text
    assert reverse("customer", args=[customer.public_id]) in text


def test_everybody_sees_her_own_and_her_teams_customers(ada: Any, alice: Any, bob: Any, charlie: Any) -> None:
    make_customer("Of Alice", owner=alice)
    make_customer("Of Bob", owner=bob)
    make_customer("Of Charlie", owner=charlie)
    make_customer("Of nobody")

    assert names(alice) == ["Of Alice", "Of Bob"]
    assert names(charlie) == ["Of Charlie"]
    assert names(ada) == ["Of Alice", "Of Bob", "Of Charlie", "Of nobody"]


@pytest.mark.parametrize(
    "words",
    [
        "souza",
        "ana sou",
        "padaria",
        "ana@padaria.co",
        "ana@pad",
        "ana@padaria.com.br",
        "+55 51 5550 0142",
        "5550-0142",
        "0142",
        "(51) 55500142",
    ],
)
def test_a_customer_is_found_by(words: str, ada: Any) -> None:
    make_customer("Ana Souza", organization="Padaria", email="ana@padaria.com.br", phone="+55 51 5550 0142")
    make_customer("Bruno Lima", email="bruno@lima.example", phone="+55 51 5550 0143")

    query = QueryDict(mutable=True)
    query["q"] = words
    assert names(ada, query.urlencode()) == ["Ana Souza"]


def test_a_customer_is_found_by_the_middle_of_a_number_where_numbers_are_seen(ada: Any, alice: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, email="ana@padaria.com.br")
    edit_customer(customer, {"phone": "+55 51 8642 0142"}, version=customer.version, by=ada, now=NOW)

    seen = names(ada, "q=8642"), names(alice, "q=51 86"), names(alice, "q=051 8642"), names(ada, "q=5186420")
    hide("phone", role=alice.role, by=ada)

    assert seen == (["Ana Souza"],) * 4
    assert names(alice, "q=8642") == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("李明", ["李明华"]),
        ("明华", ["李明华"]),
        ("김", ["김서연"]),
        ("kraków", ["Łukasz Kraków"]),
        ("lukasz", ["Łukasz Kraków"]),
    ],
)
def test_names_are_found_in_every_script(words: str, found: list[str], ada: Any) -> None:
    for name in ("李明华", "김서연", "Łukasz Kraków"):
        make_customer(name)

    query = QueryDict(mutable=True)
    query["q"] = words
    assert names(ada, query.urlencode()) == found


def test_nobody_finds_what_she_may_not_see(alice: Any, charlie: Any) -> None:
    make_customer("Of Charlie", owner=charlie)

    asked = read_request(QueryDict("q=charlie"), CUSTOMERS, user=alice)

    assert fetch_page(asked, columns=[]).rows == []
    assert count_rows(asked).number == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter=city.is:kraków", ["Tomasz"]),
        ("filter=city.is_not:Kraków", ["Ana", "Olga"]),
        ("filter=city.starts_with:port", ["Ana"]),
        ("filter=city.contains:ALE", ["Ana"]),
        ("filter=city.empty:", ["Olga"]),
        ("filter=city.filled:", ["Ana", "Tomasz"]),
        ("filter=organization.is:Padaria Souza", ["Ana"]),
        ("filter=kind.is:organization", ["Olga"]),
        ("filter=kind.is:organization,person", ["Ana", "Olga", "Tomasz"]),
        ("filter=owner.is:me", ["Tomasz"]),
        ("filter=owner.empty:", ["Ana", "Olga"]),
        ("filter=country.is:BR&filter=city.is:Porto Alegre", ["Ana"]),
        ("filter=created.after:2020-01-01&sort=name", ["Ana", "Olga", "Tomasz"]),
        ("filter=created.before:2020-01-01", []),
        ("sort=-name", ["Tomasz", "Olga", "Ana"]),
        ("sort=-name&q=a&filter=city.filled:", ["Ana"]),
    ],
)
def test_filters_narrow_the_list(query: str, found: list[str], ada: Any) -> None:
    make_customer("Ana", city="Porto Alegre", country="BR", organization="Padaria Souza")
    make_customer("Tomasz", city="Kraków", owner=ada)
    make_customer("Olga", kind="organization")

    assert names(ada, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "filter=password.is:x",
        "filter=owner__password.starts_with:a",
        "filter=city.is",
        "filter=city.is:",
        "filter=city.like:x",
        "filter=city) or 1=1 --.is:x",
        "filter=kind.is:robot",
        "filter=owner.is:1",
        "filter=created.on:yesterday",
        "filter=created.on:0001-01-01",
        "filter=city.is:%00",
        "sort=password",
        "sort=city",
        "sort=--name",
        "sort=name;select pg_sleep(1)",
        "after=forged",
        "after=WyJhIl0:1abc:def",
        "q=" + "x" * 300,
        "&".join(["filter=city.is:x"] * 30),
    ],
)
def test_what_the_registry_does_not_allow_is_refused(query: str, ada: Any, as_user: Any) -> None:
    page = as_user(ada).get(f"{URL}?{query}")

    assert page.status_code == 400
    with pytest.raises(UnknownField):
        read_request(QueryDict(query), CUSTOMERS, user=ada)


@pytest.mark.parametrize(
    "value", ["'", "%", "_", "\\", "x' or '1'='1", "--", "'; select pg_sleep(9) --", "%s", "{}", "(", ":*"]
)
def test_odd_letters_are_only_letters(value: str, ada: Any, as_user: Any) -> None:
    make_customer("Ana", city="Porto")
    query = QueryDict(mutable=True)
    query["q"] = value
    query.setlist("filter", [f"city.contains:{value}", f"name.starts_with:{value}"])

    page = as_user(ada).get(f"{URL}?{query.urlencode()}")

    assert page.status_code == 200
    assert "Nobody found" in page.content.decode()


@pytest.mark.parametrize("sort", ["name", "-name", "created", "-created"])
@pytest.mark.parametrize("query", ["", "q=ana", "filter=kind.is:person"])
def test_paging_shows_every_row_once_and_in_order(sort: str, query: str, ada: Any) -> None:
    for number in range(23):
        make_customer(f"Ana {number % 7}", external_id=str(number))
    seen: list[int] = []
    after = ""
    while True:
        text = f"{query}&sort={sort}" + (f"&after={after}" if after else "")
        asked = read_request(QueryDict(text), CUSTOMERS, user=ada)
        page = fetch_page(asked, columns=[], size=4)
        seen += [row.id for row in page.rows]
        if page.next_cursor is None:
            break
        after = page.next_cursor

    whole = fetch_page(read_request(QueryDict(f"{query}&sort={sort}"), CUSTOMERS, user=ada), columns=[], size=100)
    assert seen == [row.id for row in whole.rows]
    assert len(set(seen)) == 23


def test_a_team_pages_through_the_customers_of_all_its_members(alice: Any, bob: Any, charlie: Any) -> None:
    owners = [alice, bob, charlie]
    for number in range(20):
        make_customer(f"Ana {number:02}", owner=owners[number % 3])
    mine = [f"Ana {number:02}" for number in range(20) if number % 3 != 2]

    asked = read_request(QueryDict(""), CUSTOMERS, user=alice)
    first = fetch_page(asked, columns=[CUSTOMERS.fields_for(alice)["name"]], size=8)
    second = fetch_page(
        read_request(QueryDict(f"after={first.next_cursor}"), CUSTOMERS, user=alice),
        columns=[CUSTOMERS.fields_for(alice)["name"]],
        size=8,
    )

    assert [row["name"] for row in (*first.rows, *second.rows)] == mine
    assert second.next_cursor is None


def test_a_place_of_another_order_is_refused(ada: Any) -> None:
    for number in range(5):
        make_customer(f"Ana {number}")
    cursor = fetch_page(read_request(QueryDict(""), CUSTOMERS, user=ada), columns=[], size=2).next_cursor

    with pytest.raises(UnknownField):
        read_request(QueryDict(f"sort=-name&after={cursor}"), CUSTOMERS, user=ada)


def test_the_filter_menu_sends_field_operator_and_value(ada: Any, as_user: Any) -> None:
    page = as_user(ada).get(f"{URL}?field=kind&operator=is&value=person&value=organization&filter=city.is:Porto")

    assert page.status_code == 302
    assert page["Location"] == f"{URL}?filter=city.is:Porto&filter=kind.is:person,organization"


def test_a_value_that_does_not_fit_leads_back_to_the_list_with_a_word(ada: Any, as_user: Any) -> None:
    page = as_user(ada).get(f"{URL}?field=created&operator=on&value=yesterday&filter=city.is:Porto", follow=True)

    assert page.status_code == 200
    assert page.redirect_chain == [(f"{URL}?filter=city.is:Porto", 302)]
    assert "“yesterday” is not a value for “Added”." in page.content.decode()


def test_htmx_gets_only_the_rows_and_the_count(ada: Any, as_user: Any) -> None:
    make_customer("Ana Souza")

    page = as_user(ada).get(f"{URL}?q=ana", headers={"HX-Request": "true"})

    text = page.content.decode()
    assert "Ana Souza" in text
    assert "<html" not in text
    assert 'id="list-count" hx-swap-oob="true">1<' in text
    back = as_user(ada).get(f"{URL}?q=ana", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in back.content.decode()


def test_countries_and_languages_are_filtered_and_shown_by_name(ada: Any, as_user: Any) -> None:
    make_customer("Maj", country="SE", language="sv")
    make_customer("Ana Souza", country="BR", language="pt")

    for query in ("country.is:Sweden", "country.is:se", "language.is:Swedish", "country.is_not:brazil"):
        page = as_user(ada).get(f"{URL}?filter={query}").content.decode()
        assert "Maj" in page, query
        assert "Ana Souza" not in page
        assert ">Sweden</td>" in page
    assert "Swedish" in as_user(ada).get(f"{URL}?filter=language.is:sv").content.decode()


def test_thousands_of_customers_are_counted_exactly(ada: Any, alice: Any, as_user: Any) -> None:
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_customer (name, sort_key, owner_id) select 'Ana ' || n, 'ana ' || n, %s"
            " from generate_series(1, 1234) n",
            [alice.pk],
        )

    for user, query in ((alice, ""), (ada, ""), (ada, "?filter=kind.is:person")):
        assert 'id="list-count">1,234<' in as_user(user).get(URL + query).content.decode()


def test_more_than_five_thousand_hits_ask_to_be_narrowed(ada: Any, as_user: Any) -> None:
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_customer (name, sort_key, search)"
            " select 'Ana ' || n, 'ana ' || n, search_vector('Ana ' || n, null) from generate_series(1, 5002) n"
        )

    asked = read_request(QueryDict("q=ana"), CUSTOMERS, user=ada)
    text = as_user(ada).get(f"{URL}?q=ana").content.decode()

    assert (count_rows(asked).number, count_rows(asked).too_many_hits) == (5000, True)
    assert "More than 5,000 found. Narrow the search." in text
    assert len(fetch_page(asked, columns=[]).rows) == 50


def test_the_palette_finds_what_one_may_see(alice: Any, charlie: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, city="Lisboa")

    found = as_user(alice).get("/palette/?q=souza", headers={"HX-Request": "true"}).content.decode()
    hidden = as_user(charlie).get("/palette/?q=souza", headers={"HX-Request": "true"}).content.decode()

    assert reverse("customer", args=[customer.public_id]) in found
    assert "Lisboa" in found
    assert "Ana Souza" not in hidden


def test_a_customer_without_a_name_goes_by_her_number(ada: Any, as_user: Any) -> None:
    customer = make_customer("", external_id="17850", country="United Kingdom")
    nobody = make_customer("", external_id="row-1f", country="United Kingdom")

    text = as_user(ada).get(f"{URL}?q=17850").content.decode()

    assert "Customer 17850" in text
    assert (
        "<h1>Customer 17850</h1>" in as_user(ada).get(reverse("customer", args=[customer.public_id])).content.decode()
    )
    assert (
        "<h1>Unnamed customer</h1>" in as_user(ada).get(reverse("customer", args=[nobody.public_id])).content.decode()
    )


def test_a_new_business_is_told_how_to_begin(ada: Any, as_user: Any) -> None:
    text = as_user(ada).get(URL).content.decode()

    assert "No customers yet" in text
    assert reverse("customer_new") in text


def test_the_reader_sees_the_list_but_nothing_to_add_with(rita: Any, alice: Any, as_user: Any) -> None:
    make_customer("Of Alice", owner=alice)

    text = as_user(rita).get(URL).content.decode()

    assert "Of Alice" in text
    assert reverse("customer_new") not in text


def test_the_page_takes_the_same_few_statements_for_any_number_of_rows(
    ada: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        touch(make_customer(f"Ana {number}", owner=ada), days_ago=number)
    client = as_user(ada)
    client.get(URL)

    with django_assert_max_num_queries(11):
        client.get(URL)
