"""The worth page, and what a customer's purchases say on the customer page and in the list."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core.acting import SYSTEM, acting
from rapport.insight import actions, queries
from rapport.insight.queries import warehouse_folder
from rapport.insight.tests.shop import make_customer, make_order, make_orders
from rapport.records.registry import fields_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh() -> None:
    actions.refresh(settings=queries.report_settings(), now=NOW)


@pytest.fixture
def shop(home: Path, business: Any, alice: Any, charlie: Any) -> Any:
    """Five customers who bought, the first most recently; three are Alice's, two are Charlie's."""
    made = []
    for number in range(1, 6):
        customer = make_customer(f"Customer {number}", owner=alice if number <= 3 else charlie)
        make_orders(customer, [date(2026, 2, 20 - number)] * (6 - number), 100)
        made.append(customer)
    refresh()
    return made


def test_a_customer_beyond_every_number_takes_the_page_away_from_nobody(shop: Any, ada: Any, as_user: Any) -> None:
    customer = make_customer("Croesus")
    make_orders(customer, [date(2026, 2, 1), date(2026, 2, 2)], 9 * 10**12)

    refresh()

    assert "6 customers who bought" in as_user(ada).get("/worth/").text
    assert as_user(ada).get(f"/customers/{customer.public_id}/").status_code == 200


def test_before_the_first_refresh_the_page_offers_one(home: Path, ada: Any, as_user: Any) -> None:
    page = as_user(ada).get("/worth/").text

    assert "No numbers yet" in page
    assert "Refresh now" in page


def test_without_orders_the_page_says_what_it_will_show(home: Path, business: Any, alice: Any, as_user: Any) -> None:
    refresh()

    assert "No orders yet" in as_user(alice).get("/worth/").text


def test_the_page_shows_customers_segments_and_revenue(shop: Any, ada: Any, as_user: Any) -> None:
    page = as_user(ada).get("/worth/").text

    assert "5 customers who bought" in page
    assert "as of 2 Mar 2026" in page
    assert "Champions" in page
    assert "From the marts rfm" in page
    assert "The last month is incomplete" in page
    assert "visible to you" not in page


def test_a_cell_of_the_matrix_leads_to_the_list_of_its_customers(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    page = client.get("/worth/").text
    href = "/customers/?filter=recency_band.is:5&amp;filter=frequency_band.is:5"

    assert href in page
    listed = client.get(href.replace("&amp;", "&")).text
    assert "Customer 1" in listed
    assert "Customer 2" not in listed


def test_a_segment_leads_to_the_list_of_its_customers(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)

    assert "/customers/?filter=segment.is:champions" in client.get("/worth/").text
    assert "Customer 1" in client.get("/customers/?filter=segment.is:champions").text


def test_who_sees_less_is_told_how_much(shop: Any, alice: Any, as_user: Any) -> None:
    assert (
        "The figures count all customers. Lists show those you may see: 3 of 5 visible to you."
        in as_user(alice).get("/worth/").text
    )


def test_another_day_is_computed_from_the_orders_and_cannot_be_listed(shop: Any, ada: Any, as_user: Any) -> None:
    page = as_user(ada).get("/worth/?as_of=2026-02-16&since=2026-02-01").text

    assert "2 customers who bought" in page
    assert "Who is in a cell can be listed as of 2 Mar 2026, the day of the newest numbers." in page
    assert 'href="/worth/?as_of=2026-03-02&amp;monetary=average">Look from 2 Mar 2026</a>' in page
    assert "/customers/?filter=recency_band" not in page


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_the_compared_day_follows_the_day_looked_from(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    first = client.get("/worth/").text
    assert (_field(first, "since"), _field(first, "followed")) == ("2025-12-02", "2025-12-02")

    page = client.get("/worth/?as_of=2025-06-30&since=2025-12-02&followed=2025-12-02&monetary=total")

    assert page.status_code == 200
    assert (_field(page.text, "since"), _field(page.text, "followed")) == ("2025-03-30", "2025-03-30")


def test_a_compared_day_that_was_chosen_stays(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    page = client.get("/worth/?as_of=2026-02-16&since=2026-02-01&followed=2025-12-02").text
    assert (_field(page, "since"), _field(page, "followed")) == ("2026-02-01", "")

    page = client.get("/worth/?as_of=2026-02-18&since=2026-02-01&followed=").text

    assert _field(page, "since") == "2026-02-01"


def test_where_the_orders_ended_long_before_the_page_says_so_and_leads_there(shop: Any, ada: Any, as_user: Any) -> None:
    for day, told in ((19, False), (20, True)):
        actions.refresh(settings=queries.report_settings(), now=datetime(2026, 5, day, 12, tzinfo=UTC))

        page = as_user(ada).get("/worth/").text

        assert ("Your orders end on 19 Feb 2026" in page) is told, day
        assert ('href="/worth/?as_of=2026-02-19&amp;monetary=average">Look from 19 Feb 2026</a>' in page) is told, day


def test_a_day_that_lies_ahead_is_called_so(shop: Any, ada: Any, as_user: Any) -> None:
    for day, told in (("2026-03-02", False), ("2026-03-03", True)):
        page = as_user(ada).get(f"/worth/?as_of={day}").text

        assert ("3 Mar 2026 lies ahead" in page) is told, day
        assert ("what was bought up to 2 Mar 2026 will have aged by then" in page) is told, day


def test_a_day_before_the_compared_one_is_refused_with_words(shop: Any, ada: Any, as_user: Any) -> None:
    answer = as_user(ada).get("/worth/?as_of=2026-02-16&since=2026-02-20")

    assert answer.status_code == 400
    assert "Choose a day before the as-of day." in answer.text


def test_what_the_page_does_not_understand_is_refused(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    for query in (
        "as_of=yesterday",
        "monetary=median",
        "since=0001-01-01",
        "as_of=9999-12-31",
        "as_of=2201-01-01",
        "as_of=2026-02-30%00",
    ):
        assert client.get(f"/worth/?{query}").status_code == 400, query


def test_orders_in_other_currencies_are_counted_on_the_page(shop: Any, ada: Any, as_user: Any) -> None:
    make_order(shop[0], NOW, 10, currency="USD")
    refresh()

    assert "1 order in USD is left out" in as_user(ada).get("/worth/").text


def test_the_page_asks_few_questions(shop: Any, ada: Any, as_user: Any, django_assert_max_num_queries: Any) -> None:
    client = as_user(ada)
    client.get("/worth/")

    with django_assert_max_num_queries(10):
        client.get("/worth/")


def test_a_lost_warehouse_is_said_and_can_be_made_anew(shop: Any, ada: Any, as_user: Any) -> None:
    shutil.rmtree(warehouse_folder())

    answer = as_user(ada).get("/worth/?as_of=2026-02-16&since=2026-02-01")

    assert answer.status_code == 503
    assert "The numbers have to be made anew" in answer.text


def test_a_torn_file_is_said_in_words_and_nothing_breaks(shop: Any, ada: Any, as_user: Any) -> None:
    (file,) = warehouse_folder().glob("*/orders/*.parquet")
    file.write_bytes(file.read_bytes()[:100])

    answer = as_user(ada).get("/worth/?as_of=2026-02-16&since=2026-02-01")

    assert answer.status_code == 503
    assert "Nothing is lost" in answer.text


def test_a_reader_without_the_right_is_refused(home: Path, rita: Any, as_user: Any) -> None:
    assert as_user(rita).get("/worth/").status_code == 403
    assert as_user(rita).post("/worth/refresh/").status_code == 403


def test_a_stranger_is_sent_to_the_sign_in_page(home: Path, business: Any, client: Any) -> None:
    assert client.get("/worth/").status_code == 302


def test_asking_for_a_refresh_queues_one_job_and_no_second(home: Path, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    client.post("/worth/refresh/")
    client.post("/worth/refresh/")

    assert ProcrastinateJob.objects.filter(task_name="insight.refresh", status="todo").count() == 1
    assert client.get("/worth/refresh/").status_code == 405


def poll(client: Any, query: str = "", tag: str = "") -> Any:
    """What the page's own poll sends."""
    return client.get(f"/worth/{query}", headers={"HX-Request": "true"} | ({"If-None-Match": tag} if tag else {}))


