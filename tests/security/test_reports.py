"""S2, S5, S7, S9, S10, S13, S23 at reports, dashboards, their files and mails, and at what things cost: others put it together."""

from __future__ import annotations

import base64
import csv
import io
import re
import zipfile
import zlib
from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict

from rapport.accounts.models import User
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.tests.world import make_customer
from rapport.insight.models import Dashboard, ReportMail, Rhythm, SavedReport, UnitValue
from rapport.insight.report_builder import actions
from rapport.insight.report_builder.mailing import send_reports
from rapport.insight.report_builder.questions import read_question, sources_for
from rapport.insight.report_builder.result import answer
from rapport.records.custom_fields.actions import add_field
from rapport.records.permissions import SHARE
from tests.security.test_builders import EVIL
from tests.security.test_markup_elsewhere import FORMULAS, HEADER
from tests.world import NOW

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
BY_CITY = {"of": ["customer"], "by": ["city"], "measure": ["count"], "top": ["50"]}
MARKUP = (
    "<img src='file:///etc/passwd' width='9' height='9'/>", '<para><a href="javascript:pwned()">Pay</a></para>',
    "<font name='/etc/passwd' color='red'>x", "</para></b>", "<![CDATA[x]]>", "&lt;b&gt;&amp;amp;", "<onDraw name='pwned'/>",
    "<link href='http://evil.example/x'>y</link>", "<seq id='a'/><greek>a</greek>", "{{7*7}}${7*7}", ") Tj /JS (pwned",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
)  # fmt: skip
ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/GoToR", b"/AA", b"/Subtype /Image")


