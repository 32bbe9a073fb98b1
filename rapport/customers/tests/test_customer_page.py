"""The page of one customer: what it shows, saves and refuses, and to whom."""

from __future__ import annotations

import html
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer, Interaction, Profile, Touchpoint
from rapport.customers.tests.world import add_profile, make_customer, touch
from rapport.records.custom_fields.actions import save_layout
from tests.world import NOW


def page_of(customer: Customer) -> str:
    return reverse("customer", args=[customer.public_id])


def fold(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_page_shows_each_value_with_its_source(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, email="ana@old.example", phone="+555155500142")
    add_profile(
        customer,
        source="till",
        external_id="0042-77",
        seen_at=NOW + timedelta(days=1),
        email="ana@padaria.example",
        raw={"email": " ANA@padaria.example"},
    )

    text = fold(as_user(alice).get(page_of(customer)).content.decode())

    assert "ana@padaria.example" in text
    assert "Newest of 2 sources" in text
    assert "<code> ANA@padaria.example</code>" in text
    assert "Other sources" in text
    assert "ana@old.example" in text
    assert "The only source that says it" in text
    assert "One customer, 2 sources" in text
    assert "0042-77" in text


def test_a_value_says_on_itself_that_its_origin_can_be_asked(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, email="ana.souza@old.example")

    text = fold(as_user(alice).get(page_of(customer)).content.decode())

    assert "Press ◦ to see where a value comes from." in text
    assert '<span class="origin-label" aria-hidden="true">From Shop</span>' in text
    assert "ana<wbr>.souza<wbr>@old<wbr>.example" in text


def test_an_address_is_one_value_with_one_story(alice: Any, as_user: Any) -> None:
    address = {"street": "Molenpad 7", "postal_code": "1015 CJ", "city": "Amsterdam", "country": "NL"}
    customer = make_customer("Ana Souza", owner=alice, **address)
    add_profile(customer, source="till", external_id="7", priority=200, city="Utrecht", postal_code="3511 AB")

    text = fold(as_user(alice).get(page_of(customer)).content.decode())

    assert text.count("Where Address comes from: Shop") == 1
    assert "Where City comes from" not in text
    assert "<h3>Address: Molenpad 7, 1015 CJ Amsterdam, Netherlands</h3>" in text
    assert '<li>3511 AB Utrecht <span class="source">till</span></li>' in text
    assert "Shop comes before the other sources" in text
    assert "The lines of an address are taken from one source together." in text


def test_a_hidden_line_of_an_address_is_not_in_its_story(ada: Any, alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, street="Molenpad 7", city="Amsterdam")
    add_profile(customer, source="till", external_id="7", priority=200, street="Hidden lane 3", city="Utrecht")
    save_layout(
        alice.role,
        "customer",
        hidden=["street"],
        ordering=[],
        columns=None,
        hidden_panels=[],
        panel_ordering=[],
        by=ada,
    )

    text = fold(as_user(alice).get(page_of(customer)).content.decode())

    assert "<h3>Address: Amsterdam</h3>" in text
    assert "<li>Utrecht <span" in text
    assert "Molenpad" not in text
    assert "Hidden lane" not in text


def test_what_staff_enter_wins_and_says_so(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, city="Porto Alegre")
    client = as_user(alice)

    saved = client.post(
        reverse("customer_edit", args=[customer.public_id]),
        {"name": "Ana Souza", "city": "Lisboa", "version": customer.version},
    )
    text = fold(client.get(page_of(customer)).content.decode())

    assert saved.status_code == 302
    assert "Lisboa" in text
    assert "What staff enter wins" in text
    assert "Porto Alegre" in text
    staff = Profile.objects.get(customer=customer, source__name="staff")
    assert (staff.city, staff.name) == ("Lisboa", None)


def test_a_late_save_shows_both_values_and_keeps_the_first(alice: Any, bob: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    url = reverse("customer_edit", args=[customer.public_id])
    version = customer.version
    as_user(bob).post(url, {"name": "Ana Souza", "city": "Lisboa", "version": version})

    late = as_user(alice).post(url, {"name": "Ana Souza", "city": "Faro", "version": version})

    assert late.status_code == 409
    assert "Lisboa" in late.content.decode()
    assert "Faro" in late.content.decode()
    customer.refresh_from_db()
    assert customer.city == "Lisboa"
    again = as_user(alice).post(url, {"name": "Ana Souza", "city": "Faro", "version": customer.version})
    assert again.status_code == 302
    customer.refresh_from_db()
    assert customer.city == "Faro"


def opened_form(page: Any) -> dict[str, str]:
    """The fields of the form as a browser would send them back, the hidden ones too."""
    text = page.content.decode()
    form = text[text.index('<form method="post" class="card pad"') :]
    inputs = re.findall(r"<input[^>]*>", form[: form.index("</form>")])
    named = [(re.search(r' name="([^"]*)"', each), re.search(r' value="([^"]*)"', each)) for each in inputs]
    return {name[1]: html.unescape(value[1]) if value else "" for name, value in named if name}


def test_changes_of_different_fields_at_once_are_both_kept(alice: Any, bob: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, city="Porto Alegre", born_on="1984-03-09")
    url = reverse("customer_edit", args=[customer.public_id])
    first, second = opened_form(as_user(alice).get(url)), opened_form(as_user(bob).get(url))
    as_user(alice).post(url, {**first, "job_title": "Barista"})

    saved = as_user(bob).post(url, {**second, "city": "Lisboa"})

    assert saved.status_code == 302
    customer.refresh_from_db()
    assert (customer.job_title, customer.city) == ("Barista", "Lisboa")
    staff = Profile.objects.get(customer=customer, source__name="staff")
    assert (staff.name, staff.born_on) == (None, None)


def test_changes_of_one_field_at_once_are_shown_and_the_other_fields_keep_what_is_saved(
    alice: Any, bob: Any, as_user: Any
) -> None:
    customer = make_customer("Ana Souza", owner=alice, city="Porto Alegre")
    url = reverse("customer_edit", args=[customer.public_id])
    first, second = opened_form(as_user(alice).get(url)), opened_form(as_user(bob).get(url))
    as_user(alice).post(url, {**first, "job_title": "Barista", "city": "Faro"})

    late = as_user(bob).post(url, {**second, "city": "Lisboa"})
    differs = late.content.decode().partition("What differs")[2].partition("</table>")[0]
    again = as_user(bob).post(url, opened_form(late))

    assert late.status_code == 409
    assert "Faro" in differs
    assert "Lisboa" in differs
    assert "Barista" not in differs
    assert again.status_code == 302
    customer.refresh_from_db()
    assert (customer.job_title, customer.city) == ("Barista", "Lisboa")


def test_an_odd_original_is_taken_as_unknown(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    url = reverse("customer_edit", args=[customer.public_id])
    form = opened_form(as_user(alice).get(url))

    saved = as_user(alice).post(url, {**form, "initial-born_on": "yesterday", "city": "Faro"})

    assert saved.status_code == 302


def test_a_new_customer_is_called_by_given_and_family_name(alice: Any, as_user: Any) -> None:
    as_user(alice).post(reverse("customer_new"), {"kind": "person", "given_name": "Grace", "family_name": "Okafor"})

    assert Customer.objects.get().name == "Grace Okafor"


def test_a_phone_typed_by_hand_is_kept_as_imports_keep_it_and_found(alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(
        reverse("customer_new"), {"kind": "person", "name": "Maj", "country": "Sweden", "phone": "040-628 04 48"}
    )
    customer = Customer.objects.get()
    found = client.get("/customers/?q=%2B46406280448").content.decode()
    page = fold(client.get(page_of(customer)).content.decode())
    url = reverse("customer_edit", args=[customer.public_id])
    client.post(url, {**opened_form(client.get(url)), "phone": "040-628 04 49"})

    assert customer.phone == "+46406280448"
    assert "Maj" in found
    assert "<code>040-628 04 48</code>" in page
    customer.refresh_from_db()
    assert customer.phone == "+46406280449"
    assert Profile.objects.get().raw == {"country": "Sweden", "phone": "040-628 04 49"}


def test_countries_and_languages_by_name_are_kept_as_codes(alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    client.post(reverse("customer_new"), {"kind": "person", "name": "Maj", "country": " sweden", "language": "Swedish"})
    refused = client.post(
        reverse("customer_new"), {"kind": "person", "name": "Bo", "country": "Atlantis", "language": "Elvish"}
    )
    form = client.get(reverse("customer_new")).content.decode()

    customer = Customer.objects.get()
    assert (customer.country, customer.language) == ("SE", "sv")
    assert refused.status_code == 422
    assert 'id="id_country_error"' in refused.content.decode()
    assert 'id="id_language_error"' in refused.content.decode()
    assert "<option>Sweden<" in form
    assert "<option>Swedish<" in form
    url = reverse("customer_edit", args=[customer.public_id])
    opened = client.get(url).content.decode()
    assert all(each in opened for each in ('value="Sweden"', 'value="Swedish"', 'name="initial-country" value="SE"'))
    assert client.post(url, {**opened_form(client.get(url)), "city": "Lund"}).status_code == 302
    assert client.post(url, {**opened_form(client.get(url)), "country": "Norway"}).status_code == 302
    customer.refresh_from_db()
    assert (customer.country, customer.language, customer.city) == ("NO", "sv", "Lund")
    assert Profile.objects.get().raw == {"country": "Norway", "language": "Swedish"}


def test_an_odd_country_that_a_source_brought_does_not_stop_other_changes(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, country="Unspecified")
    url = reverse("customer_edit", args=[customer.public_id])
    client = as_user(alice)

    saved = client.post(url, {**opened_form(client.get(url)), "city": "Faro"})

    assert saved.status_code == 302
    customer.refresh_from_db()
    assert (customer.country, customer.city) == ("Unspecified", "Faro")


def test_a_value_of_another_source_cannot_be_emptied(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, city="Lisboa")

    page = as_user(alice).post(
        reverse("customer_edit", args=[customer.public_id]),
        {"name": "Ana Souza", "city": "", "version": customer.version},
    )

    assert page.status_code == 422
    assert "Another source says this" in page.content.decode()
    customer.refresh_from_db()
    assert customer.city == "Lisboa"
    assert not Profile.objects.filter(customer=customer, source__name="staff").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("phone", "call me"),
        ("born_on", "yesterday"),
        ("name", "x" * 301),
        ("city", "a\x00b"),
    ],
)
def test_bad_values_are_refused_beside_their_field(field: str, value: str, alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    values = {"name": "Ana Souza", "version": customer.version, field: value}

    page = as_user(alice).post(reverse("customer_edit", args=[customer.public_id]), values)

    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.content.decode()


def test_only_the_fields_of_the_form_are_taken(alice: Any, charlie: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    extra = {
        "owner": charlie.pk,
        "owner_id": charlie.pk,
        "created_at": "2001-01-01",
        "merged_into": 1,
        "kind": "organization",
    }

    as_user(alice).post(
        reverse("customer_edit", args=[customer.public_id]),
        {"name": "Ana S.", "version": customer.version, "trashed_at": "2001-01-01", **extra},
    )

    customer.refresh_from_db()
    assert (customer.name, customer.owner_id, customer.kind) == ("Ana S.", alice.pk, "person")
    assert customer.trashed_at is None
    assert customer.merged_into_id is None


def test_a_new_customer_belongs_to_who_added_her(alice: Any, as_user: Any) -> None:
    page = as_user(alice).post(reverse("customer_new"), {"kind": "person", "name": "Grace Okafor", "city": "Lagos"})

    customer = Customer.objects.get(name="Grace Okafor")
    assert page["Location"] == page_of(customer)
    assert customer.owner == alice
    assert customer.sort_key == "grace okafor"


def test_a_new_customer_needs_something_to_be_called_by(alice: Any, as_user: Any) -> None:
    page = as_user(alice).post(reverse("customer_new"), {"kind": "person", "city": "Lagos"})

    assert page.status_code == 422
    assert Customer.objects.count() == 0
    assert as_user(alice).get(reverse("customer_new")).status_code == 200


def test_the_timeline_goes_back_page_by_page(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    for number in range(35):
        touch(customer, summary=f"visit number {number:02}", days_ago=number / 10)
    client = as_user(alice)

    first = client.get(page_of(customer)).content.decode()
    earlier = re.search(r'href="([^"]*before=[^"]*)"', first)
    assert earlier is not None
    second = client.get(earlier[1].replace("&amp;", "&")).content.decode()

    assert re.findall(r"visit number (\d\d)", first) == [f"{number:02}" for number in range(30)]
    assert re.findall(r"visit number (\d\d)", second) == [f"{number:02}" for number in range(30, 35)]


def test_the_timeline_can_be_narrowed_to_a_kind(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    touch(customer, "campaign", summary="Winter flours")
    touch(customer, "page_view", summary="Looked at mixers")

    text = as_user(alice).get(page_of(customer) + "?kind=campaign").content.decode()

    assert "Winter flours" in text
    assert "Looked at mixers" not in text


@pytest.mark.parametrize(
    "query", ["before=x", "before=1_x", "before=99999999999999999999_1", "kind=nothing", "tab=nothing"]
)
def test_an_unknown_place_kind_or_tab_is_not_found(query: str, alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)

    assert as_user(alice).get(f"{page_of(customer)}?{query}").status_code == 404


def test_a_call_is_logged(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    client = as_user(alice)

    page = client.post(
        reverse("customer_log", args=[customer.public_id]), {"kind": "call", "text": "Wants a quote"}, follow=True
    )

    assert "Wants a quote" in page.content.decode()
    assert "Call logged." in page.content.decode()
    interaction = Interaction.objects.get()
    assert (interaction.kind, interaction.text, interaction.logged_by) == ("call", "Wants a quote", alice)
    touchpoint = Touchpoint.objects.get(customer_id=customer.pk)
    assert (touchpoint.kind, touchpoint.record_id, touchpoint.direction) == ("call", interaction.pk, "out")


def test_an_empty_log_is_refused_and_an_htmx_one_answers_with_the_timeline(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    url = reverse("customer_log", args=[customer.public_id])
    client = as_user(alice)

    refused = client.post(url, {"kind": "call", "text": "  "})
    in_place = client.post(url, {"kind": "call", "text": "x" * 4001}, headers={"HX-Request": "true"})
    logged = client.post(url, {"kind": "visit", "text": "Saw the shop"}, headers={"HX-Request": "true"})

    assert refused.status_code == 422
    assert "Write a few words about it." in refused.content.decode()
    assert in_place.status_code == 422
    assert "<html" not in in_place.content.decode()
    assert "Saw the shop" in logged.content.decode()
    assert "Visit logged." in logged.content.decode()
    assert "<html" not in logged.content.decode()
    assert Interaction.objects.count() == 1


def test_the_owner_is_chosen_among_those_one_can_reach(alice: Any, bob: Any, charlie: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    url = reverse("customer_owner", args=[customer.public_id])
    client = as_user(alice)

    client.post(url, {"owner": str(charlie.public_id)})
    client.post(url, {"owner": "nobody"})
    client.post(url, {"owner": ""})
    customer.refresh_from_db()
    assert customer.owner == alice

    client.post(url, {"owner": str(bob.public_id)})
    customer.refresh_from_db()
    assert customer.owner == bob


def test_a_merged_customer_leads_to_the_survivor(alice: Any, as_user: Any) -> None:
    survivor = make_customer("Ana Souza", owner=alice)
    merged = make_customer("A. Souza", owner=alice)
    with acting(SYSTEM):
        Customer.objects.filter(pk=merged.pk).update(merged_into=survivor)

    page = as_user(alice).get(page_of(merged))

    assert page["Location"] == page_of(survivor)


PAGES = ("customer", "customer_edit", "customer_log", "customer_owner")


@pytest.mark.parametrize("name", PAGES)
def test_the_stranger_gets_the_same_answer_as_for_nobody(name: str, alice: Any, charlie: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    client = as_user(charlie)
    method = client.post if name in ("customer_log", "customer_owner") else client.get

    there = method(reverse(name, args=[customer.public_id]), {"kind": "call", "text": "x"})
    nowhere = method(reverse(name, args=[uuid.uuid4()]), {"kind": "call", "text": "x"})

    assert there.status_code == nowhere.status_code == 404
    token = r'(csrf-token" content|csrfmiddlewaretoken" value|name="next" value)="[^"]*"|404 · \w+'
    assert re.sub(token, "", there.content.decode()) == re.sub(token, "", nowhere.content.decode())
    assert Interaction.objects.count() == 0


@pytest.mark.parametrize("name", PAGES[1:])
def test_the_reader_looks_but_writes_nothing(name: str, alice: Any, rita: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    client = as_user(rita)

    answer = client.post(reverse(name, args=[customer.public_id]), {"kind": "call", "text": "x"})
    page = client.get(page_of(customer))

    assert answer.status_code == 403
    assert client.get(reverse("customer_new")).status_code == 403
    assert page.status_code == 200
    assert "quick-log" not in page.content.decode()
    assert Interaction.objects.count() == 0


def test_what_we_know_counts_the_eight_kinds(alice: Any, as_user: Any) -> None:
    customer = make_customer("Ana Souza", owner=alice, email="ana@padaria.example", language="Portuguese")
    touch(customer, "order", channel="web_shop")
    touch(customer, "campaign")

    text = fold(as_user(alice).get(page_of(customer)).content.decode())

    assert "5 of 8 kinds of data." in text
    assert "Missing: shipping and fulfilment, web registration, service and support." in text


def test_polyglots_stay_text(alice: Any, as_user: Any) -> None:
    evil = "'\"><img src=x onerror=alert(1)>{{7*7}}</script>"
    customer = make_customer(evil, owner=alice, city=evil, raw={evil: evil, "city": evil}, external_id=evil)
    touch(customer, summary=evil)

    for url in (page_of(customer), reverse("customer_edit", args=[customer.public_id]), "/customers/"):
        text = as_user(alice).get(url).content.decode()
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text


def test_the_page_takes_few_statements_however_much_there_is(
    alice: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    customer = make_customer("Ana Souza", owner=alice, city="Lisboa")
    for number in range(5):
        add_profile(customer, source=f"source {number}", external_id=str(number), city="Faro")
    for number in range(40):
        touch(customer, days_ago=number)
    client = as_user(alice)
    for kind in ("call", "note", "visit"):
        client.post(reverse("customer_log", args=[customer.public_id]), {"kind": kind, "text": kind})
    client.get(page_of(customer))

    with django_assert_max_num_queries(56):
        client.get(page_of(customer))
