"""Copies of a person outside her rows: packed and wide files, workbooks, the journal of imports, the warehouse."""

from __future__ import annotations

import gzip
import io
import resource
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg.sql import Composable

from rapport.core.acting import SYSTEM, acting
from rapport.core.files import StoredFile, store
from rapport.customers.models import Customer, Identifier, Profile
from rapport.customers.tests.world import make_customer
from rapport.insight.jobs import refresh_and_forget
from rapport.insight.models import Snapshot
from rapport.insight.queries import snapshot_folder, warehouse_folder
from rapport.insight.subscribers import forget_after_erasure
from rapport.insight.warehouse.asking import FORGETTING_TASK
from rapport.insight.warehouse.refresh import make_snapshot
from rapport.privacy import keeping
from rapport.privacy.actions import ImportUnderWay
from rapport.privacy.actions import erase as erase_asked
from rapport.privacy.events import CustomerErased
from rapport.privacy.models import Erasure, Suppression
from rapport.privacy.tests.planting import EMAIL, NAME, traces_in_database, traces_in_files
from rapport.privacy.tests.test_erasure import OTHER, ROW, erase, shop_file
from rapport.records.imports.actions import begin_import
from rapport.records.models import Import, ImportProblem, ImportUndo
from rapport.records.tests.workbooks import workbook
from tests.import_files import import_text, undo
from tests.world import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


def test_a_packed_file_is_packed_again_without_her(ada: Any, home: Path) -> None:
    job = import_text(gzip.compress(shop_file(OTHER, ROW).encode()), preset="people", name="people.csv.gz")

    erase(Customer.objects.get(email=EMAIL), ada)

    job.refresh_from_db()
    assert gzip.decompress(StoredFile(job.file_digest, 0).path.read_bytes()).decode() == shop_file(OTHER) + "\n"


def test_a_file_of_two_bytes_a_letter_keeps_its_encoding(ada: Any) -> None:
    job = import_text(shop_file(ROW, OTHER).encode("utf-16"), preset="people", encoding="utf-16")

    erase(Customer.objects.get(email=EMAIL), ada)

    job.refresh_from_db()
    text = StoredFile(job.file_digest, 0).path.read_bytes().decode(job.answers["encoding"])
    assert text.lstrip("\ufeff") == shop_file("\n", OTHER)


def test_rows_over_several_lines_leave_as_many_lines_empty(ada: Any) -> None:
    job = import_text(
        shop_file(ROW.replace("planted in", '"planted\nin').replace("kept\n", 'kept"\n'), OTHER), preset="people"
    )
    lines = dict(Profile.objects.values_list("external_id", "line"))

    erase(Customer.objects.get(email=EMAIL), ada)

    job.refresh_from_db()
    text = StoredFile(job.file_digest, 0).path.read_text()
    assert text.splitlines()[lines["78"] - 1] == OTHER.strip()
    assert text == shop_file("\n\n", OTHER)


def test_a_namesake_keeps_her_row(ada: Any) -> None:
    namesake = f"80,{NAME},another@person.example,,GB,\n"
    job = import_text(shop_file(ROW, namesake), preset="people")

    erase(Customer.objects.get(email=EMAIL), ada)

    job.refresh_from_db()
    assert StoredFile(job.file_digest, 0).path.read_text() == shop_file("\n", namesake)
    assert Customer.objects.filter(email="another@person.example").exists()


def test_an_address_of_somebody_else_in_her_row_is_nothing_to_know_her_by(ada: Any) -> None:
    row = ROW.replace("planted in a column that is kept", "sent by ana@souza.example")
    job = import_text(shop_file(row, OTHER), preset="people", keep=["remark"])

    erase(Customer.objects.get(email=EMAIL), ada)

    job.refresh_from_db()
    assert StoredFile(job.file_digest, 0).path.read_text() == shop_file("\n", OTHER)
    assert "suppressed" in import_text(shop_file(row), preset="people").counts
    assert Suppression.objects.filter(kind="email").count() == 1


def test_a_file_that_two_imports_share_is_replaced_for_both(ada: Any, home: Path) -> None:
    one = import_text(shop_file(ROW, OTHER), preset="people")
    two = import_text(shop_file(ROW, OTHER), preset="people")

    erase(Customer.objects.get(email=EMAIL), ada)

    one.refresh_from_db()
    two.refresh_from_db()
    assert one.file_digest == two.file_digest
    assert traces_in_files(home) == []


def test_a_workbook_with_her_in_it_goes_as_a_whole_and_the_import_says_so(ada: Any, home: Path, as_user: Any) -> None:
    content = workbook(
        {"People": [["id", "name", "e-mail"], ["77", NAME, EMAIL], ["78", "Ana Souza", "ana@souza.example"]]}
    )
    untouched = workbook({"People": [["id", "name", "e-mail"], ["90", "Uzor", "uzor@one.example"]]})
    job = import_text(content, preset="people", name="people.xlsx")
    other = import_text(untouched, preset="people", name="others.xlsx")

    erase(Customer.objects.get(email=EMAIL), ada)

    job.refresh_from_db()
    assert StoredFile(job.file_digest, 0).path.read_bytes() == b""
    assert StoredFile(other.file_digest, 0).path.read_bytes() == untouched
    assert traces_in_files(home) == []
    assert "was removed" in as_user(ada).get(f"/imports/{job.public_id}/").content.decode()


def test_the_page_of_an_import_tells_of_rows_that_were_taken_out_and_kept_out(ada: Any, as_user: Any) -> None:
    job = import_text(shop_file(ROW, OTHER), preset="people")
    erase(Customer.objects.get(email=EMAIL), ada)
    again = import_text(shop_file(ROW, OTHER), preset="people")

    assert "1 row of its file was taken out" in as_user(ada).get(f"/imports/{job.public_id}/").content.decode()
    assert "1 row was kept out" in as_user(ada).get(f"/imports/{again.public_id}/").content.decode()


