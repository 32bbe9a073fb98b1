"""What a role does not see is nowhere: not on pages, not in lists, and no parameter can tell that it is there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rapport.commerce.lists import PRODUCTS
from rapport.customers.lists import CUSTOMERS
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields.actions import save_layout
from rapport.records.layouts.sight import hidden_names, visible_fields
from rapport.records.models import FieldLayout
from rapport.records.registry import UnknownField
from rapport.records.tests.own_fields import make_field
from rapport.records.tests.test_custom_fields import make_product
from rapport.records.tests.test_lists import ask

SECRET = "Under watch"
_TOKEN = re.compile(r'="[A-Za-z0-9]{64}"|· [0-9a-f]{12}')


def said(answer: Any) -> str:
    """A page without what differs at every request."""
    return _TOKEN.sub("", answer.content.decode())


def hide(*names: str, role: Any, by: Any, object_name: str = "customer", **details: Any) -> None:
    values = {"hidden": names, "ordering": (), "columns": None, "hidden_panels": (), "panel_ordering": ()}
    save_layout(role, object_name, by=by, **{**values, **details})


@pytest.fixture
def secret(ada: Any, alice: Any) -> Any:
    """A field of the business's own, and the e-mail address, that Sales do not see."""
    make_field(ada, "Standing", is_column=True, is_searched=True)
    hide("c_standing", "email", "born_on", role=alice.role, by=ada)
    return make_customer(
        "Ana",
        owner=alice,
        email="ana@secret.example",
        born_on="1990-01-02",
        custom={"c_standing": SECRET},
        city="Leeds",
    )