def texts_of(pdf: bytes) -> str:
    """What is written on the pages of a PDF, as its operators say it, without the breaks of lines."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        content = zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True))
        for said in re.findall(rb"\(((?:\\.|[^\\)])*)\) Tj", content, re.DOTALL):
            plain = re.sub(rb"\\([0-7]{3})", lambda each: bytes([int(each[1], 8)]), said)
            found.append(re.sub(rb"\\(.)", rb"\1", plain))
    return b"".join(found).decode("cp1252", "replace")


@pytest.fixture
def cities(people):
    """Somebody in each hostile city, and a report that everybody sees."""
    for number, text in enumerate((*MARKUP, *FORMULAS, HEADER)):
        make_customer(f"Customer {number}", owner=people["bob"], external_id=f"C{number}", city=text)
    report = actions.save_report(name=MARKUP[0], asked=BY_CITY, by=people["ada"], now=NOW)
    actions.set_shared(report, True, by=people["ada"])
    return report


def file_of(client, report, kind):
    return client.get(f"/reports/{report.public_id}/file/", {"format": kind})


def test_markup_in_a_pdf_is_text_and_nothing_in_it_acts_or_is_fetched(cities, client_of):
    pdf = file_of(client_of("ada"), cities, "pdf")

    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in pdf["Content-Disposition"]
    said = re.sub(r"\s", "", texts_of(pdf.content))
    missing = [text for text in MARKUP if re.sub(r"\s", "", text) not in said]
    assert missing == []
    plain = re.sub(rb"stream\r?\n.*?endstream", b"", pdf.content, flags=re.DOTALL)
    assert [word for word in ACTIVE if re.search(rb"%b\b" % re.escape(word), plain)] == []
    assert b"root:" not in pdf.content


@pytest.mark.parametrize("kind", ["pdf", "csv", "xlsx"])
@pytest.mark.parametrize(
    "text", ["x" * 60_000, "word " * 9_000, "-" * 5_000, "한" * 10_000], ids=["letters", "words", "signs", "hangul"]
)
def test_a_very_long_name_fits_into_a_file_or_is_refused_in_words(people, client_of, kind, text):
    make_customer("Ana", owner=people["ada"], city=text)
    report = actions.save_report(name="Cities", asked=BY_CITY, by=people["ada"], now=NOW)

    made = file_of(client_of("ada"), report, kind)

    assert made.status_code == 200, made
    assert made["Content-Type"].startswith(("application/", "text/csv"))


def test_letters_that_turn_or_hide_text_are_refused_in_words_in_a_pdf(people, client_of):
    make_customer("Ana", owner=people["ada"], city="York\u202egnp.exe")
    report = actions.save_report(name="Cities", asked=BY_CITY, by=people["ada"], now=NOW)

    answered = client_of("ada").get(f"/reports/{report.public_id}/file/", {"format": "pdf"}, follow=True)

    assert "A PDF cannot show the letter" in answered.content.decode()


def test_no_cell_of_a_csv_or_a_workbook_computes(cities, client_of):
    client = client_of("ada")

    content = file_of(client, cities, "csv").content.decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert {len(row) for row in rows} == {2}
    names = [row[0] for row in rows]
    assert [cell for cell in names if cell[:1] in "=+-@\t\r\n＝" and cell] == []
    assert {f"'{text}" for text in FORMULAS if text.strip() == text} <= set(names)
    with zipfile.ZipFile(io.BytesIO(file_of(client, cities, "xlsx").content)) as workbook:
        sheets = "".join(workbook.read(name).decode() for name in workbook.namelist() if "sheet" in name)
    assert "<f>" not in sheets
    assert "<f " not in sheets
    assert "HYPERLINK" not in sheets
    assert "&lt;img src=" in sheets


def test_what_is_called_like_a_formula_is_none_in_the_head_of_a_file(people, client_of, home):
    made = add_field("customer", label="=HYPERLINK(1)", kind="number", by=people["ada"])
    asked = BY_CITY | {"measure": ["count", f"sum.{made.name}"]}
    report = actions.save_report(name="=1+1", asked=asked, by=people["ada"], now=NOW)

    content = file_of(client_of("ada"), report, "csv").content.decode("utf-8-sig")

    head = next(csv.reader(io.StringIO(content, newline="")))
    assert [cell[:1] for cell in head] == ["C", "N", "'"]


def test_no_name_gets_into_the_headers_of_a_report_by_mail_and_none_gets_it_but_who_asked(people, settings, mailoutbox):
    settings.EMAIL_IS_CONFIGURED = True
    ada, bob = people["ada"], people["bob"]
    make_customer("Ana", owner=bob, city=HEADER)
    report = actions.save_report(name=HEADER[:60], asked=BY_CITY, by=ada, now=NOW)
    actions.set_shared(report, True, by=ada)
    dashboard = actions.save_dashboard(name=HEADER[:60], tiles=[f"report:{report.public_id}"], by=ada, now=NOW)
    for kept, person in ((report, ada), (report, bob), (dashboard, ada)):
        actions.set_mail(kept, person, Rhythm.DAILY, by=person, today=date(2026, 5, 30))

    assert send_reports(now=MONDAY) == 3

    for message in mailoutbox:
        raw = message.message().as_bytes()
        head = raw.partition(b"\n\n")[0].lower()
        assert not re.search(rb"^bcc", head, re.MULTILINE)
        assert b"text/html" not in raw.lower()
        assert "\n" not in message.subject
        assert [line for line in message.body.splitlines() if line.startswith(("Bcc", "<h1>"))] == []
    assert sorted(address for each in mailoutbox for address in each.recipients()) == sorted(
        [ada.email, ada.email, bob.email]
    )


def test_a_stranger_is_never_mailed_nor_who_left_or_lost_sight_of_it(people, client_of, settings, mailoutbox):
    settings.EMAIL_IS_CONFIGURED = True
    ada, bob, charlie = people["ada"], people["bob"], people["charlie"]
    report = actions.save_report(name="Cities", asked=BY_CITY, by=ada, now=NOW)
    with pytest.raises(actions.ReportRefused):
        actions.set_mail(report, bob, Rhythm.DAILY, by=ada, today=date(2026, 5, 30))
    foreign = f"/reports/{report.public_id}/mail/"
    for sent in ({"rhythm": "daily"}, {"rhythm": "daily", "person": str(ada.public_id), "email": "x@evil.example"}):
        assert client_of("bob").post(foreign, sent).status_code == 404
    actions.set_shared(report, True, by=ada)
    client_of("bob").post(foreign, {"rhythm": "daily", "person": str(charlie.public_id), "email": "x@evil.example"})
    client_of("charlie").post(foreign, {"rhythm": "daily"})
    assert set(ReportMail.objects.values_list("person_id", flat=True)) == {bob.pk, charlie.pk}
    ReportMail.objects.update(mailed_on=date(2026, 5, 30))

    with acting(SYSTEM):
        User.objects.filter(pk=charlie.pk).update(is_active=False)
    assert send_reports(now=MONDAY) == 1
    actions.set_shared(report, False, by=ada)
    ReportMail.objects.create(person=bob, report=report, rhythm=Rhythm.DAILY, asked_by=ada)
    assert send_reports(now=MONDAY) == 0

    assert {address for each in mailoutbox for address in each.recipients()} == {bob.email}


@pytest.mark.parametrize("kind", ["reports", "dashboards"])
def test_to_others_it_is_mailed_by_who_may_share_and_to_nobody_who_does_not_work_here(kind, people, client_of):
    ada, bob, charlie = people["ada"], people["bob"], people["charlie"]
    kept = (
        actions.save_report(name="Cities", asked=BY_CITY, by=ada, now=NOW)
        if kind == "reports"
        else actions.save_dashboard(name="Cities", tiles=["builtin:new"], by=ada, now=NOW)
    )
    path, sent = f"/{kind}/{kept.public_id}/mail/colleague/", {"colleague": str(charlie.public_id), "every": "daily"}
    assert client_of("ada").post(path, sent).status_code == 404  # nobody else sees it
    actions.set_shared(kept, True, by=ada)
    with acting(SYSTEM):
        bob.role.rights = [right for right in bob.role.rights if right != SHARE.name]
        bob.role.save(update_fields=["rights"])
        User.objects.filter(pk=charlie.pk).update(is_active=False)

    refused = [client_of("bob").post(path, sent | {"colleague": str(ada.public_id)})]
    for evil in (sent, *(sent | {"colleague": each} for each in ("", "x@evil.example", str(kept.public_id), "\x00"))):
        refused.append(client_of("ada").post(path, evil))
    refused.append(client_of("ada").post(path, {"colleague": str(bob.public_id), "every": "hourly"}))

    assert {answer.status_code for answer in refused} == {404}
    assert not ReportMail.objects.exists()
    assert client_of("ada").get(path).status_code == 405
    page = client_of("bob").get(f"/{kind}/{kept.public_id}/").content.decode()
    assert "mail/colleague" not in page
    assert "Charlie" not in client_of("ada").get(f"/{kind}/{kept.public_id}/").content.decode().split("By mail")[1]
    assert client_of("ada").post(path, {"colleague": str(bob.public_id), "every": "daily"}).status_code == 302
    assert ReportMail.objects.get().person_id == bob.pk


def test_one_report_that_cannot_be_made_keeps_nobody_elses_from_going_out(people, settings, mailoutbox):
    settings.EMAIL_IS_CONFIGURED = True
    ada, bob = people["ada"], people["bob"]
    broken = {"of": ["customer"], "by": ["no_such_field"], "filter": ["((("], "top": ["x" * 99], "chart": ["pie"]}
    for person, asked in ((ada, broken), (ada, {"of": [""]}), (ada, {}), (bob, BY_CITY)):
        report = actions.save_report(name=f"R{SavedReport.objects.count()}", asked=asked, by=person, now=NOW)
        actions.set_mail(report, person, Rhythm.DAILY, by=person, today=date(2026, 5, 30))

    assert send_reports(now=MONDAY) == 4

    assert [each.to for each in mailoutbox][-1] == [bob.email]


def test_a_shared_dashboard_shows_each_team_its_own_numbers_and_no_report_of_somebody_elses(world, client_of, people):
    bob = people["bob"]
    shared = actions.save_report(name="For all", asked=BY_CITY, by=bob, now=NOW)
    private = actions.save_report(name="Secret of Bob", asked=BY_CITY, by=bob, now=NOW)
    actions.set_shared(shared, True, by=bob)
    tiles = [f"report:{each.public_id}" for each in (shared, private)]
    dashboard = actions.save_dashboard(name="Of North", tiles=tiles, by=bob, now=NOW)
    actions.set_shared(dashboard, True, by=bob)
    make_customer("Southern Customer", owner=people["charlie"], external_id="S", city="Southern City")
    here = f"/dashboards/{dashboard.public_id}/"

    ours, theirs = (client_of(name).get(here).content.decode() for name in ("bob", "charlie"))

    assert world.text in ours
    assert "Secret of Bob" in ours
    assert "For all" in theirs
    assert "Southern City" in theirs
    assert world.text not in theirs
    assert "Secret of Bob" not in theirs
    change = client_of("charlie").get(f"{here}change/")
    assert "Secret of Bob" not in change.content.decode()
    mine = actions.save_dashboard(name="Mine", tiles=[], by=people["charlie"], now=NOW)
    client_of("charlie").post(f"/dashboards/{mine.public_id}/change/", {"name": "Mine", "tile": tiles})
    mine.refresh_from_db()
    assert mine.tiles == tiles[:1]


def test_who_may_not_share_changes_no_dashboard_or_report_of_others(world, client_of, people):
    bob = people["bob"]
    report = actions.save_report(name="For all", asked=BY_CITY, by=bob, now=NOW)
    dashboard = actions.save_dashboard(name="For all", tiles=["builtin:new"], by=bob, now=NOW)
    for kept in (report, dashboard):
        actions.set_shared(kept, True, by=bob)
    client = client_of("dora")
    asked = {"name": "Taken", "query": "of=order&by=channel", "tile": "builtin:new", "way": "out", "is_shared": "on"}

    for kept, kind, acts in (
        (report, "reports", ("change", "delete")),
        (dashboard, "dashboards", ("change", "move", "delete")),
    ):
        assert client.get(f"/{kind}/{kept.public_id}/").status_code == 200
        for act in acts:
            assert client.post(f"/{kind}/{kept.public_id}/{act}/", asked).status_code == 404
        kept.refresh_from_db()
        assert (kept.name, kept.trashed_at, kept.is_shared) == ("For all", None, True)
    assert dashboard.tiles == ["builtin:new"]
    assert report.asked == BY_CITY


def test_no_dimension_or_measure_tells_of_records_that_one_does_not_see(world, people):
    """Every list that reports are made of, by everything that it can be broken down by, as somebody of another team."""
    bob, charlie, told = people["bob"], people["charlie"], set()
    shared = {"product", "segment"}  # who has the right sees them all
    for name, source in sources_for(charlie).items():
        if source.listed is None or name in shared:
            continue
        for dimension in source.dimensions:
            query = QueryDict(f"of={name}&by={dimension.parameter}&measure={source.measures[-1].parameter}&top=50")
            ours, theirs = (answer(read_question(query, user=user), at=utc_now()) for user in (bob, charlie))
            labels = " ".join(part.label for cell in theirs.cells for part in cell.parts)
            assert world.text not in labels, (name, dimension.parameter)
            assert theirs.whole.sums.count == 0, (name, dimension.parameter)
            told |= {name for cell in ours.cells for part in cell.parts if world.text in part.label}
    assert {"customer", "order"} <= told


@pytest.mark.parametrize("name", ["query", "name", "tile"])
def test_nothing_evil_that_is_posted_is_kept_or_breaks_a_form(name, world, client_of, statements):
    client = client_of("ada")
    kept = SavedReport.objects.count(), Dashboard.objects.count()
    usual = {"query": "of=customer&by=city", "name": "Kept"}

    for number, evil in enumerate(EVIL):
        marked = f"{evil}zqx"
        if name == "query":
            for each in ("of", "by", "then", "measure", "sort", "top", "chart", "filter"):
                sent = QueryDict(mutable=True)
                sent.update({"of": "customer", "by": "city"} | {each: marked})
                assert client.post("/reports/new/", usual | {"query": sent.urlencode()}).status_code == 400, (
                    each,
                    evil,
                )
        elif name == "name":
            answered = client.post("/reports/new/", usual | {"name": f"{marked[:50]}{number}"})
            assert answered.status_code in (302, 422)
        else:
            answered = client.post("/dashboards/new/", {"name": f"D{number}", "tile": marked})
            made = Dashboard.objects.latest("pk")
            client.post(
                f"/dashboards/{made.public_id}/change/", {"name": made.name, "tile": [marked, f"report:{marked}"]}
            )
            client.post(f"/dashboards/{made.public_id}/move/", {"tile": marked, "way": "first"})
            made.refresh_from_db()
            assert all("zqx" not in tile for tile in made.tiles)

    assert [text for text in statements if "zqx" in text] == []
    if name == "query":
        assert (SavedReport.objects.count(), Dashboard.objects.count()) == kept


@pytest.mark.parametrize(
    "evil", ["NaN", "Infinity", "-Infinity", "1e400", "-1", "0x10", "1" * 400, "1e-99", "'; drop", "١e9", "=1", "1,5,5"]
)
def test_what_things_cost_is_a_number_within_bounds_or_refused(evil, world, client_of):
    client = client_of("ada")
    client.post("/settings/unit-values/", {"cost_delivery": "5"})
    before = list(UnitValue.objects.order_by("name").values_list("name", "amount"))

    for name in ("cost_delivery", "minutes_call", "referral_share"):
        answered = client.post("/settings/unit-values/", {"cost_delivery": "5", name: evil})
        assert answered.status_code == 422, (name, evil)

    assert (
        list(UnitValue.objects.order_by("name").values_list("name", "amount"))
        == before
        == [("cost_delivery", 5_000_000)]
    )
    for name in ("bob", "charlie", "rita"):
        assert client_of(name).post("/settings/unit-values/", {"cost_delivery": "9"}).status_code == 403
