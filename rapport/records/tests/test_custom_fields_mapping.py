"""A field of one's own from the page of an import: made of a column that nothing takes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer
from rapport.records.custom_fields.forms import FieldForm, one_line
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


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Shoe\n size", "Shoe size"),
        ("\x1b]0;owned\x07Size", "]0;ownedSize"),
        ("exe\u202egpj", "exegpj"),
        ("Si\u200bze\ufeff", "Size"),
        ("\u200d\u2066\u200b", ""),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🔬 신발 鞋", "👩\u200d🔬 신발 鞋"),
    ],
)
def test_a_label_has_nothing_in_it_that_is_not_seen(typed: str, label: str) -> None:
    form = FieldForm({"label": typed, "kind": "text"})

    assert one_line(typed) == label
    assert form.is_valid() == bool(label)


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
    assert client.get(f"/imports/{job.public_id}/fields/").status_code == 403


@pytest.mark.parametrize(
    "query", ["import=x&column=2", "import={id}&column=99", "import={id}&column=-1", "import={id}"]
)
def test_an_odd_address_is_not_found(ada: Any, as_user: Any, query: str) -> None:
    client = as_user(ada)
    job = begin(client)

    assert client.get("/settings/fields/new/?" + query.format(id=job.public_id)).status_code == 404


def begin_wide(client: Any) -> Import:
    lines = ["id,name,Shoe size,Joined,Gold member,Note,Standing"]
    lines += ["1,Ana,42,2026-01-31,yes,likes tea,A", "2,Ben,41.5,2026-02-28,no,,B"]
    client.post("/imports/", {"file": SimpleUploadedFile("people.csv", "\n".join(lines).encode())})
    job = Import.objects.get()
    client.post(f"/imports/{job.public_id}/answers/", {"preset": "people", "source": "shop"})
    return job


def test_every_column_that_is_left_becomes_a_field_of_its_kind(ada: Any, as_user: Any) -> None:
    standing = make_field(ada, "Standing")
    client = as_user(ada)
    job = begin_wide(client)
    Import.objects.update(answers={**job.answers, "mapping": {"external_id": 0, "name": 1}})
    page = client.get(f"/imports/{job.public_id}/").content.decode()

    answered = {"column-0": "external_id", "column-1": "name", "column-5": "+keep"}
    offer = client.post(f"/imports/{job.public_id}/field/", {"make_field": "all", **answered})
    form = client.get(offer["Location"]).content.decode()
    chosen = {"kind-2": "number", "kind-3": "date", "kind-4": "text", "kind-6": "as-it-is"}
    back = client.post(offer["Location"], chosen)
    job.refresh_from_db()

    assert "Make fields of what is left" in page
    assert offer["Location"] == f"/imports/{job.public_id}/fields/"
    assert "The field that is there: Text" in form
    assert "likes tea" not in form
    assert [form.count(f'value="{kind}" selected') for kind in ("number", "date", "boolean", "as-it-is")] == [
        1,
        1,
        1,
        1,
    ]
    assert back["Location"] == f"/imports/{job.public_id}/"
    assert dict(CustomField.objects.exclude(pk=standing.pk).values_list("label", "kind")) == {
        "Shoe size": "number", "Joined": "date", "Gold member": "text",
    }  # fmt: skip
    assert job.answers["mapping"] == {
        "external_id": 0, "name": 1, "c_shoe_size": 2, "c_joined": 3, "c_gold_member": 4, standing.name: 6,
    }  # fmt: skip
    assert job.answers["keep"] == [5]
    assert not Customer.objects.exists()
    assert client.get(offer["Location"])["Location"] == f"/imports/{job.public_id}/"


def test_what_is_left_out_or_odd_makes_no_field(ada: Any, as_user: Any) -> None:
    client = as_user(ada)
    job = begin(client)
    address = f"/imports/{job.public_id}/fields/"

    odd = client.post(address, {"kind-2": "choice"})
    client.post(address, {"kind-2": "", "kind-0": "text", "kind-99": "text"})

    assert odd.status_code == 422
    assert "Shoe size becomes" in odd.content.decode()
    assert not CustomField.objects.exists()


def test_a_hidden_field_is_neither_offered_nor_filled(ada: Any, as_user: Any) -> None:
    standing = make_field(ada, "Standing")
    client = as_user(ada)
    job = begin_wide(client)
    Import.objects.update(answers={**job.answers, "mapping": {"external_id": 0, "name": 1}})
    hide(standing.name, role=ada.role, by=ada)
    address = f"/imports/{job.public_id}/fields/"

    form = client.get(address).content.decode()
    client.post(address, {"kind-6": "as-it-is", "kind-2": "number"})
    job.refresh_from_db()

    assert "Standing" not in form
    assert set(job.answers["mapping"]) == {"external_id", "name", "c_shoe_size"}


def test_too_many_fields_are_refused_and_none_is_made(ada: Any, as_user: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("rapport.records.custom_fields.actions.MOST_FIELDS", 2)
    client = as_user(ada)
    job = begin_wide(client)
    before = job.answers

    refused = client.post(
        f"/imports/{job.public_id}/fields/", {"kind-2": "number", "kind-3": "date", "kind-4": "boolean"}
    )
    job.refresh_from_db()

    assert refused.status_code == 422
    assert "at most 2 fields" in refused.content.decode()
    assert not CustomField.objects.exists()
    assert job.answers["mapping"] == before.get("mapping", job.answers["mapping"])


POSTED = {"column-0": "external_id", "column-1": "name"}


def test_a_file_brings_nothing_into_a_hidden_field(ada: Any, as_user: Any) -> None:
    standing = make_field(ada, "Standing")
    hide(standing.name, role=ada.role, by=ada)
    client = as_user(ada)
    job = begin_wide(client)

    asked = client.post(f"/imports/{job.public_id}/answers/", POSTED | {"column-6": standing.name})
    unknown = client.post(f"/imports/{job.public_id}/answers/", POSTED | {"column-6": "c_nothing"})
    recognized = set(job.answers["mapping"])
    job.refresh_from_db()

    assert standing.name not in recognized | set(job.answers["mapping"])
    assert (asked.status_code, unknown.status_code) == (422, 422)
    assert "“c_standing” is not a column" in asked.content.decode()
    assert "c_standing" not in unknown.content.decode()


def test_whoever_goes_on_with_the_file_of_another_fills_no_field_hidden_from_her(
    ada: Any, alice: Any, as_user: Any
) -> None:
    standing = make_field(ada, "Standing")
    job = begin_wide(as_user(ada))
    Import.objects.update(answers={**job.answers, "mapping": {"external_id": 0, "name": 1}}, started_by=alice)
    hide(standing.name, role=ada.role, by=ada)

    asked = as_user(ada).post(f"/imports/{job.public_id}/answers/", POSTED | {"column-6": standing.name})
    job.refresh_from_db()

    assert asked.status_code == 422
    assert standing.name not in job.answers["mapping"]
