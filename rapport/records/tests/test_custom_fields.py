"""Fields of one's own: made on screen, known everywhere at once, refused where they are not."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.audit.models import AuditEvent
from rapport.commerce.lists import PRODUCTS
from rapport.commerce.models import Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import ensure_source
from rapport.records.custom_fields import actions
from rapport.records.custom_fields.declaring import as_text
from rapport.records.custom_fields.queries import custom_fields_of
from rapport.records.lists.querying import fetch_page
from rapport.records.models import CustomField
from rapport.records.registry import UnknownField
from rapport.records.tests.own_fields import EVERY_VALUE, KINDS, make_every_kind, make_field
from rapport.records.tests.test_lists import ask
from tests.world import NOW

FORM = {"label": "Shoe size", "kind": "number", "help_text": "European"}


def make_product(code: str, **custom: Any) -> Any:
    with acting(SYSTEM):
        source = ensure_source("shop", label="Shop")
        return Product.objects.create(
            source_id=source.pk, code=code, name=f"Product {code}", price_micros=10**6, currency="GBP", custom=custom
        )


def codes(asked: Any) -> list[str]:
    rows = fetch_page(asked, columns=[asked.fields["code"]]).rows
    return sorted(row["code"] for row in rows)


def test_a_field_made_on_screen_is_a_column_and_a_filter_with_the_next_request(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    make_product("A", c_shoe_size="42")
    assert client.get("/products/?filter=c_shoe_size.is:42").status_code == 400

    made = client.post("/settings/fields/new/?object=product", FORM | {"is_column": "on"})
    listed = client.get("/products/?filter=c_shoe_size.at_least:41.5")

    assert made.status_code == 302
    assert b"Shoe size" in listed.content
    assert b">42<" in listed.content
    assert CustomField.objects.get().name == "c_shoe_size"


def test_a_field_is_in_the_audit_trail(ada: Any) -> None:
    made = make_field(ada, "Shoe size", "number")

    event = AuditEvent.objects.get(table_name="records_customfield")
    assert (event.operation, event.row_id, event.actor_label, event.reason) == (
        "insert",
        str(made.pk),
        "Ada",
        "field added",
    )


def test_a_label_stands_once_among_the_fields_in_use(ada: Any) -> None:
    first = make_field(ada, "Shoe size")

    with pytest.raises(actions.FieldRefused):
        make_field(ada, "SHOE SIZE")
    actions.archive_field(first, by=ada, now=NOW)
    second = make_field(ada, "Shoe size")

    assert second.name == "c_shoe_size_2"
    with pytest.raises(actions.FieldRefused):
        actions.restore_field(first, by=ada)
    assert [each.name for each in custom_fields_of("customer")] == ["c_shoe_size_2"]


def test_another_object_may_have_the_same_label(ada: Any) -> None:
    make_field(ada, "Shoe size")

    assert make_field(ada, "Shoe size", object_name="product").name == "c_shoe_size"


@pytest.mark.parametrize("label", ["靴のサイズ", "   ?? ", "🙂", "Ünïcödé", "x" * 60, "'; drop table x; --", "100 %"])
def test_any_label_gives_a_plain_name(ada: Any, as_user: Any, label: str) -> None:
    answer = as_user(ada).post("/settings/fields/new/?object=product", {"label": label, "kind": "text"})

    name = CustomField.objects.get().name
    assert answer.status_code == 302
    assert name.isascii()
    assert name.startswith("c_")
    assert name.replace("_", "").isalnum()
    assert len(name) <= 40
    assert as_user(ada).get(f"/products/?filter={name}.is:x").status_code == 200


def test_archiving_takes_a_field_from_everywhere_and_keeps_its_values(ada: Any, as_user: Any) -> None:
    field = make_field(ada, "Grade", object_name="product", is_column=True)
    made = make_product("A", c_grade="best")
    client = as_user(ada)

    client.post(f"/settings/fields/{field.public_id}/archive/")
    while_archived = client.get(f"/products/{made.public_id}/"), client.get("/products/?filter=c_grade.is:best")
    client.post(f"/settings/fields/{field.public_id}/restore/")

    assert b"best" not in while_archived[0].content
    assert while_archived[1].status_code == 400
    assert b"best" in client.get(f"/products/{made.public_id}/").content
    assert client.get("/products/?filter=c_grade.is:best").status_code == 200


def test_fields_are_ordered_by_buttons(ada: Any, as_user: Any) -> None:
    first, second, third = (make_field(ada, label) for label in ("One", "Two", "Three"))
    client = as_user(ada)

    client.post(f"/settings/fields/{third.public_id}/move/", {"to": "up"})
    client.post(f"/settings/fields/{first.public_id}/move/", {"to": "up"})

    assert [each.name for each in custom_fields_of("customer")] == [first.name, third.name, second.name]


def test_a_choice_keeps_its_value_when_its_label_is_typed_again_and_one_left_out_is_archived(
    ada: Any, as_user: Any
) -> None:
    field = make_field(ada, "Grade", "choice", choices=["Gold", "Silver"])

    as_user(ada).post(f"/settings/fields/{field.public_id}/", {"label": "Grade", "choices": "silver\nPlatinum, no\n"})
    as_user(ada).post(f"/settings/fields/{field.public_id}/", {"label": "Grade", "choices": "silver\nPlatinum\n"})

    field.refresh_from_db()
    assert field.choices == [
        {"value": "silver", "label": "silver", "archived": False},
        {"value": "platinum", "label": "Platinum", "archived": False},
        {"value": "gold", "label": "Gold", "archived": True},
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"label": "", "kind": "text"}, "Label"),
        ({"label": "X", "kind": "sql"}, "Kind"),
        ({"label": "X", "kind": "choice"}, "Choices"),
        ({"label": "X" * 61, "kind": "text"}, "Label"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(ada: Any, as_user: Any, body: dict[str, str], said: str) -> None:
    answer = as_user(ada).post("/settings/fields/new/", body)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not CustomField.objects.exists()


def test_only_those_with_the_right_design_fields(alice: Any, ada: Any, as_user: Any) -> None:
    field, client = make_field(ada, "Grade"), as_user(alice)

    answers = [client.get("/settings/fields/"), client.get(f"/settings/fields/{field.public_id}/")]
    answers.append(client.post("/settings/fields/new/", FORM))
    answers.append(client.post(f"/settings/fields/{field.public_id}/archive/"))

    assert [answer.status_code for answer in answers] == [403] * 4
    assert CustomField.objects.filter(archived_at=None).count() == 1


def test_the_page_of_fields_begins_empty(ada: Any, as_user: Any) -> None:
    page = as_user(ada).get("/settings/fields/").content.decode()

    assert "No fields of your own yet" in page
    assert as_user(ada).get("/settings/fields/?object=nothing").status_code == 404


def test_every_kind_is_shown_filtered_and_typed_on_a_product(ada: Any, as_user: Any) -> None:
    make_every_kind(ada, object_name="product", is_column=True)
    made = make_product("A", **EVERY_VALUE)
    make_product("B")
    client = as_user(ada)

    page = client.get(f"/products/{made.public_id}/").content.decode()
    form = client.get(f"/fields/product/{made.public_id}/")
    filters = (
        "c_my_text.contains:suede", "c_my_number.is:12.50", "c_my_number.under:13", "c_my_money.is:1250",
        "c_my_money.over:1249.99", "c_my_date.on:2026-03-14", "c_my_date.before:2026-03-15", "c_my_choice.is:gold,silver",
        "c_my_choices.has:silver,bronze", "c_my_choices.has_all:gold,bronze", "c_my_boolean.is:yes",
        "c_my_link.starts_with:https://EXAMPLE", "c_my_text.filled",
    )  # fmt: skip
    misses = (
        "c_my_text.is:suede", "c_my_number.is:12.51", "c_my_choices.has_all:gold,silver", "c_my_boolean.is:no",
        "c_my_choice.is:silver", "c_my_date.after:2026-03-14",
    )  # fmt: skip

    for text in ("Blue suede", "12.5", "£1,250.00", "14 Mar 2026", "Gold", "Gold, Bronze", "yes"):
        assert text in page
    assert 'href="https://example.com/a?b=1" rel="noopener noreferrer nofollow"' in page
    assert form.status_code == 200
    assert {text: codes(ask(PRODUCTS, ada, filter=text)) for text in filters} == {text: ["A"] for text in filters}
    assert {text: codes(ask(PRODUCTS, ada, filter=text)) for text in misses} == {text: [] for text in misses}
    assert codes(ask(PRODUCTS, ada, filter="c_my_choices.has_not:silver")) == ["A", "B"]
    assert codes(ask(PRODUCTS, ada, filter="c_my_choice.is_not:gold")) == ["B"]
    assert codes(ask(PRODUCTS, ada, filter="c_my_number.empty")) == ["B"]


def test_values_typed_on_a_product_are_kept_by_kind(ada: Any, as_user: Any) -> None:
    make_every_kind(ada, object_name="product")
    made = make_product("A")
    typed = {
        "c_my_text": " Blue suede ", "c_my_number": "12.50", "c_my_money": "1250", "c_my_date": "2026-03-14",
        "c_my_choice": "gold", "c_my_choices": ["bronze", "gold"], "c_my_boolean": "yes",
        "c_my_link": "https://example.com/a?b=1",
    }  # fmt: skip

    answer = as_user(ada).post(f"/fields/product/{made.public_id}/", typed)

    made.refresh_from_db()
    assert answer.status_code == 302
    assert made.custom == EVERY_VALUE
    assert [as_text(each, made.custom[each.name], currency="GBP") for each in custom_fields_of("product")][
        3
    ] == "14 Mar 2026"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("c_my_number", "many"),
        ("c_my_number", "1e99"),
        ("c_my_number", "NaN"),
        ("c_my_money", "1.1234567"),
        ("c_my_date", "2026-02-30"),
        ("c_my_choice", "platinum"),
        ("c_my_choices", ["gold", "platinum"]),
        ("c_my_boolean", "perhaps"),
        ("c_my_link", "javascript:alert(1)"),
        ("c_my_link", "data:text/html,x"),
        ("c_my_text", "x" * 2001),
        ("c_my_text", "a\x00b"),
    ],
)
def test_a_value_that_is_not_of_the_kind_is_refused(ada: Any, as_user: Any, name: str, value: Any) -> None:
    make_every_kind(ada, object_name="product")
    made = make_product("A", **EVERY_VALUE)

    answer = as_user(ada).post(f"/fields/product/{made.public_id}/", {name: value})

    made.refresh_from_db()
    assert answer.status_code == 422
    assert made.custom == EVERY_VALUE


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(ada: Any, as_user: Any) -> None:
    make_field(ada, "Grade", object_name="product")
    made = make_product("A", c_grade="second")

    answer = as_user(ada).post(f"/fields/product/{made.public_id}/", {"c_grade": "third", "initial-c_grade": "first"})

    made.refresh_from_db()
    assert answer.status_code == 409
    assert made.custom == {"c_grade": "second"}


def test_a_reader_sees_the_values_and_cannot_change_them(ada: Any, rita: Any, as_user: Any) -> None:
    make_field(ada, "Grade", object_name="product")
    made = make_product("A", c_grade="best")
    client = as_user(rita)

    assert b"best" in client.get(f"/products/{made.public_id}/").content
    assert client.get(f"/fields/product/{made.public_id}/").status_code == 403
    assert client.post(f"/fields/product/{made.public_id}/", {"c_grade": "worst"}).status_code == 403


ATTACKS = ("'", '"', "%", "\\", "x' or 1=1 --", "a,b", "🙂", "1e999", "NaN", "{}", "[]", "null", "9" * 190)


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_of_a_filter_breaks_out(ada: Any, as_user: Any, kind: str) -> None:
    make_every_kind(ada, object_name="product")
    make_product("A", **EVERY_VALUE)
    field = PRODUCTS.fields_for(ada)[f"c_my_{kind}"]
    client = as_user(ada)

    for operator in field.operators:
        for attack in ATTACKS:
            asked = {"filter": f"{field.name}.{operator}:{attack}"}
            assert client.get("/products/", asked).status_code in (200, 400), asked


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "c_nothing.is:x"},
        {"filter": "custom.is:x"},
        {"filter": "c_grade.sounds_like:x"},
        {"filter": "c_grade'.is:x"},
        {"filter": "r.custom.is:x"},
        {"sort": "c_nothing"},
        {"sort": "-custom"},
        {"filter": ["c_grade.is:x"] * 21},
    ],
)
def test_nothing_but_known_names_can_be_asked(ada: Any, query: dict[str, Any]) -> None:
    make_field(ada, "Grade", object_name="product")

    with pytest.raises(UnknownField):
        ask(PRODUCTS, ada, **query)


def test_products_are_sorted_by_own_fields_with_the_empty_ones_last(ada: Any) -> None:
    make_field(ada, "Rank", "number", object_name="product")
    for code, rank in (("A", "10"), ("B", "9"), ("C", "100")):
        make_product(code, c_rank=rank)
    make_product("D")
    asked = ask(PRODUCTS, ada, sort="c_rank")

    rows = fetch_page(asked, columns=[asked.fields["code"]], size=2)
    asked_on = ask(PRODUCTS, ada, sort="c_rank", after=rows.next_cursor)

    assert [row["code"] for row in rows.rows] == ["B", "A"]
    assert [row["code"] for row in fetch_page(asked_on, columns=[asked.fields["code"]]).rows] == ["C", "D"]
