"""Many customers at once: values written by the list's act “Edit”, tags, the trash; each with its way back."""

from __future__ import annotations

import html
import re
from typing import Any

from django.urls import reverse

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import edit_customer
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.editing.actions import edit_customers, say_again
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import make_customer
from rapport.customers.whole_person import whole_person
from rapport.identity.actions import merge_customers, split_customer
from rapport.privacy.erasing import erase_person
from rapport.records.bulk.acts import Refused, Treated
from rapport.records.bulk.models import BulkItem, BulkRun
from rapport.records.custom_fields.actions import add_field, save_layout
from rapport.records.models import Tag
from tests.world import NOW, without_tokens


def act(client: Any, name: str, *customers: Customer, **answers: Any) -> BulkRun:
    """Select, answer and begin; the act as it then is."""
    rows = [str(each.public_id) for each in customers]
    page = client.post(reverse("bulk_choose", args=["customer"]), {"act": name, "row": rows, "query": ""})
    begun = client.post(f"{page['Location']}begin/", answers)
    assert begun.status_code == 302, begun.content.decode()
    return BulkRun.objects.latest("pk")


def undo(client: Any, run: BulkRun) -> BulkRun:
    client.post(reverse("bulk_undo", args=[run.public_id]))
    run.refresh_from_db()
    return run


def fresh(*customers: Customer) -> list[Customer]:
    return [Customer.objects.get(pk=each.pk) for each in customers]


def test_many_say_what_was_typed_once_and_have_it_taken_back(alice: Any) -> None:
    ana = make_customer("Ana Souza", owner=alice, city="Lisboa", street="Rua 1", phone="+351 21 000 0000")
    rui = make_customer("Rui", owner=alice, city="Porto")
    edit_customer(rui, {"city": "Braga"}, version=rui.version, by=alice, now=NOW)
    before = [(each.city, each.street, each.country) for each in fresh(ana, rui)]

    done = edit_customers(
        {ana.pk: {"city": "Faro", "country": "Portugal"}, rui.pk: {"city": "Faro"}}, by=alice, now=NOW
    )
    said = [(each.city, each.street, each.country) for each in fresh(ana, rui)]
    back = say_again({key: answer.undo for key, answer in done.items()}, by=alice, now=NOW)  # type: ignore[union-attr]

    assert said == [("Faro", "Rua 1", "PT"), ("Faro", None, None)]
    assert back == {ana.pk: Treated(), rui.pk: Treated()}
    assert [(each.city, each.street, each.country) for each in fresh(ana, rui)] == before
    assert Profile.objects.get(customer=rui, source__name="staff").city == "Braga"


def test_what_edit_customer_would_refuse_is_refused_row_by_row(alice: Any, charlie: Any) -> None:
    ana = make_customer("Ana", owner=alice, city="Lisboa")
    other = make_customer("Other", owner=charlie)
    held = make_customer("Held", owner=alice)
    nameless = make_customer("", external_id="n1", owner=alice, email="x@shop.example")
    restrict_processing(held, ground="disputed", by=SYSTEM, now=NOW)

    emptied = edit_customers({ana.pk: {"city": None}, other.pk: {"city": "Faro"}}, by=alice, now=NOW)
    rest = edit_customers({held.pk: {"city": "Faro"}, nameless.pk: {"email": None}}, by=alice, now=NOW)
    since = edit_customers({ana.pk: {"city": "Faro"}}, by=alice, now=NOW, opened={ana.pk: {"city": "Porto"}})

    assert list(emptied) == [ana.pk]
    assert [type(each) for each in (emptied[ana.pk], rest[held.pk], rest[nameless.pk], since[ana.pk])] == [Refused] * 4
    assert "Another source says this" in emptied[ana.pk].reason  # type: ignore[union-attr]
    assert [each.city for each in fresh(ana, other, held)] == ["Lisboa", None, None]


def test_an_undo_leaves_what_somebody_changed_since(alice: Any) -> None:
    ana = make_customer("Ana", owner=alice)
    done = edit_customers({ana.pk: {"city": "Faro", "job_title": "Owner"}}, by=alice, now=NOW)
    ana.refresh_from_db()
    edit_customer(ana, {"city": "Porto"}, version=ana.version, by=alice, now=NOW)

    back = say_again({ana.pk: done[ana.pk].undo}, by=alice, now=NOW)  # type: ignore[union-attr]

    assert isinstance(back[ana.pk], Refused)
    assert (fresh(ana)[0].city, fresh(ana)[0].job_title) == ("Porto", "Owner")


