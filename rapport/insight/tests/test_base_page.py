"""The customer base through five lenses: the page, its ways into the list, and the printed report."""

from __future__ import annotations

import html
import json
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import engines

from rapport.core.acting import SYSTEM, acting
from rapport.insight import actions, queries
from rapport.insight.queries import warehouse_folder
from rapport.insight.tests.shop import MICROS, make_customer, make_order
from rapport.insight.tests.test_commands import rapport

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def _sold(order: Any, product: Any, quantity: int, amount: float) -> None:
    from rapport.commerce.models import OrderLine

    with acting(SYSTEM):
        OrderLine.objects.create(
            order=order, number=OrderLine.objects.filter(order=order).count() + 1, product=product, quantity=quantity,
            unit_price_micros=0, amount_micros=round(amount * MICROS),
        )  # fmt: skip


def _product(code: str, cost: float | None) -> Any:
    from rapport.commerce.models import Product
    from rapport.customers.models import Source

    with acting(SYSTEM):
        return Product.objects.create(
            source_id=Source.objects.get(name="shop").pk, code=code, name=code.title(), currency="GBP",
            cost_micros=None if cost is None else round(cost * MICROS),
        )  # fmt: skip


@pytest.fixture
def shop(home: Path, business: Any, alice: Any, charlie: Any) -> Any:
    """Kept, New, Back and Lost, as of the last day of June 2026; of two products the second is sold no more."""
    made = {}
    for name, owner, days in (
        ("Kept", alice, ["2025-02-01", "2026-02-01", "2026-05-01"]),
        ("New", alice, ["2026-04-01"]),
        ("Back", charlie, ["2023-05-01", "2025-08-01"]),
        ("Lost", charlie, ["2025-03-01"]),
    ):
        made[name] = make_customer(name, owner=owner)
        for day in days:
            order = make_order(made[name], datetime.fromisoformat(f"{day}T12:00+00:00"), 100)
            made.setdefault("orders", []).append(order)
    tea, pot = _product("tea", 60), _product("pot", 40)
    for order in made["orders"]:
        _sold(order, pot if order.placed_at.year == 2025 and order.placed_at.month < 4 else tea, 1, 100)
    refresh()
    return made


def refresh() -> None:
    actions.refresh(settings=queries.report_settings(), now=NOW)


def _links(page: str) -> list[str]:
    return [html.unescape(href) for href in re.findall(r'href="(/customers/\?[^"]+)"', page)]


def test_the_page_shows_five_lenses_that_each_say_what_they_show(shop: Any, ada: Any, as_user: Any) -> None:
    page = as_user(ada).get("/customer-base/").text

    assert "1 Jul 2025 to 30 Jun 2026" in page
    assert "The best tenth of 3 customers brought 50\u00a0% of the value, the lower half of them 25\u00a0%." in page
    assert "Those who bought brought £400 (+100\u00a0%); what moved it most is" in page
    assert "Of 2 customers who first bought in Q1 2025, 50\u00a0% bought in Q2 2026" in page
    assert "of all customers bought again in the period after their first" in page
    assert "In Q2 2026, customers won earlier brought 50\u00a0% of what customers brought" in page
    assert "Between groups: who moved since 30 Jun 2025?" in page
    assert "Of 3 customers who had bought by 30 Jun 2025, 3 are in another group now." in page
    assert "From the marts period_members" in page
    assert "visible to you" not in page
    assert page.count("<svg") > 8
    assert page.count("As a table") == 4
    assert "Violet: what is earned of it." in page


