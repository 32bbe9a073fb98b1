"""Views of lists: kept under a name, shared, opened first; and columns. A view never shows more than its reader may see."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from rapport.accounts.models import Role
from rapport.audit.models import AuditEvent
from rapport.commerce.actions import place_order
from rapport.commerce.tests.test_orders import an_order
from rapport.core.acting import SYSTEM, acting
from rapport.core.personal import Person
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields.actions import archive_field
from rapport.records.exporting.lists import every_list
from rapport.records.models import ListChoice, RoleView, SavedView
from rapport.records.retention import RETAINED
from rapport.records.saved_views import actions
from rapport.records.saved_views.forgetting import collect_views, forget_in_views
from rapport.records.tests.own_fields import make_field
from rapport.records.tests.test_layouts import hide
from tests.world import NOW

URL = "/customers/"
pytestmark = pytest.mark.usefixtures("db")


def make_view(by: Any, name: str = "Leeds", *, shared: bool = False, **asked: list[str]) -> SavedView:
    view = actions.save_view(
        "customer", name=name, asked=asked or {"filter": ["city.is:Leeds"], "sort": ["-name"]},
        columns=None, by=by, now=NOW,
    )  # fmt: skip
    if shared:
        actions.set_shared(view, True, by=by)
    return view


@pytest.fixture
def two(alice: Any) -> tuple[Any, Any]:
    return make_customer("Ana", owner=alice, city="Leeds"), make_customer("Berta", owner=alice, city="Porto")


def heads(page: str) -> list[str]:
    found = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page, flags=re.S)
    return [re.sub(r"<[^>]+>|[↓↑]", "", each).strip() for each in found if "data-select-all" not in each]


def test_a_list_is_saved_with_its_filters_order_and_columns_and_opened_again(
    alice: Any, as_user: Any, two: Any
) -> None:
    client = as_user(alice)
    page = client.get("/lists/customer/views/new/?filter=city.is:Leeds&sort=-name").content.decode()
    assert "Leeds" in page

    answer = client.post(
        "/lists/customer/views/new/",
        {"name": "Leeds", "query": "filter=city.is:Leeds&sort=-name", "is_pinned": "on"},
    )
    view = SavedView.objects.get()
    opened = client.get(answer["Location"]).content.decode()

    assert view.asked == {"filter": ["city.is:Leeds"], "sort": ["-name"]}
    assert answer["Location"] == f"/customers/?view={view.public_id}"
    assert f"/customers/{two[0].public_id}/" in opened
    assert f"/customers/{two[1].public_id}/" not in opened
    assert re.search(
        rf'<a href="/customers/\?view={view.public_id}" aria-current="page" translate="no">Leeds</a>', opened
    )
    assert re.search(r'aria-sort="descending"', opened)


def test_a_list_shows_by_what_it_is_ordered_and_narrowed_unless_its_columns_were_chosen(
    alice: Any, as_user: Any, two: Any
) -> None:
    client = as_user(alice)
    usual = heads(client.get(URL).content.decode())
    asked = "?sort=-last_purchase_on&filter=none(first_purchase_on.before:2026-01-01)&filter=city.is:Leeds"

    shown = heads(client.get(URL + asked).content.decode())

    assert shown == [usual[0], "Last purchase", "First purchase", *usual[1:]]
    actions.keep_columns("customer", ["name", "city"], by=alice)
    assert heads(client.get(URL + asked).content.decode()) == [usual[0], "City"]


def test_taking_the_last_filter_of_a_view_away_shows_more_and_offers_to_keep_that(
    alice: Any, as_user: Any, two: Any
) -> None:
    view, client = make_view(alice), as_user(alice)
    page = client.get(f"{URL}?view={view.public_id}").content.decode()
    without = re.search(r'<a href="([^"]+)" aria-label="Remove the filter City"', page)
    assert without is not None

    changed = client.get(without[1].replace("&amp;", "&")).content.decode()
    assert f"/customers/{two[1].public_id}/" in changed
    assert "Save in this view" in changed
    query = f"view={view.public_id}&sort=-name"
    answer = client.post(f"/views/{view.public_id}/", {"name": "Everyone, from the end", "query": query})

    view.refresh_from_db()
    assert answer.status_code == 302
    assert (view.name, view.asked) == ("Everyone, from the end", {"sort": ["-name"]})


def test_giving_a_view_another_name_leaves_what_it_asks(alice: Any, as_user: Any) -> None:
    view = make_view(alice)

    as_user(alice).post(f"/views/{view.public_id}/", {"name": "Other", "query": "", "opens": "on"})

    view.refresh_from_db()
    assert (view.name, view.asked["filter"]) == ("Other", ["city.is:Leeds"])
    assert ListChoice.objects.get(user=alice).opens_id == view.pk


@pytest.mark.parametrize("name", ["", "x" * 61, "leeds"])
def test_a_view_without_a_name_of_its_own_is_refused_beside_the_field(alice: Any, as_user: Any, name: str) -> None:
    make_view(alice, "Leeds")

    answer = as_user(alice).post("/lists/customer/views/new/", {"name": name, "query": "q=ana"})

    assert answer.status_code == 422
    assert SavedView.objects.count() == 1


def test_a_view_of_somebody_else_is_not_there(alice: Any, bob: Any, as_user: Any) -> None:
    view, client = make_view(alice), as_user(bob)
    missing = uuid.uuid4()

    for path in ("/views/{}/", "/customers/?view={}"):
        mine, none = client.get(path.format(view.public_id)), client.get(path.format(missing))
        assert mine.status_code == none.status_code == 404
    for act in ("copy", "delete", "restore", "pin"):
        assert client.post(f"/views/{view.public_id}/{act}/").status_code == 404
    assert client.post("/lists/customer/views/first/", {"view": view.public_id}).status_code == 404
    assert client.post(f"/views/{view.public_id}/", {"name": "Mine"}).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.trashed_at) == ("Leeds", None)


def test_what_is_no_id_and_a_view_of_another_list_are_not_there(alice: Any, as_user: Any) -> None:
    view, client = make_view(alice), as_user(alice)

    assert client.get(f"{URL}?view=x%00y").status_code == 404
    assert client.get(f"/orders/?view={view.public_id}").status_code == 404
    assert client.get("/lists/nothing/views/").status_code == 404


def test_a_shared_view_shows_each_reader_her_own_rows(alice: Any, charlie: Any, as_user: Any, two: Any) -> None:
    view = make_view(alice, shared=True)
    theirs = make_customer("Cleo", owner=charlie, city="Leeds")

    page = as_user(charlie).get(f"{URL}?view={view.public_id}").content.decode()

    assert f"/customers/{theirs.public_id}/" in page
    assert f"/customers/{two[0].public_id}/" not in page
    assert "Leeds" in as_user(charlie).get("/lists/customer/views/").content.decode()


def test_only_who_may_share_shares(ada: Any, alice: Any, as_user: Any) -> None:
    mine, hers = make_view(alice), make_view(ada)

    as_user(alice).post(f"/views/{mine.public_id}/", {"name": "Leeds", "is_shared": "on"})
    as_user(ada).post(f"/views/{hers.public_id}/", {"name": "Leeds", "is_shared": "on"})
    new = "/lists/customer/views/new/"
    for user, view, is_told in ((alice, mine, True), (ada, hers, False)):
        for address in (f"/views/{view.public_id}/", new):
            assert ("Your role does not share views" in as_user(user).get(address).text) is is_told

    mine.refresh_from_db()
    hers.refresh_from_db()
    assert (mine.is_shared, hers.is_shared) == (False, True)
    assert AuditEvent.objects.filter(operation="view shared", row_id=str(hers.public_id)).exists()


def test_a_shared_view_is_changed_by_its_maker_and_who_may_share_alone(
    ada: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    view = make_view(alice, shared=True)

    assert as_user(bob).post(f"/views/{view.public_id}/", {"name": "Mine"}).status_code == 404
    assert as_user(bob).post(f"/views/{view.public_id}/delete/").status_code == 404
    assert "Copy it" in as_user(bob).get(f"/views/{view.public_id}/").content.decode()
    assert as_user(ada).post(f"/views/{view.public_id}/", {"name": "Ours", "is_shared": "on"}).status_code == 302

    view.refresh_from_db()
    assert view.name == "Ours"


def test_a_copy_is_ones_own(alice: Any, bob: Any, as_user: Any) -> None:
    view = make_view(alice, shared=True)
    client = as_user(bob)

    client.post(f"/views/{view.public_id}/copy/")
    client.post(f"/views/{view.public_id}/copy/")

    copies = SavedView.objects.filter(made_by=bob).order_by("pk")
    assert [each.name for each in copies] == ["Copy of Leeds", "Copy of Leeds 2"]
    assert all(each.asked == view.asked and not each.is_shared for each in copies)


def test_fields_hidden_from_the_reader_drop_out_and_the_page_says_so_without_naming_them(
    ada: Any, alice: Any, as_user: Any, two: Any
) -> None:
    make_field(ada, "Standing")
    view = make_view(ada, shared=True, filter=["c_standing.is:Watched", "city.is:Leeds"], sort=["name"])
    actions.change_view(view, columns=["name", "c_standing:wide", "city"], by=ada, now=NOW)
    hide("c_standing", role=alice.role, by=ada)

    page = as_user(alice).get(f"{URL}?view={view.public_id}").content.decode()
    about = as_user(alice).get(f"/views/{view.public_id}/").content.decode()

    assert heads(page) == ["Name", "City"]
    assert f"/customers/{two[0].public_id}/" in page
    assert "2 filters or columns are left out" in page
    for hidden in ("Standing", "c_standing", "Watched"):
        assert hidden not in page
        assert hidden not in about


def test_a_view_still_opens_when_its_field_has_been_archived(ada: Any, as_user: Any, two: Any) -> None:
    field = make_field(ada, "Standing")
    view = make_view(ada, filter=["any(c_standing.is:x;city.is:Leeds)"], sort=["name"])
    archive_field(field, by=ada, now=NOW)

    answer = as_user(ada).get(f"{URL}?view={view.public_id}")

    assert answer.status_code == 200
    assert "1 filter or column is left out" in answer.content.decode()


def test_a_list_opens_with_the_view_of_the_role_until_somebody_chooses_another(
    ada: Any, alice: Any, as_user: Any, two: Any
) -> None:
    view, own = make_view(ada, shared=True), make_view(alice, "Porto", filter=["city.is:Porto"])
    actions.set_roles(view, [alice.role], by=ada)
    client = as_user(alice)

    def shown() -> list[bool]:
        page = client.get(URL).content.decode()
        return [f"/customers/{each.public_id}/" in page for each in two]

    assert shown() == [True, False]
    client.post("/lists/customer/views/first/", {"view": own.public_id})
    assert shown() == [False, True]
    client.post("/lists/customer/views/first/", {"view": "all"})
    assert shown() == [True, True]
    client.post("/lists/customer/views/first/", {"view": ""})
    assert shown() == [True, False]
    page = client.get(URL).content.decode()
    assert '<a href="/customers/?view=all">Everyone</a>' in page
    assert f"/customers/{two[1].public_id}/" in client.get(f"{URL}?view=all").content.decode()


def test_a_view_that_is_shared_no_longer_is_no_roles_and_nobody_elses_tab(ada: Any, alice: Any, as_user: Any) -> None:
    view = make_view(ada, shared=True)
    actions.set_roles(view, [alice.role], by=ada)
    actions.pin_view(view, True, by=alice)
    actions.open_with("customer", view, by=alice)

    as_user(ada).post(f"/views/{view.public_id}/", {"name": "Leeds"})

    choice = ListChoice.objects.get(user=alice)
    assert (choice.pinned, choice.opens_id, RoleView.objects.count()) == ([], None, 0)
    assert as_user(alice).get(URL).status_code == 200


def test_what_a_role_begins_with_has_to_be_shared(ada: Any, alice: Any, as_user: Any) -> None:
    view = make_view(ada)
    role = {"roles": [str(alice.role.public_id)]}

    refused = as_user(ada).post(f"/views/{view.public_id}/", {"name": "Leeds", **role})
    kept = as_user(ada).post(f"/views/{view.public_id}/", {"name": "Leeds", "is_shared": "on", **role})

    assert (refused.status_code, kept.status_code) == (422, 302)
    assert RoleView.objects.get().role == alice.role


def test_a_deleted_view_is_gone_and_can_be_restored_for_a_time(alice: Any, as_user: Any) -> None:
    view, client = make_view(alice), as_user(alice)
    actions.pin_view(view, True, by=alice)

    client.post(f"/views/{view.public_id}/delete/")
    assert client.get(f"{URL}?view={view.public_id}").status_code == 404
    assert client.get(URL).status_code == 200
    assert "Restore" in client.get("/lists/customer/views/").content.decode()
    client.post(f"/views/{view.public_id}/restore/")
    assert client.get(f"{URL}?view={view.public_id}").status_code == 200

    actions.trash_view(view, by=alice, now=NOW)
    kept = next(each for each in RETAINED if each.name == "deleted-views")
    later = NOW.replace(year=NOW.year + 1)
    assert (kept.count(later), kept.remove(later), SavedView.objects.count()) == (1, 1, 0)


def test_there_are_at_most_twelve_tabs(alice: Any) -> None:
    for number in range(actions.MOST_PINNED):
        actions.pin_view(make_view(alice, f"View {number}"), True, by=alice)

    with pytest.raises(actions.ViewRefused):
        actions.pin_view(make_view(alice, "One more"), True, by=alice)


def test_views_are_found_in_the_box_that_jumps_by_those_who_have_the_list(alice: Any, bob: Any, as_user: Any) -> None:
    view = make_view(alice, "Leeds and around")

    assert str(view.public_id) in as_user(alice).get("/palette/?q=around").content.decode()
    assert str(view.public_id) not in as_user(bob).get("/palette/?q=around").content.decode()
    with acting(SYSTEM):
        Role.objects.filter(pk=alice.role_id).update(rights=[])
    assert str(view.public_id) not in as_user(alice).get("/palette/?q=around").content.decode()
    assert as_user(alice).get(f"/views/{view.public_id}/").status_code == 404


COLUMNS = "/lists/customer/columns/"


def test_columns_are_chosen_ordered_and_sized_by_a_plain_form(alice: Any, as_user: Any, two: Any) -> None:
    client = as_user(alice)
    order = ["name", "email", "city", "owner"]

    client.post(COLUMNS, {"order": order, "column": ["city", "email", "owner"], "width-email": "wide"})
    page = client.get(URL).content.decode()
    assert heads(page) == ["Name", "E-mail", "City", "Owner"]
    assert 'class="width-wide"' in page
    assert '<td class="nowrap" translate="no">Alice</td>' in page

    moved = client.post(COLUMNS, {"order": order, "column": ["city", "email"], "up": "city"})
    assert moved["Location"] == f"{COLUMNS}#column-city"
    assert heads(client.get(URL).content.decode()) == ["Name", "City", "E-mail"]
    client.post(COLUMNS, {"reset": "1"})
    assert ListChoice.objects.get(user=alice).columns is None


def test_a_column_that_is_none_or_hidden_is_not_shown(ada: Any, alice: Any, as_user: Any, two: Any) -> None:
    client = as_user(alice)
    names = ["name", "email", "no_such", "c_x'; drop", "email"]
    client.post(COLUMNS, {"order": names, "column": names, "width-email": "9999px", "up": "no_such"})
    assert ListChoice.objects.get(user=alice).columns == ["name", "email"]

    hide("email", role=alice.role, by=ada)

    assert heads(client.get(URL).content.decode()) == ["Name"]
    assert "E-mail" not in client.get(COLUMNS).content.decode()


def test_columns_of_a_view_are_its_own(alice: Any, bob: Any, as_user: Any, two: Any) -> None:
    view, client = make_view(alice, shared=True), as_user(alice)
    query = f"view={view.public_id}"

    client.post(COLUMNS, {"query": query, "order": ["name", "phone"], "column": ["phone"]})

    assert heads(client.get(f"{URL}?{query}").content.decode()) == ["Name", "Phone"]
    assert "City" in heads(client.get(URL).content.decode())
    assert as_user(bob).post(COLUMNS, {"query": query, "order": ["name"], "column": []}).status_code == 403
    assert "Copy it" in as_user(bob).get(f"{COLUMNS}?{query}").content.decode()
    view.refresh_from_db()
    assert view.columns == ["name", "phone"]


@pytest.mark.parametrize("listed", ["customer", "order", "order_line", "product"])
def test_every_field_of_every_list_can_be_a_column(ada: Any, as_user: Any, listed: str) -> None:
    ana = make_customer("Ana", owner=ada, city="Leeds", email="ana@example.com")
    place_order(an_order(ana), by=SYSTEM, now=NOW)
    client = as_user(ada)
    page = client.get(f"/lists/{listed}/columns/").content.decode()
    names = re.findall(r'name="order" value="([^"]+)"', page)

    client.post(f"/lists/{listed}/columns/", {"order": names, "column": names})
    answer = client.get(reverse(every_list()[listed].url_name))

    assert answer.status_code == 200
    assert len(heads(answer.content.decode())) == min(len(names), 40)


def test_a_file_of_the_list_begins_with_its_columns(ada: Any, as_user: Any, two: Any) -> None:
    client = as_user(ada)
    client.post(COLUMNS, {"order": ["name", "phone", "city"], "column": ["phone", "city"]})
    page = client.get(f"{URL}?filter=city.is:Leeds").content.decode()
    export = re.search(r'href="(/exports/new/customer/[^"]+)"', page)
    assert export is not None

    form = client.get(export[1].replace("&amp;", "&")).content.decode()

    boxes = re.findall(r'name="column" value="(\w+)"( checked)?', form)
    assert [name for name, checked in boxes if checked] == ["name", "phone", "city"]
    assert [name for name, _ in boxes][:3] == ["name", "phone", "city"]


def test_a_page_that_stays_open_is_told_how_many_rows_have_changed(alice: Any, as_user: Any, two: Any) -> None:
    client = as_user(alice)
    page = client.get(URL).content.decode()
    found = re.search(r'data-poll="(/customers/[^"]+)"', page)
    assert found is not None
    asks = found[1].replace("&amp;", "&")

    same = client.get(asks, headers={"HX-Request": "true"})
    again = client.get(asks, headers={"HX-Request": "true", "If-None-Match": same["ETag"]})
    make_customer("Cleo", owner=alice)
    changed = client.get(asks, headers={"HX-Request": "true", "If-None-Match": same["ETag"]})

    assert (same.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert "changed" not in same.content.decode().replace("list-changes", "")
    assert "1 row has changed" in changed.content.decode()
    assert '<a href="/customers/?">' not in changed.content.decode()
    assert client.get(f"{URL}?since=zz").status_code == 400


def test_another_value_counts_as_a_change_and_another_teams_row_does_not(
    alice: Any, charlie: Any, as_user: Any, two: Any
) -> None:
    client = as_user(alice)
    asks = re.search(r'data-poll="(/customers/[^"]+)"', client.get(URL).content.decode())
    assert asks is not None
    address = asks[1].replace("&amp;", "&")

    make_customer("Charlie’s", owner=charlie)
    assert "has changed" not in client.get(address).content.decode()
    with acting(SYSTEM):
        type(two[0]).objects.filter(pk=two[0].pk).update(city="York")
    assert "1 row has changed" in client.get(address).content.decode()


def test_whoever_is_erased_is_in_no_view(alice: Any) -> None:
    names = {"Ana Lopez": {"q": ["ana lo"]}, "Hers": {"filter": ["email.is:ana@example.com", "city.is:Analand"]}}
    for name, asked in names.items():
        make_view(alice, name, sort=["name"], **asked)
    person = Person((), (), (), emails=frozenset({"ana@example.com"}), names=frozenset({"Ana Lopez"}))

    said = [each["said"] for each in collect_views(person)["views_of_lists"]]
    assert said == ["Ana Lopez", "ana lo", "email.is:ana@example.com"]
    with acting(SYSTEM):
        assert forget_in_views(person) == {"records_savedview": 2}

    kept = SavedView.objects.order_by("pk")
    assert [each.asked for each in kept] == [{"sort": ["name"]}, {"sort": ["name"], "filter": ["city.is:Analand"]}]
    assert "Ana" not in kept[0].name
    assert kept[1].name == "Hers"


def test_opening_a_list_with_views_takes_two_statements_more_at_most(
    alice: Any, as_user: Any, two: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        actions.pin_view(make_view(alice, f"View {number}"), True, by=alice)
    client = as_user(alice)
    client.get(URL)

    with django_assert_max_num_queries(14):  # one of them looks at what its filter costs
        client.get(f"{URL}?view={SavedView.objects.first().public_id}")  # type: ignore[union-attr]
