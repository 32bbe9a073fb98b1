"""Reports that somebody puts together: their numbers, the rows behind each part, who sees what, keeping, files."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.http import QueryDict
from reportlab.graphics.shapes import PolyLine, Rect

from rapport.accounts.models import Role
from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.core.personal import Person
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.insight.models import ReportMail, SavedReport
from rapport.insight.report_builder import actions
from rapport.insight.report_builder.charts import chart
from rapport.insight.report_builder.forgetting import collect_reports, forget_in_reports
from rapport.insight.report_builder.pdf import as_pdf
from rapport.insight.report_builder.pdf_charts import draw
from rapport.insight.report_builder.questions import kept_query, read_question
from rapport.insight.report_builder.result import Result, amounts, answer
from rapport.insight.report_builder.tally import ReportTooLarge
from rapport.insight.retention import RETAINED
from rapport.records.exporting.lists import every_list, read_query
from rapport.records.lists.querying import count_rows
from rapport.records.registry import UnknownField
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")
YORK = "of=customer&by=city&measure=count"


def ask(query: str, user: Any) -> Result:
    return answer(read_question(QueryDict(query), user=user), at=NOW)


def said(result: Result) -> dict[tuple[str, ...], list[str]]:
    measures = result.question.measures
    return {
        tuple(part.label for part in cell.parts): [result.shown(cell.sums, each) for each in measures]
        for cell in result.cells
    }


def count_behind(result: Result, href: str) -> int:
    """How many rows the list shows that a part leads to."""
    user, name = result.question.user, result.question.source.name
    return count_rows(read_query(every_list()[name], href.partition("?")[2], user=user)).number


def added(customer: Customer, moment: datetime) -> None:
    with acting(SYSTEM):
        Customer.objects.filter(pk=customer.pk).update(created_at=moment)


@pytest.fixture
def five(alice: Any, business: Any) -> list[Customer]:
    found = [
        make_customer(name, owner=alice, **more)
        for name, more in (
            ("Ana", {"city": "York"}), ("Berta", {"city": "york"}), ("Carl", {"city": "Porto"}),
            ("Dina", {"city": "Porto", "kind": "organization"}), ("Emil", {}),
        )
    ]  # fmt: skip
    for customer, day in zip(
        found, ((2024, 1, 31), (2024, 2, 1), (2024, 2, 29), (2024, 5, 1), (2023, 12, 31)), strict=True
    ):
        added(customer, datetime(*day, 12, tzinfo=UTC))
    return found


def test_records_are_counted_by_a_text_whatever_its_capitals_and_by_none(alice: Any, five: Any) -> None:
    result = ask(YORK, alice)

    assert {key[0].lower(): value for key, value in said(result).items()} == {
        "york": ["2"], "porto": ["2"], "without a value": ["1"],
    }  # fmt: skip
    assert result.whole.sums.count == 5


@pytest.mark.parametrize(
    "query",
    [
        YORK,
        "of=customer&by=kind&then=city&measure=count",
        "of=customer&by=created.month&then=kind",
        "of=customer&by=created.week",
        "of=customer&by=created.day&sort=-count",
        "of=customer&by=created.quarter&filter=city.is:Porto",
        "of=customer&by=created.year&then=created.month",
        "of=customer&by=owner&filter=any(city.is:York;city.empty:)",
    ],
)
def test_the_rows_behind_each_part_are_as_many_as_it_says(query: str, alice: Any, five: Any) -> None:
    result = ask(query, alice)

    for cell in result.cells:
        assert bool(cell.href) == bool(cell.sums.count)
        if cell.href:
            assert count_behind(result, cell.href) == cell.sums.count
    assert sum(cell.sums.count for cell in result.cells) == result.whole.sums.count
    assert count_behind(result, result.rows_href) == result.whole.sums.count


def test_months_without_anything_stand_between_those_with_something(alice: Any, five: Any) -> None:
    result = ask("of=customer&by=created.month", alice)

    assert [(cell.parts[0].label, cell.sums.count) for cell in result.cells] == [
        ("Dec 2023", 1), ("Jan 2024", 1), ("Feb 2024", 2), ("Mar 2024", 0), ("Apr 2024", 0), ("May 2024", 1),
    ]  # fmt: skip
    last_two = ask("of=customer&by=created.month&top=2", alice)
    assert [(cell.parts[0].label, cell.sums.count) for cell in last_two.cells] == [
        ("All before", 4), ("Apr 2024", 0), ("May 2024", 1),
    ]  # fmt: skip


def test_days_end_where_the_business_is(alice: Any, five: Any, business: Any) -> None:
    with acting(SYSTEM):
        type(business).objects.filter(pk=business.pk).update(time_zone="Asia/Seoul")
    late = make_customer("Late", owner=alice)
    added(late, datetime(2024, 6, 30, 16, tzinfo=UTC))

    result = ask("of=customer&by=created.day&top=1", alice)

    assert result.cells[-1].parts[0].key == date(2024, 7, 1)
    assert count_behind(result, result.cells[-1].href) == 1


def test_the_first_parts_are_shown_and_the_others_stand_together(alice: Any, five: Any) -> None:
    result = ask(f"{YORK}&top=1&sort=-count", alice)

    assert [cell.sums.count for cell in result.cells] == [2, 3]
    assert result.cells[1].parts[0].label == "All others"
    assert not result.cells[1].href


def test_nobody_s_report_counts_what_she_may_not_see(alice: Any, bob: Any, five: Any) -> None:
    with acting(SYSTEM):
        bob.role = Role.objects.create(name="Own alone", rights=["customers.view"], scope="own")
        bob.save(update_fields=["role"])
    make_customer("His", owner=bob, city="York")

    assert ask(YORK, alice).whole.sums.count == 6
    assert said(ask(YORK, bob)) == {("York",): ["1"]}


@pytest.mark.parametrize(
    "query",
    [
        "", "of=user", "of=customer&by=password", "of=customer&by=name;drop", "of=customer&by=created.century",
        "of=customer&by=city.month", "of=customer&by=city&then=city", "of=customer&measure=sum.city",
        "of=customer&measure=count.name", "of=customer&measure=median.value", "of=customer&sort=password",
        "of=customer&top=0", "of=customer&top=51", "of=customer&top=1e3", "of=customer&top=²", "of=customer&chart=pie",
        "of=customer&filter=password.is:x", "of=mart-revenue&filter=month.in:this_year", "of=mart-revenue&by=month.day",
        "of=mart-revenue&measure=count", f"{YORK}&measure=sum.value&measure=average.value&measure=sum.recency_band",
    ],
)  # fmt: skip
def test_what_the_registry_does_not_know_is_refused_in_words(query: str, ada: Any, as_user: Any) -> None:
    with pytest.raises(UnknownField):
        read_question(QueryDict(query), user=ada)

    if query:
        assert as_user(ada).get(f"/reports/new/?{query}").status_code == 400


def test_too_many_parts_are_refused_in_words(alice: Any, five: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("rapport.insight.report_builder.tally.MOST_GROUPS", 1)

    with pytest.raises(ReportTooLarge, match="more than 1 parts"):
        ask(YORK, alice)


def test_what_takes_too_long_is_given_up_and_the_connection_goes_on(alice: Any, five: Any, monkeypatch: Any) -> None:
    def slow(*_args: Any) -> Any:
        from psycopg import sql

        return sql.SQL("pg_sleep(3)::text")

    monkeypatch.setattr("rapport.insight.report_builder.tally._key", slow)
    question = read_question(QueryDict(YORK), user=alice)

    with pytest.raises(ReportTooLarge, match="takes longer"):
        answer(question, at=NOW, seconds=0.05)

    monkeypatch.undo()
    assert answer(question, at=NOW).whole.sums.count == 5


def test_more_than_is_looked_at_is_said_to_be_at_least(alice: Any, five: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("rapport.insight.report_builder.tally.LOOKS_AT", 2)

    result = ask(YORK, alice)

    assert result.is_capped
    assert result.shown(result.whole.sums, result.question.measures[0]) == "at least 3"


def test_a_report_is_put_together_kept_shared_changed_and_deleted(
    alice: Any, ada: Any, as_user: Any, five: Any
) -> None:
    client = as_user(ada)
    assert "What is it of?" in client.get("/reports/new/").text
    page = client.get(f"/reports/new/?{YORK}&filter=city.filled:").text
    assert "Number · Customers · City" in page
    assert "City is filled in" in page

    answer = client.post("/reports/new/", {"query": YORK, "name": "Where they live", "is_shared": "on"})

    report = SavedReport.objects.get()
    assert answer["Location"] == f"/reports/{report.public_id}/"
    assert report.is_shared
    assert report.asked["by"] == ["city"]
    assert "Where they live" in as_user(alice).get("/reports/").text
    shown = as_user(alice).get(f"/reports/{report.public_id}/").text
    assert re.search(r'href="/customers/\?filter=city\.is:[Pp]orto"', shown)
    assert client.get(f"/reports/{report.public_id}/change/").status_code == 200
    client.post(f"/reports/{report.public_id}/change/", {"query": f"{YORK}&chart=table", "name": "Cities"})
    report.refresh_from_db()
    assert (report.name, report.is_shared, report.asked["chart"]) == ("Cities", False, ["table"])
    assert as_user(alice).get(f"/reports/{report.public_id}/").status_code == 404
    assert as_user(alice).post(f"/reports/{report.public_id}/delete/").status_code == 404
    client.post(f"/reports/{report.public_id}/delete/")
    assert client.get(f"/reports/{report.public_id}/").status_code == 404
    assert "Cities" in client.get("/reports/").text
    client.post(f"/reports/{report.public_id}/restore/")
    assert client.get(f"/reports/{report.public_id}/").status_code == 200


def test_a_name_is_given_once_and_a_filter_comes_back_from_its_builder(ada: Any, as_user: Any, five: Any) -> None:
    client = as_user(ada)
    actions.save_report(name="Cities", asked=kept_query_of(YORK), by=ada, now=NOW)

    again = client.post("/reports/new/", {"query": YORK, "name": "cities"})

    assert again.status_code == 422
    assert "You have one of this name already." in again.text
    link = re.search(
        r'href="(/lists/customer/filter/[^"]+|/[^"]*use=report_new[^"]*)"', client.get(f"/reports/new/?{YORK}").text
    )
    assert link is not None
    builder = client.get(link[1].replace("&amp;", "&"))
    assert "What the report is of" in builder.text
    report = SavedReport.objects.get()
    to_change = client.get(f"/reports/new/?{YORK}&report={report.public_id}")
    assert to_change["Location"].startswith(f"/reports/{report.public_id}/change/?of=customer")
    assert client.get(f"/reports/new/?{YORK}&report=x").status_code == 404
    assert "Make a report" in client.get("/customers/").text


def kept_query_of(query: str) -> dict[str, list[str]]:
    return {name: list(values) for name, values in QueryDict(query).lists()}


def test_a_report_whose_fields_its_reader_does_not_see_shows_nothing(
    alice: Any, ada: Any, as_user: Any, five: Any
) -> None:
    report = actions.save_report(name="Gone", asked={"of": ["customer"], "by": ["c_gone"]}, by=ada, now=NOW)

    page = as_user(ada).get(f"/reports/{report.public_id}/").text

    assert "This report cannot be shown to you" in page
    assert "york" not in page.lower()


def test_a_file_has_the_lines_of_the_table_and_nothing_that_a_spreadsheet_runs(
    ada: Any, as_user: Any, five: Any
) -> None:
    make_customer("Evil", owner=ada, city="=1+1")
    report = actions.save_report(name="Städte", asked=kept_query_of(f"{YORK}&sort=name"), by=ada, now=NOW)
    client = as_user(ada)

    text = client.get(f"/reports/{report.public_id}/file/?format=csv").content.decode("utf-8-sig")

    found = list(csv.reader(io.StringIO(text)))
    assert found[0] == ["City", "Number"]
    assert ["'=1+1", "1"] in found
    assert found[-1] == ["Together", "6"]
    assert client.get(f"/reports/{report.public_id}/file/?format=xlsx").content[:2] == b"PK"
    assert client.get(f"/reports/{report.public_id}/file/?format=exe").status_code == 404
    assert AuditEvent.objects.filter(operation="report exported").count() == 2


def test_what_a_report_says_of_a_person_goes_with_her(ada: Any, five: Any) -> None:
    asked = kept_query_of(f"{YORK}&filter=email.is:ana@example.com&filter=city.is:York")
    report = actions.save_report(name="ana@example.com", asked=asked, by=ada, now=NOW)
    dashboard = actions.save_dashboard(name="For ana@example.com", tiles=[], by=ada, now=NOW)
    person = Person(customers=(1,), public_ids=(), profiles=(), emails=frozenset({"ana@example.com"}))

    assert len(collect_reports(person)["reports"]) == 3
    assert forget_in_reports(person) == {"insight_savedreport": 1, "insight_dashboard": 1}

    report.refresh_from_db()
    dashboard.refresh_from_db()
    assert "ana" not in f"{report.name}{report.asked}{dashboard.name}"
    assert report.asked["filter"] == ["city.is:York"]


def test_deleted_reports_end_after_their_time(ada: Any) -> None:
    report = actions.save_report(name="Old", asked={}, by=ada, now=NOW)
    actions.trash(report, by=ada, now=datetime(2024, 1, 1, tzinfo=UTC))

    kind = RETAINED[0]

    assert kind.count(NOW) == 1
    assert kind.remove(NOW) == 1
    assert not SavedReport.objects.exists()
    assert not ReportMail.objects.exists()


def test_sums_and_averages_are_of_those_with_a_value(alice: Any, five: Any) -> None:
    result = ask("of=customer&by=kind&measure=average.recency_band&measure=sum.recency_band", alice)

    assert amounts(result.whole.sums, result.question.measures[0]) == {}
    assert result.shown(result.whole.sums, result.question.measures[0]) == "—"
    assert result.shown(result.whole.sums, result.question.measures[1]) == "—"


def test_kept_questions_are_read_again_as_they_were(alice: Any, five: Any) -> None:
    question = read_question(
        QueryDict("of=customer&by=kind&then=created.week&filter=any(city.is:York;city.empty:)"), user=alice
    )

    again = read_question(kept_query(question.kept), user=alice)

    assert again.parameters == question.parameters


def test_a_pdf_shows_han_and_hangul_and_refuses_other_letters_in_words(ada: Any, as_user: Any, business: Any) -> None:
    for number, city in enumerate(("北京", "서울", "おおさか", "A<b>&C")):
        make_customer(f"Kim {number}", owner=ada, city=city)
    report = actions.save_report(name="도시 & Städte", asked=kept_query_of(YORK), by=ada, now=NOW)
    client = as_user(ada)

    body = client.get(f"/reports/{report.public_id}/file/?format=pdf").content

    assert body[:5] == b"%PDF-"
    for font in (b"HYSMyeongJo-Medium", b"STSong-Light", b"HeiseiMin-W3"):
        assert font in body
    make_customer("Ivan", owner=ada, city="Москва")
    answer = client.get(f"/reports/{report.public_id}/file/?format=pdf", follow=True)
    assert "A PDF cannot show the letter" in answer.text


@pytest.mark.parametrize(
    ("query", "columns", "lines"),
    [
        ("of=customer&by=created.month", 4, 0), ("of=customer&by=created.month&then=kind", 4, 0),
        ("of=customer&by=created.month&then=kind&chart=line", 0, 2), ("of=customer&by=kind", None, None),
        ("of=customer&by=created.month&chart=table", None, None),
    ],
)  # fmt: skip
def test_a_pdf_has_the_chart_of_the_page(
    query: str, columns: int | None, lines: int | None, alice: Any, five: Any
) -> None:
    result = ask(query, alice)
    on_page = chart(result)

    body = as_pdf(result, title="By month")

    assert body[:5] == b"%PDF-"
    if columns is None or on_page is None:
        assert on_page is None
        return
    shapes = draw(on_page, width=330).contents
    drawn = [each for each in shapes if isinstance(each, Rect)]
    assert len(drawn) == len(on_page.marks) == columns
    assert len([each for each in shapes if isinstance(each, PolyLine)]) == len(on_page.lines) == lines
    for each, mark in zip(drawn, on_page.marks, strict=True):  # half as large, and counted from below
        assert (each.x, each.width, each.height) == (mark.left / 2, mark.width / 2, mark.height / 2)
        assert each.y + each.height == pytest.approx((206 - mark.top) / 2)