def test_an_import_is_undone_after_an_erasure_and_everybody_else_is_as_before(ada: Any) -> None:
    import_text(shop_file(ROW, OTHER), preset="people")
    later = import_text(shop_file(ROW.replace("GB", "FR"), OTHER.replace("GB", "FR")), preset="people")
    erase(Customer.objects.get(email=EMAIL), ada)
    assert {each.previous.get("name") for each in ImportUndo.objects.filter(table_name="customers_profile")} == {
        "Ana Souza"
    }

    undo(later)

    assert list(Customer.objects.values_list("name", "country")) == [("Ana Souza", "GB")]
    assert traces_in_database() == []


def test_no_earlier_snapshot_is_left_once_the_numbers_are_made_anew(ada: Any) -> None:
    hers = make_customer(NAME)
    make_customer("Ana Souza", external_id="78")
    profile = Profile.objects.get(customer=hers).pk
    for hours in (2, 1):
        make_snapshot(zone=ZoneInfo("UTC"), currency="GBP", now=NOW - timedelta(hours=hours))
    erase(hers, ada)

    delivered = [job.args["subscription"] for job in ProcrastinateJob.objects.filter(task_name="core.deliver")]
    assert "rapport.insight.subscribers.forget_after_erasure" in delivered
    forget_after_erasure(CustomerErased(1, (hers.pk,), ()))
    assert ProcrastinateJob.objects.filter(task_name=FORGETTING_TASK).exists()
    refresh_and_forget()

    snapshot = Snapshot.objects.get()
    assert [path.name for path in warehouse_folder().iterdir()] == [snapshot.folder]
    for file in snapshot_folder(snapshot).glob("*/*.[pk]*"):
        rows = pq.read_table(file)
        for column in {"customer_id", "direct_customer_id", "profile_id"} & set(rows.column_names):
            assert (profile if column == "profile_id" else hers.pk) not in rows[column].to_pylist(), file


def test_what_is_kept_for_a_time_goes_by_itself(ada: Any, home: Path) -> None:
    job = import_text(shop_file(ROW), preset="people")
    ImportProblem.objects.create(job=job, line=9, code="x", reason="x", row=[])
    trashed = make_customer("Somebody Trashed", email="trashed@example.com")
    unnamed = store([b"nobody names this"], at_most=100)
    now = timezone.now() + timedelta(days=181)
    with acting(SYSTEM):
        Customer.objects.filter(pk=trashed.pk).update(trashed_at=timezone.now())

    removed = keeping.apply_rules(now=now)

    assert {name for name, count in removed.items() if count} == {
        "import-files",
        "refused-rows",
        "trash",
        "unnamed-files",
    }
    assert not StoredFile(job.file_digest, 0).path.exists()
    assert not unnamed.path.exists()
    assert Import.objects.get(pk=job.pk).file_digest == ""
    assert not Identifier.objects.filter(value_norm="trashed@example.com").exists()
    assert not Suppression.objects.exists()
    assert Customer.objects.filter(email=EMAIL).exists()
    assert sum(keeping.apply_rules(now=now).values()) == 0


def _bomb() -> bytes:
    """A workbook of a few hundred kilobytes with a part that unpacks to 256 MB."""
    target = io.BytesIO(workbook({"Sheet": [["id"], ["1"]]}))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as part:
        for _block in range(256):
            part.write(bytes(1 << 20))
    return target.getvalue()


def _locked() -> bytes:
    """An archive that says of its part that it takes a password."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("sheet.xml", "secret")
    return (
        target.getvalue()
        .replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
        .replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01")
    )


@pytest.mark.parametrize(
    "make", [_bomb, _locked, lambda: gzip.compress(b"a,b\n" * 9_999)[:-99]], ids=["bomb", "locked", "cut"]
)
def test_no_file_that_came_in_keeps_somebody_from_being_erased(ada: Any, home: Path, make: Any) -> None:
    import_text(shop_file(ROW, OTHER), preset="people")
    odd = begin_import(store([make()], at_most=1 << 30), file_name="odd.xlsx", by=ada, now=NOW)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    erase(Customer.objects.get(email=EMAIL), ada)

    odd.refresh_from_db()
    assert not Customer.objects.filter(email=EMAIL).exists()
    assert odd.file_size == 0  # what cannot be looked into is taken to hold her
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 << 10


def test_an_import_that_began_during_an_erasure_is_waited_for(ada: Any, home: Path) -> None:
    import_text(shop_file(ROW, OTHER), preset="people")
    draft_of_another = begin_import(store([b"id\n1\n"], at_most=1 << 20), file_name="b.csv", by=ada, now=NOW)
    her = Customer.objects.get(email=EMAIL)
    asked = Erasure.objects.create(customer_id=her.pk, ground="asked", asked_by=ada, actor_label="Ada", asked_at=NOW)
    seen = []

    def begin(execute: Any, statement: Any, params: Any, many: Any, context: Any) -> Any:
        text = statement.as_string(None) if isinstance(statement, Composable) else str(statement)
        if not seen and text.startswith('delete from "customers_customer"'):
            seen.append(statement)
            Import.objects.filter(pk=draft_of_another.pk).update(state="waiting")
        return execute(statement, params, many, context)

    with connection.execute_wrapper(begin), pytest.raises(ImportUnderWay):
        erase_asked(asked, by=ada, now=NOW)

    assert Customer.objects.filter(email=EMAIL).exists()
    erase_asked(asked, by=ada, now=NOW)
    assert not Customer.objects.filter(email=EMAIL).exists()