PATHS = (
    "/customers/",
    "/customers/{id}/",
    "/customers/{id}/edit/",
    "/customers/?q=ana",
    "/customers/{id}/?tab=timeline",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_hidden_value_is_on_no_page(secret: Any, alice: Any, ada: Any, as_user: Any, path: str) -> None:
    address = path.format(id=secret.public_id)

    page = as_user(alice).get(address).content.decode()

    assert "Ana" in page
    for hidden in (SECRET, "Standing", "ana@secret.example", "c_standing", "1990"):
        assert hidden not in page, hidden


def test_others_see_it(secret: Any, ada: Any, as_user: Any) -> None:
    page = as_user(ada).get(f"/customers/{secret.public_id}/").content.decode()

    assert SECRET in page
    assert "ana@secret.example" in page.replace("<wbr>", "")


@pytest.mark.parametrize(
    "query",
    [
        "filter={name}.is:x",
        "filter={name}.filled",
        "sort={name}",
        "sort=-{name}",
        "filter=city.is:Leeds&filter={name}.empty",
    ],
)
@pytest.mark.parametrize("name", ["c_standing", "email", "born_on"])
def test_naming_a_hidden_field_is_answered_like_a_name_that_never_was(
    secret: Any, alice: Any, as_user: Any, query: str, name: str
) -> None:
    client = as_user(alice)

    hidden = client.get("/customers/?" + query.format(name=name))
    unknown = client.get("/customers/?" + query.format(name="x" * len(name)))

    assert hidden.status_code == unknown.status_code == 400
    assert said(hidden).replace(name, "") == said(unknown).replace("x" * len(name), "")


def test_the_filter_form_tells_nothing_either(secret: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    answers = [
        said(client.get("/customers/", {"field": name, "operator": "is", "value": "x"}, follow=True))
        for name in ("c_standing", "c_zzzzzzzz")
    ]

    assert answers[0].replace("c_standing", "") == answers[1].replace("c_zzzzzzzz", "")


@pytest.mark.parametrize("words", [SECRET, "under", "ana@secret.example", "secret"])
def test_a_search_does_not_tell_what_a_hidden_field_holds(
    secret: Any, alice: Any, ada: Any, as_user: Any, words: str
) -> None:
    found = as_user(alice).get("/customers/", {"q": words}).content.decode()
    seen = as_user(ada).get("/customers/", {"q": words}).content.decode()

    assert f"/customers/{secret.public_id}/" not in found
    assert f"/customers/{secret.public_id}/" in seen


def test_a_search_by_what_is_seen_finds_as_before(secret: Any, alice: Any, as_user: Any) -> None:
    assert f"/customers/{secret.public_id}/" in as_user(alice).get("/customers/", {"q": "ana"}).content.decode()


def test_what_is_hidden_cannot_be_written(secret: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    sent = {
        "version": secret.version,
        "name": "Ana B",
        "email": "other@example.com",
        "c_standing": "x",
        "city": "Leeds",
    }

    answer = client.post(f"/customers/{secret.public_id}/edit/", sent)

    secret.refresh_from_db()
    assert answer.status_code == 302
    assert (secret.name, secret.email, secret.custom) == ("Ana B", "ana@secret.example", {"c_standing": SECRET})


def test_a_nameless_customer_is_not_called_by_a_hidden_address(ada: Any, alice: Any) -> None:
    make_customer("", owner=alice, email="ana@secret.example", external_id="C1")
    hide("email", role=alice.role, by=ada)

    assert "email" not in CUSTOMERS.fields_for(alice)["name"].sql
    assert "email" in CUSTOMERS.fields_for(ada)["name"].sql


def test_what_goes_with_a_hidden_field_is_hidden_too(ada: Any, alice: Any) -> None:
    hide("owner_name", "last_contact", role=alice.role, by=ada)

    for name in ("owner_name", "owner", "last_contact", "last_contact_kind"):
        with pytest.raises(UnknownField):
            ask(CUSTOMERS, alice, filter=f"{name}.filled")


def test_an_essential_field_stays(ada: Any, alice: Any) -> None:
    hide("name", role=alice.role, by=ada, object_name="product")

    assert "name" in visible_fields(alice, "product")
    assert hidden_names(alice, "product") == frozenset()


def test_a_role_has_its_own_columns_in_its_own_order(ada: Any, alice: Any, as_user: Any) -> None:
    make_field(ada, "Grade", object_name="product")
    make_product("A", c_grade="best")
    hide(
        role=alice.role,
        by=ada,
        object_name="product",
        columns=["c_grade", "code"],
        ordering=["c_grade", "name", "code"],
    )

    shown = [f.name for f in PRODUCTS.fields_for(alice).values() if f.default_column]
    page = as_user(alice).get("/products/").content.decode()

    assert shown == ["c_grade", "name", "code"]
    assert page.index(">Grade<") < page.index(">Name")
    assert "Category</a></th>" not in page


def test_the_trail_names_own_fields_by_their_labels_and_leaves_hidden_ones_out(ada: Any, as_user: Any) -> None:
    make_field(ada, "Grade", "choice", object_name="product", choices=["Gold", "Silver"])
    make_field(ada, "Standing", object_name="product")
    made = make_product("A", c_grade="gold", c_standing="first")
    as_user(ada).post(f"/fields/product/{made.public_id}/", {"c_grade": "silver", "c_standing": SECRET})

    before = _in_one_line(as_user(ada).get("/settings/audit/"))
    hide("c_standing", "price", role=ada.role, by=ada, object_name="product")
    after = _in_one_line(as_user(ada).get("/settings/audit/"))

    assert "Grade Gold → Silver" in before
    assert f"Standing first → {SECRET}" in before
    assert "Price" in before
    assert "Grade Gold → Silver" in after
    for hidden in (SECRET, "Standing first", "Price"):
        assert hidden not in after


def _in_one_line(answer: Any) -> str:
    """The words of the trail, without their marks."""
    rows = answer.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", rows).split())


def test_a_layout_is_made_on_screen_and_moved_by_buttons(ada: Any, alice: Any, as_user: Any) -> None:
    make_field(ada, "Grade", object_name="product")
    client, path = as_user(ada), f"/settings/fields/roles/{alice.role.public_id}/?object=product"
    page = client.get(path).content.decode()

    client.post(path, {"shown": ["name", "code", "c_grade"], "column": ["name"], "up": "field:c_grade"})
    layout = FieldLayout.objects.get()

    assert "Cost" in page
    assert layout.role == alice.role
    assert {"cost", "price", "category"} <= set(layout.hidden)
    assert "c_grade" not in layout.hidden
    assert layout.columns == ["name"]
    assert layout.ordering.index("c_grade") == len(layout.ordering) - 2
    assert as_user(alice).get("/products/?filter=cost.over:1").status_code == 400

    client.post(path, {"reset": "1"})
    assert not FieldLayout.objects.exists()
    assert as_user(alice).get("/products/?filter=cost.over:1").status_code == 200


def test_hidden_panels_are_not_on_the_page(ada: Any, alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana", owner=alice)
    path = f"/customers/{customer.public_id}/"
    before = as_user(alice).get(path).content.decode()
    hide(role=alice.role, by=ada, hidden_panels=["orders"])

    after = as_user(alice).get(path)

    assert "?tab=orders" in before
    assert "?tab=orders" not in after.content.decode()
    assert as_user(alice).get(path + "?tab=orders").status_code == 404


def test_layouts_are_for_those_with_the_right(alice: Any, as_user: Any) -> None:
    client = as_user(alice)

    assert client.get("/settings/fields/roles/").status_code == 403
    assert client.post(f"/settings/fields/roles/{alice.role.public_id}/", {"reset": "1"}).status_code == 403


def test_merging_and_hints_of_duplicates_do_not_tell_what_is_hidden(
    secret: Any, ada: Any, alice: Any, as_user: Any
) -> None:
    other = make_customer("Anna", owner=alice, email="other@secret.example", custom={"c_standing": "Fine"})
    client, path = as_user(alice), f"/customers/merge/?id={secret.public_id}&id={other.public_id}"

    preview = client.get(path).content.decode()
    hint = client.post("/customers/duplicates/", {"email": "ana@secret.example"}).content.decode()
    contacts = client.get(f"/customers/{secret.public_id}/contacts/").content.decode()
    card = client.get(f"/customers/{secret.public_id}/vcard/").content.decode()

    assert "Leeds" in preview
    for page in (preview, hint, contacts, card):
        for hidden in (SECRET, "Fine", "secret.example", "Standing", str(secret.public_id) if page is hint else SECRET):
            assert hidden not in page
    assert SECRET in as_user(ada).get(path).content.decode()