def test_while_a_refresh_is_under_way_the_page_asks_for_itself_until_it_has_the_new_numbers(
    shop: Any, ada: Any, as_user: Any
) -> None:
    client = as_user(ada)
    assert 'id="worth" data-poll=' not in client.get("/worth/").text
    page = client.post("/worth/refresh/", follow=True).text
    assert "the page shows the new ones as soon as they are there" in page
    assert 'data-poll="/worth/"' in page
    before = poll(client)
    assert poll(client, tag=before["ETag"]).status_code == 304
    make_order(make_customer("Newcomer"), NOW)

    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs where task_name = 'insight.refresh'")
    refresh()
    after = poll(client, tag=before["ETag"])

    assert "5 customers who bought" in before.text
    assert "6 customers who bought" in after.text
    assert 'id="worth" data-poll=' not in after.text


def test_a_poll_keeps_the_day_that_was_asked_for(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    client.post("/worth/refresh/")

    page = client.get("/worth/?as_of=2026-02-16&since=2026-02-01").text

    assert 'data-poll="/worth/?as_of=2026-02-16&amp;since=2026-02-01"' in page


def test_the_first_numbers_appear_by_themselves(home: Path, business: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    client.post("/worth/refresh/")
    waiting = poll(client)
    assert "No numbers yet" in waiting.text
    assert "Refresh now" not in waiting.text
    make_order(make_customer(), NOW)

    refresh()

    assert "1 customer who bought" in poll(client, tag=waiting["ETag"]).text


def test_the_customer_page_shows_value_bands_and_months(shop: Any, ada: Any, as_user: Any) -> None:
    page = as_user(ada).get(f"/customers/{shop[0].public_id}/").text

    assert "Champion 5·5·1" in page
    assert "Total value so far" in page
    assert "£500" in page
    assert "5 orders" in page
    assert "Buys when" in page


def test_both_panels_of_a_customer_count_orders_alike_and_days_are_grouped(shop: Any, ada: Any, as_user: Any) -> None:
    make_order(shop[0], datetime(2011, 12, 9, tzinfo=UTC), 10)
    make_order(shop[0], NOW, -10, kind="return")
    refresh()

    page = as_user(ada).get(f"/customers/{shop[0].public_id}/?tab=orders").text

    assert page.count("6 orders, 1 taken back") == 2
    assert "Every 1,037 days on average" in page


def test_the_customer_page_of_somebody_who_never_bought_shows_no_worth(shop: Any, ada: Any, as_user: Any) -> None:
    visitor = make_customer("Visitor")

    assert "Total value so far" not in as_user(ada).get(f"/customers/{visitor.public_id}/").text


def test_the_customer_page_says_nothing_of_worth_to_who_may_not_see_it(shop: Any, rita: Any, as_user: Any) -> None:
    with acting(SYSTEM):
        rita.role.rights = ["customers.view"]
        rita.role.save(update_fields=["rights"])

    assert "Total value so far" not in as_user(rita).get(f"/customers/{shop[0].public_id}/").text


def test_the_list_can_be_sorted_by_what_customers_bring(shop: Any, ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    for sort, first, last in (
        ("-value", 1, 5),
        ("value", 5, 1),
        ("-last_purchase_on", 1, 5),
        ("last_purchase_on", 5, 1),
    ):
        page = client.get(f"/customers/?sort={sort}").text

        assert page.index(f"Customer {first}") < page.index("Customer 3") < page.index(f"Customer {last}"), sort


def test_every_trait_can_be_named_only_with_the_right(db: None) -> None:
    traits = (
        "segment",
        "value",
        "last_purchase_on",
        "recency_band",
        "frequency_band",
        "monetary_band",
        "segment_before",
    )

    assert {fields_of("customer")[name].right for name in traits} == {"insight.traits"}