def test_numbers_open_to_what_they_mean_and_what_made_them(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    client.get("/customer-base/")
    page = client.get("/customer-base/").text

    assert "What do these numbers mean?" in page
    assert "lost bought in the period before, and not in this one" in page
    assert re.search(
        r"customer_base v\d+</b>: from the tables [a-z_, ]*orders[a-z_, ]* of the warehouse, by DuckDB", page
    )
    assert re.search(r"settled v\d+</b>: from the tables", page)
    worth = client.get("/worth/").text
    assert re.search(r"rfm v\d+</b>: from the tables", worth)
    assert "/orders/?filter=placed.between:2026-05-01..2026-05-31" in worth


def test_what_moved_what_is_earned_is_shown_where_costs_are_known(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)

    assert "What moved what is earned" in client.get("/customer-base/").text
    _sold(make_order(shop["Kept"], NOW, 900), _product("cup", None), 1, 900)
    refresh()
    page = client.get("/customer-base/").text

    assert "What moved what is earned" not in page
    assert "Dashed: if all brought the same." in page


def test_groups_and_cohorts_lead_to_the_lists_of_those_who_are_in_them_and_who_sees_less_is_told(
    shop: Any, ada: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(ada)
    page = client.get("/customer-base/").text
    listed = {_asked(href): _listed(client, href) for href in dict.fromkeys(_links(page))}

    period, quarters = "as_of=2026-06-30,period=year", "as_of=2026-06-30,grain=quarter"
    moved = "as_of=2026-06-30,since=2025-06-30"
    assert {asked: names for asked, names in listed.items() if not asked.startswith("what=moved")} == {
        f"what=bought,{period}": {"Kept", "New", "Back"},
        f"what=tenth,{period},tenth=1": {"Kept"},
        f"what=tenth,{period},tenth=4": {"New"},
        f"what=tenth,{period},tenth=7": {"Back"},
        f"what=times,{period},from=1,to=1": {"New", "Back"},
        f"what=times,{period},from=2,to=2": {"Kept"},
        **{f"what=group,{period},group={name.lower()}": {name} for name in ("Kept", "New", "Back", "Lost")},
        f"what=cohort,{quarters},cohort=2025-01-01": {"Kept", "Lost"},
        f"what=cohort,{quarters},cohort=2023-04-01": {"Back"},
        f"what=cohort,{quarters},cohort=2026-04-01": {"New"},
        f"what=active,{quarters},cohort=2025-01-01,at=2025-01-01": {"Kept", "Lost"},
        f"what=active,{quarters},cohort=2025-01-01,at=2026-01-01": {"Kept"},
        f"what=active,{quarters},cohort=2025-01-01,at=2026-04-01": {"Kept"},
        f"what=active,{quarters},cohort=2023-04-01,at=2025-07-01": {"Back"},
        f"what=active,{quarters},at=2023-04-01": {"Back"},
        f"what=active,{quarters},at=2025-01-01": {"Kept", "Lost"},
        f"what=active,{quarters},at=2025-07-01": {"Back"},
        f"what=active,{quarters},at=2026-01-01": {"Kept"},
        f"what=active,{quarters},at=2026-04-01": {"Kept", "New"},
    }
    moves = {asked: names for asked, names in listed.items() if asked.startswith(f"what=moved,{moved}")}
    assert sorted(name for names in moves.values() for name in names) == ["Back", "Kept", "Lost", "New"]
    page = as_user(alice).get("/customer-base/").text
    assert "Of the 4 customers who ever bought, lists show you 2: those visible to you." in page


def _asked(href: str) -> str:
    (asked,) = parse_qs(urlsplit(href).query)["filter"]
    return asked.removeprefix("behind.did:")


def _listed(client: Any, href: str) -> set[str]:
    page = client.get(href).text
    return {name for name in ("Kept", "New", "Back", "Lost") if re.search(rf'class="row-link"[^>]*>\s*{name}<', page)}


def test_another_day_period_and_cohort_and_products_are_asked_by_form_and_lead_to_lists_as_well(
    shop: Any, ada: Any, as_user: Any
) -> None:
    query = "as_of=2025-12-31&period=quarter&grain=year&cohort=2023&measure=value"
    client = as_user(ada)
    page = client.get(f"/customer-base/?{query}").text

    assert "1 Oct 2025 to 31 Dec 2025" in page
    assert "Nothing was bought from 1 Oct 2025 to 31 Dec 2025." in page
    assert "what became of those of 2023?" in page
    assert "The oldest cohort also holds everybody who bought before the records begin." in page
    assert all("as_of=2025-12-31" in _asked(href) for href in _links(page))
    (before,) = [href for href in _links(page) if "group=lost" in _asked(href)][:1]
    assert _listed(client, before) == {"Back"}, "as of the day that is looked from, whatever the newest is"
    assert re.search(r'<option value="value" selected>', page)
    page = client.get("/customer-base/?of=products&period=year").text
    assert "The best tenth of 1 products brought 100\u00a0% of the value" in page
    assert "Products no longer sold" in page
    assert "products first sold in" in page
    assert _links(page) == []
    sold = {_asked(href): client.get(href).text for href in re.findall(r'href="(/products/\?[^"]+)"', page)}
    kept = sold["what=group,as_of=2026-06-30,period=year,group=lost"]
    assert (">Pot<" in kept, ">Tea<" in kept) == (True, False)


def test_what_the_page_does_not_understand_is_refused_in_words_and_what_is_not_there_is_the_usual(
    shop: Any, ada: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_user(ada)
    wrong = (
        "as_of=yesterday",
        "period=week",
        "grain=day",
        "of=staff",
        "cohort=2025-Q5",
        "measure=x",
        "as_of=9999-12-31",
    )
    for query in wrong:
        answer = client.get(f"/customer-base/?{query}")
        assert (query, answer.status_code, "error-summary" in answer.text) == (query, 400, True)

    with django_assert_max_num_queries(10):
        page = client.get("/customer-base/?cohort=1999-Q1")

    assert page.status_code == 200
    assert "what became of those of Q1 2025?" in page.text


def test_before_there_are_numbers_the_page_says_what_it_will_show(
    home: Path, business: Any, ada: Any, as_user: Any
) -> None:
    client = as_user(ada)
    assert "No numbers yet" in client.get("/customer-base/").text
    refresh()
    assert "No orders yet" in client.get("/customer-base/").text
    client.post("/worth/refresh/")
    assert "The numbers are being refreshed." in client.get("/customer-base/").text
    make_order(make_customer("Once"), datetime(2026, 1, 5, tzinfo=UTC))
    make_order(None, datetime(2026, 1, 5, tzinfo=UTC), currency="USD")
    refresh()
    page = client.get("/customer-base/").text
    assert "Your orders end on 5 Jan 2026" in page
    assert "1 order in USD is left out" in page
    many = engines["jinja2"].env.get_template("insight/left_out.html").module.notices([("USD", 69_659)], "EUR")
    assert "69,659 orders in USD are left out: there is no rate to EUR." in many
    shutil.rmtree(warehouse_folder())
    answer = client.get("/customer-base/?as_of=2026-01-02")
    assert answer.status_code == 503
    assert "The numbers have to be made anew" in answer.text


def test_who_may_not_see_reports_is_refused(home: Path, business: Any, rita: Any, as_user: Any, client: Any) -> None:
    assert client.get("/customer-base/").status_code == 302
    assert as_user(rita).get("/customer-base/").status_code == 403


def test_the_audit_is_printed_as_plain_values_and_for_a_terminal(shop: Any, capsys: Any) -> None:
    assert rapport("report", "audit", "--as-of", "2026-06-30", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert rapport("report", "audit", "--as-of", "2026-06-30", "--period", "quarter", "--of", "products") == 0
    printed = capsys.readouterr().out

    assert rapport("report", "moves", "--as-of", "2026-06-30", "--since", "2025-06-30") == 0
    moved = capsys.readouterr().out

    assert "3 of 4 customers changed groups from 2025-06-30 to 2026-06-30 (mart settled v1)" in moved
    assert (report["mart"], report["as_of"], report["currency"]) == ("customer_base v1", "2026-06-30", "GBP")
    assert {"one_period", "two_periods", "one_cohort", "cohorts", "whole_base"} <= report.keys()
    one, two = report["one_period"], report["two_periods"]
    assert (one["first"], one["last"]) == ("2025-07-01", "2026-06-30")
    assert (one["members"], one["purchases"], one["value_micros"], one["profit_micros"]) == (
        3, 4, 400 * MICROS, 160 * MICROS,
    )  # fmt: skip
    assert {row["group"]: row["members"] for row in two["groups"]} == {
        "kept": 1, "new": 1, "back": 1, "lost": 1, "reversed": 0, "unknown": 0,
    }  # fmt: skip
    # before: 2 × 1 × £100 at 60 %; now: 3 × 4/3 × £100 at 40 %
    assert sum(two["profit_effects"].values()) == 40 * MICROS
    assert two["profit_effects"]["value_per_purchase"] == 0
    assert sum(two["value_effects"].values()) == 200 * MICROS
    assert [(cohort["cohort"], cohort["members"]) for cohort in report["cohorts"]["cohorts"]] == [
        ("2023-Q2", 1), ("2025-Q1", 2), ("2026-Q2", 1),
    ]  # fmt: skip
    assert report["one_cohort"]["cohort"] == "2025-Q1"
    assert "The products of the business, as of 2026-06-30 (mart customer_base v1)" in printed
    assert "Value by quarter" in printed
    assert date.fromisoformat(two["before_first"]) == date(2024, 7, 1)