def hold(client: Any, customer: Customer, **sent: Any) -> Any:
    return client.post(reverse("record_tags", args=["customer", customer.public_id]), sent, follow=True)


def test_tags_are_made_while_typing_shown_filtered_and_undone(alice: Any, rita: Any, as_user: Any) -> None:
    client = as_user(alice)
    ana, rui = make_customer("Ana Souza", owner=alice), make_customer("Rui Dias", owner=alice)

    page = hold(client, ana, add="Key account; West").content.decode()
    hold(client, rui, add="WEST")
    offered = client.get(reverse("tags_offered", args=["customer"]), {"add": "key"}).content.decode()
    either, both, none = (
        without_tokens(client.get(f"/customers/?filter=tags.{text}"))
        for text in ("has:key-account", "has_all:west,key-account", "has_not:key-account")
    )
    listed = client.get("/customers/?filter=tags.has:west").content.decode()

    assert 'href="/customers/?filter=tags.has:key-account">Key account</a>' in page
    assert (offered.count("<option"), "Key account" in offered) == (1, True)
    assert [("Ana Souza" in each, "Rui Dias" in each) for each in (either, both, none)] == [
        (True, False), (True, False), (False, True),
    ]  # fmt: skip
    assert "Ana Souza" in listed
    assert [each.tags for each in fresh(ana, rui)] == [["key-account", "west"], ["west"]]
    client.post("/changes/undo/")
    hold(client, ana, remove="west")
    assert [each.tags for each in fresh(ana, rui)] == [["key-account"], None]
    assert as_user(rita).get(reverse("record_tags", args=["customer", ana.public_id])).status_code == 404


