"""S9, S10: what a list, filter or report is asked with is a name that is looked up or a bound value, never SQL."""

from __future__ import annotations

import pytest
from django.db import connection
from psycopg import sql

from tests.security.endpoints import endpoints
from tests.security.samples import SAMPLES

PARAMETERS = (
    "filter", "sort", "after", "before", "q", "page", "columns", "group", "tab", "kind", "actor", "table", "as_of",
    "since", "from", "to", "monetary", "segment", "recency", "frequency", "compare", "state", "next", "field",
    "operator", "value", "_connector", "order_by", "limit",
)  # fmt: skip
EVIL = (
    "'", '"', "')--", "1;copy t to '/tmp/x'", "x' or pg_sleep(9)='", "name'; drop table customers_customer;--",
    "password", "-password", "owner__password", "owner.password", "owner__password.starts_with:m",
    "owner.password.is:x", "name.is_not_known:x", "name.contains", ".is:x", "..:", "name.__class__:x",
    "r.id", "id desc, (select 1)", "name,password", "1e999", "-1", "99999999999999999999", "NaN", "{}", "[]",
    "{{7*7}}", "%s%s%n", "%(x)s", "$1", "\\", "\x00", "a\x00b", "\x1b[31m", "\u202e", "\ufeff", "\U0001f600", "＇",
    "--", "/*", "../../etc/passwd", "x" * 5000, "filter", "",
    "any(", "any(name.contains:x;owner.is:me", "none(password.is:x)", "all(any(none(any(any(name.contains:x)))))",
    "any(name.contains:~", "created.in:this_week'--", "created.more_ago:1_days;--", "created.between:2026-01-01..", "owner.is:me,",
)  # fmt: skip
LISTS = ("customers", "orders", "products")
PAGES = [each for each in endpoints() if each.is_ours and each.audience == "staff"]


@pytest.fixture
def statements():
    """The text of every statement, before values are bound to it."""
    texts = []

    def note(execute, statement, params, many, context):
        texts.append(statement.as_string(None) if isinstance(statement, sql.Composable) else str(statement))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(note):
        yield texts


def path_of(endpoint, world):
    return endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()


@pytest.mark.parametrize("endpoint", PAGES, ids=lambda each: each.name)
def test_nothing_that_is_asked_for_breaks_a_page_or_becomes_sql(endpoint, world, client_of, statements):
    client, path = client_of("ada"), path_of(endpoint, world)
    is_list = endpoint.name in LISTS

    for evil in EVIL if is_list else EVIL[:: len(LISTS)]:
        answer = client.get(path, dict.fromkeys(PARAMETERS, evil + "zqx" if evil else ""))
        assert answer.status_code < 500, f"{path} with {evil!r}"

    assert [text for text in statements if "zqx" in text] == []


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("parameter", ["filter", "sort", "after"])
def test_a_list_refuses_what_its_registry_does_not_know(name, parameter, world, client_of, statements):
    client = client_of("ada")

    for evil in EVIL:
        if evil == "":
            continue
        marked = evil + "zqx"
        answer = client.get(f"/{name}/", {parameter: marked})
        assert answer.status_code == 400, f"{parameter}={marked!r}"
        assert b"Northern" not in answer.getvalue()

    assert [text for text in statements if "zqx" in text] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_search_takes_any_text_as_text(name, world, client_of, statements):
    client = client_of("ada")

    for evil in EVIL:
        answer = client.get(f"/{name}/", {"q": evil + " zqx"})
        assert answer.status_code in (200, 400)

    assert [text for text in statements if "zqx" in text] == []


@pytest.mark.parametrize(
    "asked",
    ["owner__password.is:x", "owner__email.starts_with:a", "owner.password.is:x", "owner_id.is:1", "merged_into.filled:",
     "any(owner__password.is:x;name.contains:a)", "none(none(merged_into.empty:))",
     "provenance.contains:x", "trashed_at.empty:", "search.contains:x", "custom.contains:x"],
)  # fmt: skip
def test_hidden_columns_and_paths_cannot_be_compared(asked, world, client_of):
    assert client_of("ada").get("/customers/", {"filter": asked}).status_code == 400
    assert client_of("ada").get("/customers/", {"sort": asked.split(".")[0]}).status_code == 400


def test_counts_and_searches_are_taken_after_visibility(world, client_of):
    ours = client_of("bob").get("/customers/", {"q": "Northern"}).content
    theirs = client_of("charlie").get("/customers/", {"q": "Northern"}).content

    assert b"Northern Customer</a>" in ours  # fields of the business's own are called so too
    assert b"Northern Customer</a>" not in theirs
    nothing = client_of("charlie").get("/customers/", {"q": "Southern"}).content
    assert theirs.count(b"<tr") == nothing.count(b"<tr")
