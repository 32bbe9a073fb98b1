"""The page of the filter builder: it shows what is asked, takes steps without scripts, tells errors, refuses what it must."""

from __future__ import annotations

import random
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from rapport.core.acting import SYSTEM, acting
from rapport.customers.tests.world import make_customer
from rapport.records.tests.own_fields import make_every_kind

URL = "/lists/customer/filter/"
FILTERS = (
    ["city.is:Porto"],
    ["city.is:Porto", "none(owner.is:me)", "born_on.more_ago:90_days"],
    ["any(city.one_of:a~~, b,c;kind.is:person,organization)"],
    ["none(city.is:Porto;email.filled:)"],
    ["city.is:Porto", "any(owner.is:me,my_team;created.in:this_quarter)", "none(name.contains:x~;y;email.empty:)"],
    ["any(all(city.is:a;name.contains:b);all(city.is:c;any(name.contains:d;email.empty:)))"],
    ["born_on.between:2000-01-01..2000-02-01", "may_email.is:yes"],
    ["country.is:DE", "language.is_not:sv", "country.is:Atlantis"],
)


def form_of(page: Any) -> list[tuple[str, str]]:
    """What a browser without scripts would send of the form, without its buttons."""
    text = page.content.decode()
    form = text[text.index('<form method="get" action="/lists/') :]
    form = form[: form.index("</form>")]
    sent: list[tuple[str, str]] = []
    pattern = r"<input[^>]*>|<select[^>]*>.*?</select>|<textarea[^>]*>.*?</textarea>"
    for tag in re.findall(pattern, form, flags=re.S):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        assert name is not None
        if tag.startswith("<select"):
            options = re.findall(r'<option value="([^"]*)"( selected)?', tag)
            chosen = [option for option, selected in options if selected] or [options[0][0]]
            sent.append((name[1], unescape(chosen[0])))
        elif tag.startswith("<textarea"):
            sent.append((name[1], unescape(re.sub("^<[^>]*>|</textarea>$", "", tag))))
        elif 'type="checkbox"' not in tag or " checked" in tag:
            sent.append((name[1], unescape(value[1]) if value else ""))
    return sent


def press(client: Any, page: Any, step: str, **changes: Any) -> Any:
    """Fill the form in and press a button."""
    sent = [(name, value) for name, value in form_of(page) if name.replace("-", "_") not in changes]
    for name, values in changes.items():
        for value in values if isinstance(values, list) else [values]:
            sent.append((name.replace("_", "-"), value))
    return client.get(f"{URL}?{urlencode([*sent, ('step', step)])}")


def filters_in(answer: Any) -> list[str]:
    assert answer.status_code == 302, answer.content.decode()
    address = urlsplit(answer["Location"])
    assert address.path == "/customers/"
    return [value for name, value in parse_qsl(address.query) if name == "filter"]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda each: each[-1][:30])
def test_what_is_asked_comes_back_as_the_same_filter(ada: Any, as_user: Any, filters: list[str]) -> None:
    client = as_user(ada)
    page = client.get(f"{URL}?{urlencode([('filter', each) for each in filters])}")

    answer = press(client, page, "apply")

    assert page.status_code == 200
    assert sorted(filters_in(answer)) == sorted(filters)


def test_a_filter_is_built_step_by_step_without_scripts(ada: Any, as_user: Any) -> None:
    make_customer("Ana", city="Porto", email="ana@example.com")
    make_customer("Ben", city="Porto")
    client = as_user(ada)
    page = client.get(URL)

    page = press(client, page, "show", field_0_0="city")
    page = press(client, page, "add-0", value_0_0="Porto")
    page = press(client, page, "drop-0-1")
    page = press(client, page, "group")
    page = press(client, page, "show", field_1_0="email", operator_1_0="empty", not_1_0="1")
    answer = press(client, page, "apply")

    assert filters_in(answer) == ["city.is:Porto", "none(email.empty:)"]
    shown = client.get(answer["Location"]).content.decode()
    assert "Ana" in shown
    assert ">Ben<" not in shown