def test_many_are_tagged_and_have_their_tags_back(alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    ana, rui = make_customer("Ana", owner=alice), make_customer("Rui", owner=alice)
    hold(client, ana, add="Old; Kept")

    run = act(client, "tag", ana, rui, add="New one", take="old")
    tagged = [each.tags for each in fresh(ana, rui)]
    undo(client, run)

    assert tagged == [["kept", "new-one"], ["new-one"]]
    assert [each.tags for each in fresh(ana, rui)] == [["kept", "old"], None]


def test_a_merge_unites_tags_and_a_split_gives_each_side_its_own(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    ana, double, third = make_customer("Ana"), make_customer("A. Souza"), make_customer("Third")
    hold(client, ana, add="Vip")
    hold(client, double, add="West; Vip; Late")
    merge_customers(ana.pk, [double.pk, third.pk], by=ada, now=NOW)
    united = [each.tags for each in fresh(ana, double)]
    hold(client, ana, add="Later", remove="late")
    merged = fresh(ana)[0].tags
    split_customer(ana.pk, [double.pk], by=ada, now=NOW)

    assert united == [["late", "vip", "west"], ["late", "vip", "west"]]
    assert merged == ["later", "vip", "west"]
    assert [(each.tags, each.tags_alone) for each in fresh(ana, double, third)] == [
        (["later", "vip"], None), (["vip", "west"], None), (None, None),
    ]  # fmt: skip


def test_tags_are_renamed_merged_and_deleted_with_a_way_back(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    ana, rui = make_customer("Ana"), make_customer("Rui")
    hold(client, ana, add="Vip; West")
    hold(client, rui, add="V.I.P.")
    vip, other, west = (Tag.objects.get(label=label) for label in ("Vip", "V.I.P.", "West"))

    client.post(reverse("tag_rename", args=[west.public_id]), {"label": "vip"})
    client.post(reverse("tag_rename", args=[west.public_id]), {"label": "Far west"})
    page = client.get(reverse("tags")).content.decode()
    client.post(reverse("tag_merge", args=[other.public_id]), {"into": str(vip.public_id)})
    merged = [each.tags for each in fresh(ana, rui)]
    offered = "V.I.P." in client.get(reverse("tags")).content.decode()
    undo(client, BulkRun.objects.latest("pk"))
    back = [each.tags for each in fresh(ana, rui)]
    client.post(reverse("tag_delete", args=[west.public_id]))
    gone = fresh(ana)[0].tags

    assert "Far west" in page
    assert (merged, offered) == ([["vip", "west"], ["vip"]], False)
    assert back == [["vip", "west"], ["v-i-p"]] or back == [["vip", "west"], [other.value]]
    assert Tag.objects.get(pk=other.pk).put_away_at is None
    assert gone == ["vip"]
    assert Tag.objects.get(pk=west.pk).put_away_at is not None


def test_a_role_that_does_not_see_tags_meets_none(alice: Any, ada: Any, as_user: Any) -> None:
    ana = make_customer("Ana", owner=alice)
    hold(as_user(ada), ana, add="Secret word")
    with acting(SYSTEM):
        save_layout(
            alice.role,
            "customer",
            hidden=["tags"],
            ordering=[],
            columns=None,
            hidden_panels=[],
            panel_ordering=[],
            by=ada,
        )
    client = as_user(alice)

    page = client.get(reverse("customer", args=[ana.public_id])).content.decode()

    assert "Secret word" not in page
    assert client.get("/customers/?filter=tags.has:secret-word").status_code == 400
    assert hold(client, ana, add="Mine").status_code == 404
    assert client.get(reverse("tags_offered", args=["customer"])).status_code == 404


def test_the_form_says_what_is_left_what_is_set_and_what_is_emptied(alice: Any, ada: Any, as_user: Any) -> None:
    client = as_user(alice)
    shoe = add_field("customer", label="Shoe size", kind="number", by=ada)
    ana, rui = make_customer("Ana", owner=alice, city="Lisboa"), make_customer("Rui", owner=alice)
    edit_customers({rui.pk: {"job_title": "Buyer"}}, by=alice, now=NOW)
    chosen = client.post(
        reverse("bulk_choose", args=["customer"]), {"act": "edit", "row": [str(ana.public_id)], "query": ""}
    )["Location"]

    page = client.get(chosen).content.decode()
    nothing = client.post(f"{chosen}begin/", {}).content.decode()
    both = client.post(f"{chosen}begin/", {"city": "Faro", "clear_city": "on"}).content.decode()
    run = act(client, "edit", ana, rui, city="Faro", clear_job_title="on", **{shoe.name: "41.5"})
    said = [(each.city, each.job_title, each.custom) for each in fresh(ana, rui)]
    undo(client, run)

    assert 'name="clear_city"' in page
    assert shoe.label in page
    assert "Fill in at least one field" in nothing
    assert "Either a value, or empty." in both
    assert (run.done, run.refused) == (2, 0)
    assert said == [("Faro", None, {shoe.name: "41.5"})] * 2
    assert [(each.city, each.job_title, each.custom) for each in fresh(ana, rui)] == [
        ("Lisboa", None, {}), (None, "Buyer", {}),
    ]  # fmt: skip


def test_many_go_into_the_trash_and_come_back(alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    ana, rui, held = (make_customer(name, owner=alice) for name in ("Ana", "Rui", "Held"))
    restrict_processing(held, ground="disputed", by=SYSTEM, now=NOW)

    run = act(client, "trash", ana, rui, held)
    hidden = [each.trashed_at is not None for each in fresh(ana, rui, held)]
    undo(client, run)

    assert hidden == [True, True, False]
    assert (run.refused, run.undone) == (1, 2)
    assert [each.trashed_at for each in fresh(ana, rui)] == [None, None]


def test_what_was_wanted_of_a_person_goes_when_she_is_erased(ada: Any, as_user: Any) -> None:
    ana = make_customer("Ana")
    act(as_user(ada), "edit", ana, city="Secretville")

    with acting(SYSTEM):
        erase_person(whole_person(ana.pk), key=b"k" * 32)

    assert [(each.undo, each.wanted) for each in BulkItem.objects.all()] == [({}, {})]


def test_rows_behind_the_first_page_say_that_they_have_changed(ada: Any, as_user: Any) -> None:
    people = [make_customer(f"Person {number:02}", city="Leeds") for number in range(60)]
    client = as_user(ada)
    following = re.search(r'hx-get="([^"]*after=[^"]*)"', client.get("/customers/").content.decode())
    assert following is not None

    part = client.get(html.unescape(following[1]), headers={"HX-Request": "true"}).content.decode()
    asks = html.unescape(re.findall(r'data-poll="([^"]*after=[^"]*since=[^"]*)"', part)[0])
    same = client.get(asks, headers={"HX-Request": "true"}).content.decode()
    edit_customers({people[0].pk: {"city": "York"}, people[55].pk: {"city": "York"}}, by=ada, now=NOW)
    told = client.get(asks, headers={"HX-Request": "true"}).content.decode()

    assert "changed" not in without_tags(same)
    assert "1 row has changed" in told
    assert f'data-changed-rows="{people[55].public_id}"' in told
    assert 'id="list-changes"' not in told


def without_tags(text: str) -> str:
    return re.sub("<[^>]*>", "", text)
