"""What the page of a file asks: its encoding, its source, and what is known from files like it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rapport.records.imports.remembering import answer_as_before
from rapport.records.models import Import, ImportState
from tests.import_files import import_text

pytestmark = pytest.mark.usefixtures("db", "home")

SPANISH = "Straße,id,name,email\nx,1,José Peña,jose@example.es\n".encode("cp1252")


def upload(client: Client, content: bytes | str, name: str = "people.csv") -> tuple[Import, str]:
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content, "text/csv")
    page = client.post("/imports/", {"file": file}, follow=True).content.decode()
    return Import.objects.latest("pk"), page


def answer(client: Client, job: Import, **answers: str) -> str:
    page = client.post(f"/imports/{job.public_id}/answers/", answers, follow=True).content.decode()
    job.refresh_from_db()
    return page


def test_any_known_encoding_can_be_chosen_when_none_of_the_likely_ones_is_right(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job, page = upload(client, "id,name,email\n1,José Peña,jose@example.es\n".encode("cp437"))
    assert "American (DOS)" in page

    page = answer(client, job, encoding="cp1252", other_encoding="cp437")

    assert "José Peña" in page


def test_the_encoding_can_be_changed_as_long_as_the_import_is_a_draft(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job, _page = upload(client, SPANISH)
    page = answer(client, job, encoding="cp1250")
    assert "José Peńa" in page

    page = answer(client, job, encoding="cp1252", source="shop", start="")

    assert "José Peña" in page
    assert job.state == ImportState.DRAFT, "a file that reads differently now is looked at before it comes in"
    answer(client, job, encoding="cp1252", source="shop", start="")
    assert job.state == ImportState.WAITING


def test_how_a_file_would_read_in_other_encodings_can_be_seen_again(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job, _page = upload(client, SPANISH)
    answer(client, job, encoding="cp1250")

    page = answer(client, job, encoding="+ask", source="shop")

    assert "José Peña" in page
    assert "José Peńa" in page


def test_an_encoding_that_cannot_be_right_leaves_the_draft_as_it_was(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job, _page = upload(client, SPANISH)
    answer(client, job, encoding="cp1252")

    page = answer(client, job, encoding="utf-8")

    assert "These bytes are not utf-8 text." in page
    assert job.answers["encoding"] == "cp1252"


def test_mended_rows_are_answered_as_the_import_they_come_from(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    mapping = {"external_id": "nr", "name": "wer", "email": "post", "born_on": "tag"}
    first = import_text(
        "nr;wer;post;tag;size\n1;Ada;bad;3.4.1815;5\n",
        by=ada, preset="people", mapping=mapping, keep=["size"], source="loft", dates="mdy",
    )  # fmt: skip
    mended = b"".join(client.get(f"/imports/{first.public_id}/refused.csv").streaming_content).decode("utf-8-sig")

    job, page = upload(client, mended.replace('"bad"', '"ada@example.com"'), "mended.csv")

    assert {name: job.answers[name] for name in ("preset", "mapping", "keep", "source", "dates")} == {
        "preset": "people", "mapping": {"external_id": 0, "name": 1, "email": 2, "born_on": 3}, "keep": [4],
        "source": "loft", "dates": "mdy",
    }  # fmt: skip
    assert f"import {first.pk}, file.csv" in page


def test_what_the_file_itself_says_about_its_dates_goes_before_what_was_answered_once(ada: Any, as_user: Any) -> None:
    import_text("id,name,born\n1,Ada,3/4/1815\n", by=ada, dates="mdy", source="loft")

    job, _page = upload(as_user(ada), "id,name,born\n1,Ada,13/4/1815\n")

    assert (job.answers["dates"], job.answers["source"]) == ("dmy", "loft")


def test_answers_of_imports_one_may_not_see_are_not_taken_over(ada: Any, alice: Any, as_user: Any) -> None:
    import_text("id,name,shoe\n1,Ada,5\n", by=ada, preset="people", source="secret source")
    job = Import.objects.create(answers={"header": ["id", "name", "shoe"]}, file_size=1)

    assert answer_as_before(job, known=Import.objects.visible_to(alice)) is None


def test_a_file_whose_encoding_was_asked_is_answered_as_before_too(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    import_text(SPANISH, by=ada, encoding="cp1252", source="loft")
    job, _page = upload(client, SPANISH)

    page = answer(client, job, encoding="cp1252")

    assert job.answers["source"] == "loft"
    assert "Filled in as for" in page


def test_where_a_file_comes_from_is_one_box_that_must_be_filled(ada: Any, as_user: Any) -> None:
    _job, page = upload(as_user(ada), "id,name,email\n1,Ada,ada@example.com\n")

    box = re.search(r'<input [^>]*name="source"[^>]*>', page)
    assert box is not None
    assert " required" in box[0]
    assert 'name="new_source"' not in page


def test_the_number_by_which_the_command_line_knows_an_import_is_shown(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job = import_text("id,name,email\n1,Ada,ada@example.com\n", by=ada)

    assert f"Import {job.pk}" in client.get(f"/imports/{job.public_id}/").content.decode()
    assert re.search(rf'<td class="number[^"]*">{job.pk}</td>', client.get("/imports/").content.decode())