def test_search_and_order_of_the_list_stay(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    page = client.get(f"{URL}?q=ana&sort=-name&after=x&filter=city.is:Porto")

    answer = press(client, page, "apply")

    assert answer["Location"] == "/customers/?q=ana&sort=-name&filter=city.is:Porto"
    assert 'href="/customers/?q=ana&amp;sort=-name&amp;filter=city.is:Porto"' in page.content.decode()


def test_every_error_stands_beside_its_condition_and_nothing_that_was_typed_is_lost(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    asked = ["city.is:Porto", "created.more_ago:3_days", "born_on.on:2000-01-01"]
    page = client.get(f"{URL}?{urlencode([('filter', each) for each in asked])}")

    answer = press(client, page, "apply", value_0_0="", value_0_1=["soon", "days"], value_0_2="1 May")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="error-0-0">The filter on “City” needs a value.<' in text
    assert 'id="error-0-1">“soon_days” is not a value for “Added”.<' in text
    assert 'aria-describedby="error-0-2"' in text
    assert 'value="1 May"' in text
    assert text.count('aria-invalid="true"') >= 3
    assert "3 things to correct" in text


def test_each_kind_of_field_is_typed_in_its_own_way(ada: Any, as_user: Any) -> None:
    make_every_kind(ada)
    client = as_user(ada)
    asked = [
        "c_my_text.one_of:a,b", "c_my_number.between:1..2", "c_my_money.over:5", "c_my_date.in_last:3_weeks", "c_my_choice.is:gold",
        "c_my_choices.has_all:gold,silver", "c_my_boolean.is:no", "c_my_link.filled:", "owner.is:me",
    ]  # fmt: skip

    page = client.get(f"{URL}?{urlencode([('filter', each) for each in asked])}")
    answer = press(client, page, "apply")

    text = page.content.decode()
    assert filters_in(answer) == asked
    named = client.get(f"{URL}?filter=country.is:DE").content.decode()
    assert 'value="Germany" autocomplete="off" list="value-0-0-offered">' in named
    assert '<option translate="no">Netherlands' in named
    assert '<textarea id="value-0-0-0" name="value-0-0" rows="3" placeholder="One on each line">a\nb</textarea>' in text
    assert 'value="gold" checked' in text
    assert '<option value="weeks" selected>' in text
    assert 'translate="no">Ada</label>' in text


def test_the_menu_of_the_list_leads_to_the_builder_and_a_group_is_a_pill_in_words(ada: Any, as_user: Any) -> None:
    text = as_user(ada).get("/customers/?filter=any(city.is:Porto;born_on.more_ago:90_days)").content.decode()

    assert "City is Porto or Born on more than 90 days ago" in text
    assert 'href="/lists/customer/filter/?filter=any(city.is:Porto;born_on.more_ago:90_days)"' in text
    assert 'aria-label="Remove the filter City, Born on"' in text


def test_htmx_gets_the_form_alone(ada: Any, as_user: Any) -> None:
    text = (
        as_user(ada).get(f"{URL}?builder=1&field-0-0=city&step=show", headers={"HX-Request": "true"}).content.decode()
    )

    assert "<html" not in text
    assert 'id="operator-0-0"' in text


def test_no_more_rows_are_offered_than_a_list_takes(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    full = client.get(f"{URL}?{urlencode([('filter', 'city.is:a')] * 20)}")

    assert "Add a condition" not in full.content.decode()
    assert press(client, full, "add-0").content.decode().count('class="builder-line"') == 20
    many = urlencode([("builder", "1"), *((f"field-0-{n}", "city") for n in range(21))])
    assert client.get(f"{URL}?{many}").status_code == 400


def test_who_may_not_see_a_list_does_not_learn_that_it_is_there(ada: Any, rita: Any, as_user: Any) -> None:
    rita.role.rights = [right for right in rita.role.rights if right != "customers.view"]
    with acting(SYSTEM):
        rita.role.save(update_fields=["rights"])

    assert as_user(rita).get(URL).status_code == 404
    assert as_user(ada).get("/lists/nothing/filter/").status_code == 404
    assert as_user(ada).post(URL).status_code == 405
    assert as_user(ada).get("/lists/product/filter/").status_code == 200


EVIL = (
    "'", ")--", "';copy t to '/x'", "password", "owner__password", "owner.password", "r.id", "city", "is",
    "one_of", "between", "in",
    "1e999", "NaN", "-1", "9" * 40, "any(", "none(any(city.is:x", "any(city.is:x)", "~", "a~", "..", "a..b", "me,my_team", "\x00",
    "\u202e",
    "%s", "%(x)s", "{field}", "{{7*7}}", "0-0", "drop-0-99", "add-99", "drop-0-0", "group", "apply", "0", "", "x" * 4000,
)  # fmt: skip
NAMES = (
    "field-0-0", "operator-0-0", "value-0-0", "not-0-0", "join-0", "kept-0", "step", "filter", "add", "was", "q", "sort",
    "field-9-9",
    "value-9-9", "field-00-00", "join-99", "field-0", "kept-0-0", "builder", "operator-0-1", "field-0-1",
)  # fmt: skip


def test_nothing_that_is_sent_breaks_the_builder(ada: Any, as_user: Any) -> None:
    client, chance = as_user(ada), random.Random(7)
    make_every_kind(ada)

    for name in NAMES:
        for evil in EVIL:
            usual = {"builder": "1", "field-0-0": "city", "operator-0-0": "is", "value-0-0": "Porto", "step": "apply"}
            assert client.get(URL, usual | {name: evil}).status_code in (200, 302, 400, 422), (name, evil)
    for _each in range(300):
        sent = {chance.choice(NAMES): chance.choice(EVIL) for _n in range(6)}
        answer = client.get(URL, {"builder": "1", **sent})
        assert answer.status_code in (200, 302, 400, 422), sent
