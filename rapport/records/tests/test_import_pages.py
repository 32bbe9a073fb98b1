"""The imports' pages: from a file to its result, also without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts.models import Role
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer
from rapport.records.imports.actions import continue_import
from rapport.records.imports.importing import UnknownImporter
from rapport.records.imports.progress import MOST_RESUMPTIONS
from rapport.records.jobs import import_file, take_back, take_up_imports
from rapport.records.models import Import, ImportProblem, ImportState
from tests.import_files import draft, import_text, undo
from tests.row_hashes import row_hashes

pytestmark = pytest.mark.usefixtures("db", "home")

PEOPLE = "id,name,e-mail,born,shoe size\n1,Ada,ada@example.com,13.12.1815,38\n2,Bob,bob,1.1.1990,45\n"


def upload(client: Client, content: bytes | str, name: str = "people.csv") -> Any:
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content, "text/csv")
    return client.post("/imports/", {"file": file}, follow=True)


def work() -> None:
    """What the worker does with the jobs that wait."""
    for waiting in ProcrastinateJob.objects.filter(status="todo", queue_name="imports").order_by("id"):
        task = import_file if waiting.task_name == import_file.name else take_back
        task(**waiting.args)
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs where id = %s", [waiting.pk])


def test_a_file_is_looked_at_and_its_columns_are_shown_before_anything_happens(ada: Any, as_user: Any) -> None:
    page = upload(as_user(ada), PEOPLE).content.decode()

    job = Import.objects.get()
    assert (job.state, job.importer, job.started_by) == (ImportState.DRAFT, "people", ada)
    assert "shoe size" in page
    assert "ada@example.com" in page
    assert not Customer.objects.exists()


def test_from_the_file_to_the_result_with_a_bad_row_mended(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    upload(client, PEOPLE)
    job = Import.objects.get()
    path = f"/imports/{job.public_id}/"

    checked = client.post(f"{path}answers/", {"source": "", "new_source": "shop", "check": ""})
    assert checked["Location"] == path
    work()
    page = client.get(path).content.decode()
    assert "What would happen" in page
    assert "This is not an e-mail address." in page
    assert not Customer.objects.exists()

    client.post(f"{path}answers/", {"start": "", "source": "", "new_source": "shop"})
    assert 'id="import" data-poll="' in client.get(path).content.decode()
    work()
    page = client.get(path).content.decode()
    assert 'id="import" data-poll="' not in page
    assert 'href="/customers/">Look at the list</a>' in page
    assert [c.name for c in Customer.objects.all()] == ["Ada"]
    refused = b"".join(client.get(f"{path}refused.csv").streaming_content).decode("utf-8-sig")
    assert refused.splitlines()[1].startswith('"2","Bob","bob","1.1.1990","45","3",')

    upload(client, refused.replace('"bob"', '"bob@example.com"'), "people.refused.csv")
    second = Import.objects.exclude(pk=job.pk).get()
    client.post(f"/imports/{second.public_id}/answers/", {"start": "", "source": "shop", "dates": "dmy"})
    work()
    assert set(Customer.objects.values_list("name", "email")) == {
        ("Ada", "ada@example.com"),
        ("Bob", "bob@example.com"),
    }


def test_what_is_not_certain_is_asked_and_the_import_does_not_start_without_it(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    page = upload(client, "id,name,born\n1,Ada,3/4/1990\n").content.decode()
    job = Import.objects.get()
    assert "In which order are dates written? The file has 3/4/1990." in page

    answer = client.post(
        f"/imports/{job.public_id}/answers/", {"source": "", "new_source": "shop", "dates": "", "start": ""}
    )

    assert answer.status_code == 422
    job.refresh_from_db()
    assert job.state == ImportState.DRAFT


def test_an_encoding_is_chosen_by_what_the_text_looks_like(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    page = upload(client, "id,name,email\n1,김민수,kim@example.kr\n".encode("cp949")).content.decode()
    assert "김민수" in page
    job = Import.objects.get()

    page = client.post(f"/imports/{job.public_id}/answers/", {"encoding": "cp949"}, follow=True).content.decode()

    assert "김민수" in page
    assert "What the file is" in page


def test_a_column_goes_where_it_is_told_and_only_there(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    upload(client, "id,name,nick,e-mail\n1,Ada,Countess,ada@example.com\n")
    job = Import.objects.get()
    columns = {"column-0": "external_id", "column-1": "", "column-2": "name", "column-3": "+keep"}

    client.post(f"/imports/{job.public_id}/answers/", {**columns, "source": "", "new_source": "shop", "start": ""})
    work()

    customer = Customer.objects.get()
    assert (customer.name, customer.email) == ("Countess", None)


@pytest.mark.parametrize("field", ["owner_id", "id", "import_id", "provenance"])
def test_a_column_cannot_be_sent_to_a_field_the_importer_does_not_have(ada: Any, as_user: Any, field: str) -> None:
    client = as_user(ada)
    upload(client, PEOPLE)
    job = Import.objects.get()

    columns = {"column-0": "external_id", "column-1": field}
    answer = client.post(
        f"/imports/{job.public_id}/answers/", {**columns, "new_source": "x", "source": "", "start": ""}
    )

    assert answer.status_code == 422
    assert Import.objects.get().state == ImportState.DRAFT


def test_a_broken_file_says_where_and_can_be_discarded(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    page = upload(client, 'id,name\n1,"Ada\n').content.decode()
    job = Import.objects.get()
    assert "Line 2, column 2" in page

    client.post(f"/imports/{job.public_id}/discard/")

    assert not Import.objects.exists()


def test_an_import_is_undone_after_being_told_what_will_happen(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    before = row_hashes()
    job = import_text("id,name,email\n1,Ada,ada@example.com\n", by=ada)
    page = client.get(f"/imports/{job.public_id}/undo/").content.decode()
    assert "becomes what it was before" in page

    client.post(f"/imports/{job.public_id}/undo/")
    work()

    job.refresh_from_db()
    assert job.state == ImportState.UNDONE
    assert row_hashes() == before
    assert "What had come in" in client.get(f"/imports/{job.public_id}/").content.decode()


def test_an_import_others_build_on_shows_why_it_cannot_be_undone(ada: Any, as_user: Any) -> None:
    first = import_text("id,name,email\n1,Ada,ada@example.com\n", by=ada)
    import_text("id,name,email\n1,Ada King,ada@example.com\n")
    client = as_user(ada)
    before = row_hashes()

    answer = client.post(f"/imports/{first.public_id}/undo/")

    assert answer.status_code == 409
    assert "undo that one first" in answer.content.decode()
    assert row_hashes() == before


def test_a_waiting_import_can_be_cancelled(ada: Any, as_user: Any) -> None:
    job = draft("id,name,email\n1,Ada,ada@example.com\n", by=ada)

    as_user(ada).post(f"/imports/{job.public_id}/cancel/")
    import_file(job.pk)

    job.refresh_from_db()
    assert job.state == ImportState.CANCELLED
    assert not Customer.objects.exists()


def test_an_import_whose_process_was_killed_is_taken_up_again(ada: Any) -> None:
    job = draft("id,name,email\n1,Ada,ada@example.com\n", by=ada)
    Import.objects.filter(pk=job.pk).update(state=ImportState.RUNNING)

    take_up_imports(0)
    assert ProcrastinateJob.objects.filter(task_name="records.import").count() == 1
    work()

    job.refresh_from_db()
    assert job.state == ImportState.DONE


def cut_off(job: Import, state: ImportState) -> None:
    """As if the process at work on it had been killed for the last time that is forgiven."""
    Import.objects.filter(pk=job.pk).update(state=state, resumptions=MOST_RESUMPTIONS)


@pytest.mark.django_db(transaction=True)
def test_an_import_that_ends_its_process_each_time_is_given_up_in_words_and_can_be_continued(ada: Any) -> None:
    job = draft("id,name,email\n1,Ada,ada@example.com\n", by=ada)
    cut_off(job, ImportState.RUNNING)

    take_up_imports(0)
    work()

    job.refresh_from_db()
    assert (job.state, "11 times" in job.failure) == (ImportState.FAILED, True)
    take_up_imports(0)
    assert not ProcrastinateJob.objects.filter(task_name="records.import").exists()
    assert continue_import(job, by=ada)
    import_file(job.pk)
    job.refresh_from_db()
    assert (job.state, job.resumptions) == (ImportState.DONE, 0)


def test_each_time_an_import_is_taken_up_counts(ada: Any) -> None:
    job = draft("id,name,email\n1,Ada,ada@example.com\n", by=ada)
    Import.objects.filter(pk=job.pk).update(state=ImportState.RUNNING)

    import_file(job.pk)

    job.refresh_from_db()
    assert (job.state, job.resumptions) == (ImportState.DONE, 1)


def test_an_undo_that_ends_its_process_each_time_is_given_up_and_can_be_asked_for_again(ada: Any) -> None:
    job = import_text("id,name,email\n1,Ada,ada@example.com\n", by=ada)
    cut_off(job, ImportState.UNDOING)

    take_up_imports(0)
    work()

    job.refresh_from_db()
    assert (job.state, "11 times" in job.failure, job.can_be_undone) == (ImportState.CANCELLED, True, True)
    undo(job)
    assert job.state == ImportState.UNDONE
    assert not Customer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_nobody_expected_fails_an_import_in_words_and_it_is_not_taken_up_again(ada: Any) -> None:
    job = draft("id,name,email\n1,Ada,ada@example.com\n", by=ada)
    Import.objects.filter(pk=job.pk).update(importer="of no room", state=ImportState.RUNNING)

    with pytest.raises(UnknownImporter):
        import_file(job.pk)

    job.refresh_from_db()
    assert (job.state, "of no room" in job.failure) == (ImportState.FAILED, True)
    take_up_imports(0)
    assert not ProcrastinateJob.objects.filter(task_name="records.import").exists()


def test_an_import_reaches_every_record_so_only_those_who_do_may_import(
    ada: Any, alice: Any, rita: Any, as_user: Any
) -> None:
    with acting(SYSTEM):
        sales = Role.objects.get(name="Sales")
        sales.rights = sorted({*sales.rights, "records.import"})
        sales.save(update_fields=["rights"])
    job = import_text("id,name,email\n1,Ada,ada@example.com\n", by=alice)
    path = f"/imports/{job.public_id}/"

    assert [as_user(user).get(path).status_code for user in (ada, alice, rita)] == [200, 403, 403]
    client = as_user(alice)
    assert [client.get(path + part).status_code for part in ("undo/", "refused.csv")] == [403, 403]
    parts = ("answers/", "cancel/", "continue/", "discard/", "undo/")
    assert [client.post(path + part).status_code for part in parts] == [403] * 5
    assert "is only for roles that reach all records" in upload(client, PEOPLE).content.decode()
    assert "/imports/" not in client.get("/customers/").content.decode()


def test_refused_rows_are_harmless_in_a_spreadsheet_and_come_back_as_they_were(ada: Any, as_user: Any) -> None:
    cells = ["=1+1", "+44 20", "-5", "@x", "\t=1", "'=1", "＝1", "plain", "'quoted"]
    lines = "".join(f'{number},"{cell}",bad\n' for number, cell in enumerate(cells))
    job = import_text("id,name,email\n" + lines, preset="people", by=ada)
    client = as_user(ada)
    content = b"".join(client.get(f"/imports/{job.public_id}/refused.csv").streaming_content).decode("utf-8-sig")
    assert '\n"0","\'=1+1","bad"' in content
    assert not any(
        line.split(",")[1].startswith(('"=', '"+', '"-', '"@', '"\t', '"＝')) for line in content.splitlines()[1:]
    )

    again = import_text(content.replace(',"bad",', ',"a@example.com",'), preset="people")

    assert ImportProblem.objects.filter(job=again).count() == 0
    assert set(Customer.objects.values_list("name", flat=True)) == {cell.strip() for cell in cells}


def test_refused_rows_stay_whole_cells_where_a_spreadsheet_takes_another_separator(ada: Any, as_user: Any) -> None:
    job = import_text("id,name,email\n1,x;=1+1,bad\n", preset="people", by=ada)

    answer = as_user(ada).get(f"/imports/{job.public_id}/refused.csv")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")

    assert '"1","x;=1+1","bad"' in content
    assert all(line.startswith('"') for line in content.splitlines())


def test_the_list_of_imports_is_found_in_the_menu_and_reads_a_few_times(
    ada: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        import_text(f"id,name,email\n{number},Ada,ada@example.com\n", by=ada)
    client = as_user(ada)
    client.get("/imports/")

    with django_assert_max_num_queries(14):
        page = client.get("/imports/").content.decode()

    assert page.count("file.csv") >= 5
