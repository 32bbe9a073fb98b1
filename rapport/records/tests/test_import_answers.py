"""What the page of a file asks: its encoding, its source, and what is known from files like it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rapport.records.models import Import, ImportState

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

    page = answer(client, job, encoding="", source="shop")

    assert "José Peña" in page
    assert "José Peńa" in page


def test_an_encoding_that_cannot_be_right_leaves_the_draft_as_it_was(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job, _page = upload(client, SPANISH)
    answer(client, job, encoding="cp1252")

    page = answer(client, job, encoding="utf-8")

    assert "These bytes are not utf-8 text." in page
    assert job.answers["encoding"] == "cp1252"
