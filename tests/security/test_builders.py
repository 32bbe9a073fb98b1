"""S9, S10: what a list, filter or report is asked with is a name that is looked up or a bound value, never SQL."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.security.endpoints import endpoints
from tests.security.matrix import noticing_reads
from tests.security.samples import SAMPLES

PARAMETERS = (
    "filter", "sort", "after", "before", "q", "page", "columns", "group", "tab", "kind", "actor", "table", "as_of",
    "since", "from", "to", "monetary", "segment", "recency", "frequency", "compare", "state", "next", "field",
    "operator", "value", "_connector", "order_by", "limit", "of", "by", "then", "measure", "top", "chart", "tile", "way",
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
    "board", "by:owner;drop", "2026-13",
)  # fmt: skip
PARTS = 4
LISTS = {
    "customers": "/customers/", "orders": "/orders/", "order_lines": "/orders/lines/", "products": "/products/",
    "task_list": "/tasks/all/",
}  # fmt: skip
WAYS = ({}, {"as": "board"}, {"as": "calendar"})
PAGES = [each for each in endpoints() if each.is_ours and each.audience == "staff"]


def path_of(endpoint, world):
    return endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_is_asked_for_breaks_a_page_or_becomes_sql(part, world, client_of, statements):
    """Every parameter that a page reads when it is asked plainly, by itself, so that the refusal of one hides no other;
    then all at once with those that pages of this house know, and what is evil as the name of a parameter."""
    client, found, turns = client_of("ada"), [], itertools.count(part)
    for endpoint in PAGES[part::PARTS]:
        path = path_of(endpoint, world)
        with noticing_reads() as read:
            client.get(path)
        asked = [dict.fromkeys({*PARAMETERS, *read}, f"{evil}zqx") for evil in EVIL[next(turns) % 30 :: 30]]
        asked.append({f"{evil}zqx": evil for evil in EVIL})
        for way in WAYS if endpoint.name in LISTS else WAYS[:1]:
            step = 9 if endpoint.name in LISTS else 6
            few = (["a\x00b", *EVIL[next(turns) % step :: step]] for _name in read)
            asked += [
                way | {name: f"{evil}zqx"} for name, evils in zip(sorted(read), few, strict=True) for evil in evils
            ]
        found += [f"{path} with {each!r}"[:300] for each in asked if client.get(path, each).status_code >= 500]

    assert found == []
    assert [text for text in statements if "zqx" in text] == []


def shape(statement):
    """A statement without its values and however many of a kind there are."""
    plain = re.sub(r"\s+", " ", statement.lower())
    plain = re.sub(r"'(?:[^']|'')*'|\b\d+\b|%s|%\(\w+\)s", "?", plain)
    return re.sub(r"\?(?:::\w+(?:\[\])?)?(?:, \?(?:::\w+(?:\[\])?)?)+", "?", plain)


TAME = (
    "", "ana", "ana lind", "ana lind of york and more", "ana@example.com", "@example.com", "+44 20 7946 0958", "1990",
    "김", "김민수", "a", "4", "x" * 300, "ü", "-", "owner",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/customers/", "/orders/", "/products/", "/search/"])
def test_what_is_searched_for_makes_no_statement_that_plain_words_do_not_make(path, world, client_of, statements):
    client = client_of("ada")
    for tame in TAME:
        client.get(path, {"q": tame})
    known = {shape(text) for text in statements}
    statements.clear()

    for evil in EVIL:
        client.get(path, {"q": evil})

    assert {shape(text) for text in statements} - known == set()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("parameter", ["filter", "sort", "after"])
def test_a_list_refuses_what_its_registry_does_not_know(name, parameter, world, client_of, statements):
    client = client_of("ada")

    for evil in EVIL:
        if evil == "":
            continue
        marked = evil + "zqx"
        answer = client.get(LISTS[name], {parameter: marked})
        assert answer.status_code == 400, f"{parameter}={marked!r}"
        assert b"Northern" not in answer.getvalue()

    assert [text for text in statements if "zqx" in text] == []


@pytest.mark.parametrize("parameter", ["of", "by", "then", "measure", "sort", "top", "chart", "filter"])
def test_a_report_refuses_what_its_registry_does_not_know(parameter, world, client_of, statements):
    client = client_of("ada")
    asked = {"of": "customer", "by": "city", "then": "kind", "measure": "count", "chart": "bars"}

    for evil in EVIL:
        marked = evil + "zqx"
        answer = client.get("/reports/new/", asked | {parameter: marked})
        assert answer.status_code == 400, f"{parameter}={marked!r}"
        assert b"Northern" not in answer.getvalue()

    assert [text for text in statements if "zqx" in text] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_search_takes_any_text_as_text(name, world, client_of, statements):
    client = client_of("ada")

    for evil in EVIL:
        answer = client.get(LISTS[name], {"q": evil + " zqx"})
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

    path = f"/customers/{world.customer.public_id}/".encode()  # fields of the business's own are called like her

    assert path in ours
    assert path not in theirs
    nothing = client_of("charlie").get("/customers/", {"q": "Southern"}).content
    assert theirs.count(b"<tr") == nothing.count(b"<tr")
