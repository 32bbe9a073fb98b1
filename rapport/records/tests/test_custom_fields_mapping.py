"""A field of one's own from the page of an import: made of a column that nothing takes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer
from rapport.records.custom_fields.mapping import guessed_kind
from rapport.records.models import CustomField, Import
from rapport.records.tests.own_fields import make_field
from rapport.records.tests.test_layouts import hide

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["42", "41.5", ""], "number"),
        (["1.234,50", "7"], "number"),
        (["2026-03-14"], "date"),
        (["14.03.2026", "01.02.2026"], "date"),
        (["yes", "no"], "boolean"),
        (["https://example.com"], "link"),
        (["00123", "00124"], "text"),
        (["blue", "42"], "text"),
        (["", ""], "text"),
        (["javascript:alert(1)"], "text"),
    ],
)
def test_the_kind_is_guessed_from_the_first_cells(cells: list[str], kind: str) -> None:
    assert guessed_kind(cells) == kind


def begin(client: Any) -> Import:
    file = SimpleUploadedFile("people.csv", b"id,name,Shoe size\n1,Ana,42\n2,Ben,41.5\n")
    client.post("/imports/", {"file": file})
    job = Import.objects.get()
    client.post(f"/imports/{job.public_id}/answers/", {"preset": "people", "source": "shop"})
    return job


def test_a_column_becomes_a_field_and_is_filled_from_the_file(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job = begin(client)
    page = client.get(f"/imports/{job.public_id}/").content.decode()

    to_field = client.post(f"/imports/{job.public_id}/field/", {"make_field": "2"})
    form = client.get(to_field["Location"]).content.decode()
    back = client.post(to_field["Location"], {"label": "Shoe size", "kind": "number"})
    job.refresh_from_db()

    assert "Make a field of Shoe size" in page
    assert 'value="Shoe size"' in form
    assert 'value="number" selected' in form
    assert back["Location"] == f"/imports/{job.public_id}/"
    assert job.answers["mapping"]["c_shoe_size"] == 2
    assert CustomField.objects.get().object == "customer"
    assert not Customer.objects.exists()
    assert "Make a field of Shoe size" not in client.get(f"/imports/{job.public_id}/").content.decode()


def test_a_hidden_field_is_not_offered_for_a_column(ada: Any, as_user: Any) -> None:
    make_field(ada, "Standing")
    client = as_user(ada)
    job = begin(client)
    before = client.get(f"/imports/{job.public_id}/").content.decode()
    hide("c_standing", role=ada.role, by=ada)

    assert "Standing" in before
    assert "Standing" not in client.get(f"/imports/{job.public_id}/").content.decode()


def test_nobody_makes_fields_of_columns_without_the_right(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job = begin(client)
    ada.role.rights = [right for right in ada.role.rights if right != "records.fields"]
    with acting(SYSTEM):
        ada.role.save()

    assert "Make a field" not in client.get(f"/imports/{job.public_id}/").content.decode()
    assert client.post(f"/imports/{job.public_id}/field/", {"make_field": "2"}).status_code == 403
    assert client.get(f"/settings/fields/new/?import={job.public_id}&column=2").status_code == 403


@pytest.mark.parametrize(
    "query", ["import=x&column=2", "import={id}&column=99", "import={id}&column=-1", "import={id}"]
)
def test_an_odd_address_is_not_found(ada: Any, as_user: Any, query: str) -> None:
    client = as_user(ada)
    job = begin(client)

    assert client.get("/settings/fields/new/?" + query.format(id=job.public_id)).status_code == 404
