"""People come in from files: new, changed, the same; and go again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rapport.audit.models import AuditEvent
from rapport.core.acting import SYSTEM, acting
from rapport.core.files import StoredFile
from rapport.customers.actions_tags import tag_customers
from rapport.customers.models import Customer, Identifier, Profile, Source
from rapport.customers.survivorship.deriving import derive_customers
from rapport.records.imports.looking import Look
from rapport.records.imports.planning import AnswerInvalid, make_plan
from rapport.records.imports.running import run_import
from rapport.records.imports.undoing import UnableToUndo
from rapport.records.models import ImportProblem, Tag
from rapport.records.tags.actions import ensure_tags
from rapport.records.tags.tagging import Tagging
from tests.import_files import NOW, draft, import_text, undo
from tests.row_hashes import row_hashes

pytestmark = pytest.mark.usefixtures("db", "home")

PEOPLE = (
    "id,name,e-mail,phone,country,born\n"
    "1,Ada Lovelace,Ada@Example.com,+44 20 7946 0958,GB,1815-12-10\n"
    "2,김민수,min@example.kr,,KR,\n"
)


def people(text: str, **answers: Any) -> Any:
    return import_text(text, preset="people", **answers)


def test_people_become_customers_with_identifiers_and_provenance() -> None:
    job = people(PEOPLE)

    ada = Customer.objects.get(email="Ada@Example.com")
    profile = Profile.objects.get(customer=ada)
    assert (ada.name, ada.phone, ada.born_on) == ("Ada Lovelace", "+442079460958", date(1815, 12, 10))
    assert ada.provenance == {"*": profile.pk}
    assert (profile.external_id, profile.line, profile.import_id) == ("1", 2, job.pk)
    assert set(Identifier.objects.filter(customer=ada).values_list("kind", "value_norm")) == {
        (1, "ada@example.com"),
        (2, "+442079460958"),
    }
    assert job.counts["phases"]["people"] == {"rows": 2, "new": 2, "changed": 0, "same": 0, "repeated": 0}


def test_the_same_file_twice_changes_nothing() -> None:
    people(PEOPLE)
    before = row_hashes()

    job = people(PEOPLE)

    assert row_hashes() == before
    assert job.counts["phases"]["people"]["same"] == 2


def test_of_rows_a_source_said_before_only_the_key_is_read_again() -> None:
    first = people("id,name,email\n1,Ana Souza,ana@x.example\n2,Ben Okafor,ben@x.example\n")
    second = people("id,name,email\n1,Ana Souza,ana@x.example\n2,Ben Adeyemi,ben@x.example\n3,Cy Lee,\n")

    assert first.counts["phases"]["people"]["new"] == 2
    assert second.counts["phases"]["people"] == {"rows": 3, "new": 1, "changed": 1, "same": 1, "repeated": 0}
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["Ana Souza", "Ben Adeyemi", "Cy Lee"]


def test_a_row_as_it_was_wins_over_an_earlier_row_of_its_id() -> None:
    people("id,name\n1,Ana Souza\n")

    done = people("id,name\n1,Somebody Else\n1,Ana Souza\n")

    assert done.counts["phases"]["people"] == {"rows": 2, "new": 0, "changed": 0, "same": 1, "repeated": 1}
    assert Customer.objects.get().name == "Ana Souza"


def test_a_file_is_read_again_in_full_where_what_was_known_is_known_no_more() -> None:
    text = "id,name\n1,Ana Souza\n2,Ben Okafor\n"
    people(text)
    stages: list[str] = []

    def forget_one(stage: str, _at: int) -> None:
        """As an undo or an erasure in between would."""
        if stage == "reading" and not stages:
            Profile.objects.filter(external_id="1").update(raw_hash=None, name="What an earlier file said")
        stages.append(stage)

    done = run_import(draft(text, preset="people"), by=SYSTEM, report=forget_one)

    assert stages.count("reading") == 2
    assert done.counts["phases"]["people"] == {"rows": 2, "new": 0, "changed": 1, "same": 1, "repeated": 0}
    assert Profile.objects.get(external_id="1").name == "Ana Souza"


def test_a_changed_row_changes_its_customer_and_undo_puts_it_back_exactly() -> None:
    people(PEOPLE)
    before = row_hashes()

    job = people(PEOPLE.replace("Ada@Example.com", "countess@example.com").replace("Ada Lovelace", "Ada King"))

    ada = Customer.objects.get(name="Ada King")
    assert ada.version == 2
    assert Identifier.objects.filter(customer=ada, kind=1).get().value_norm == "countess@example.com"
    undo(job)
    assert row_hashes() == before


def test_undo_removes_what_an_import_brought_and_its_source() -> None:
    before = row_hashes()
    job = people(PEOPLE)

    undo(job)

    assert row_hashes() == before
    assert not Source.objects.filter(name="shop").exists()


def test_a_mixed_import_is_undone_exactly() -> None:
    people(PEOPLE)
    before = row_hashes()

    job = people("id,name,e-mail\n1,Ada King,ada@example.com\n3,Charles Babbage,cb@example.com\n")
    assert job.counts["phases"]["people"] == {"rows": 2, "new": 1, "changed": 1, "same": 0, "repeated": 0}

    undo(job)
    assert row_hashes() == before


def test_columns_that_a_file_does_not_have_stay_as_they_are() -> None:
    people(PEOPLE)

    people("id,name\n1,Ada King\n")

    ada = Customer.objects.get(name="Ada King")
    assert ada.phone == "+442079460958"
    assert Identifier.objects.filter(customer=ada).count() == 2


def test_the_last_row_of_an_id_wins() -> None:
    job = people("id,name\n1,First\n2,Other\n1,Last\n")

    assert set(Customer.objects.values_list("name", flat=True)) == {"Other", "Last"}
    assert job.counts["phases"]["people"]["repeated"] == 1


def test_given_and_family_names_make_a_name_in_the_order_of_their_script() -> None:
    people("id,first name,last name\n1,Ada,Lovelace\n2,민수,김\n")

    assert set(Customer.objects.values_list("name", flat=True)) == {"Ada Lovelace", "김민수"}


def test_an_organization_is_told_by_having_no_person() -> None:
    people("id,name,company\n1,,Analytical Engines\n2,Ada,Analytical Engines\n")

    assert set(Customer.objects.values_list("name", "kind")) == {
        ("Analytical Engines", "organization"),
        ("Ada", "person"),
    }


def test_a_file_without_ids_is_keyed_by_what_identifies_and_says_so() -> None:
    text = "name,email\nAda,ada@example.com\nBob,bob@example.com\n"
    job = draft(text, preset="people")
    plan = make_plan(StoredFile(job.file_digest, job.file_size).path, job.answers, suggestions={}, look=Look())
    assert "told apart" in plan.notes[0]
    people(text)
    before = row_hashes()

    people(text)

    assert row_hashes() == before
    assert Customer.objects.count() == 2


def test_a_phone_that_cannot_be_read_is_kept_as_written_without_an_identifier() -> None:
    people("id,name,phone\n1,Ada,ask at reception\n")

    assert Customer.objects.get().phone == "ask at reception"
    assert not Identifier.objects.exists()


def test_countries_and_languages_by_name_become_codes() -> None:
    people("id,name,country,language\n1,Ada,United States,English\n2,Bo,SE,sv\n3,Cy,Atlantis,Elvish\n")

    found = Customer.objects.order_by("name").values_list("country", "language")
    assert list(found) == [("US", "en"), ("SE", "sv"), ("Atlantis", "Elvish")]


def test_only_what_reading_changed_is_kept_raw_and_only_chosen_columns_besides() -> None:
    people("id,name,born,secret,shoe\n1,Ada,10/13/1815,x,38\n", keep=["shoe"])

    assert Profile.objects.get().raw == {"born": "10/13/1815", "shoe": "38"}


def test_bad_rows_are_refused_by_line_column_and_reason_and_the_others_come_in() -> None:
    job = people(
        "id,name,email,born\n1,Ada,not an address,1815-12-10\n2,Bob,bob@example.com,1990-02-30\n3,Cy,cy@example.com,\n"
    )

    problems = list(
        ImportProblem.objects.filter(job=job).order_by("line").values_list("line", "column", "value", "code")
    )
    assert problems == [(2, "email", "not an address", "email"), (3, "born", "1990-02-30", "date_range")]
    assert (job.counts["rows"], job.counts["refused"]) == (3, 2)
    assert [c.name for c in Customer.objects.all()] == ["Cy"]


def test_a_staff_value_wins_over_a_file_and_gives_way_when_it_is_undone(ada: Any) -> None:
    people(PEOPLE)
    customer = Customer.objects.get(name="Ada Lovelace")
    with acting(ada):
        staff = Profile.objects.create(
            customer=customer, source=Source.objects.get(name="staff"), external_id="s1", name="Countess", seen_at=NOW
        )
        derive_customers([customer.pk])
    customer.refresh_from_db()
    assert customer.name == "Countess"
    assert customer.provenance["name"] == staff.pk
    assert customer.provenance["email"] != staff.pk

    people(PEOPLE.replace("Ada Lovelace", "Ada King"))

    customer.refresh_from_db()
    assert customer.name == "Countess"


def test_an_import_that_staff_worked_on_since_is_not_undone_and_names_them(ada: Any) -> None:
    job = people(PEOPLE)
    with acting(ada):
        Customer.objects.filter(name="Ada Lovelace").update(owner=ada)
    before = row_hashes()

    with pytest.raises(UnableToUndo, match="Ada has edited 1 of its customers"):
        undo(job)

    assert row_hashes() == before


def test_an_import_that_a_later_one_changed_is_undone_only_after_it() -> None:
    empty = row_hashes()
    first = people(PEOPLE)
    later = people(PEOPLE.replace("Ada Lovelace", "Ada King"))

    with pytest.raises(UnableToUndo, match=f"Import {later.pk} .* has changed 1"):
        undo(first)

    undo(later)
    undo(first)
    assert row_hashes() == empty


def test_a_dry_run_counts_and_changes_nothing() -> None:
    people(PEOPLE)
    before = row_hashes()

    job = people(PEOPLE + "3,New,new@example.com,,,\n4,Bad,bad,,,\n", dry_run=True)

    assert row_hashes() == before
    assert job.counts["preview"] == {"new": 1, "changed": 0, "same": 2, "repeated": 0}
    assert job.counts["refused"] == 1


def test_a_check_of_a_file_from_a_new_source_makes_no_source_and_no_line_in_the_trail() -> None:
    job = draft(PEOPLE, preset="people", source="till", dry_run=True)
    told = AuditEvent.objects.count()

    run_import(job, by=SYSTEM, report=lambda _stage, _at: None)

    job.refresh_from_db()
    assert (job.stage, job.counts["preview"]["new"]) == ("checked", 2)
    assert not Source.objects.filter(name="till").exists()
    assert AuditEvent.objects.count() == told


@pytest.mark.parametrize(
    ("text", "at"),
    [(PEOPLE, {"people": 1000}), ("id,name,company\n1,Ada,Engines\n", {"people": 942, "employers": 1000})],
    ids=["people alone", "with where they work"],
)
def test_the_bar_goes_as_far_as_there_is_something_to_do(text: str, at: dict[str, int]) -> None:
    told: dict[str, int] = {}

    run_import(draft(text, preset="people"), by=SYSTEM, report=told.__setitem__)

    assert {stage: told[stage] for stage in told if stage not in ("reading", "done")} == at


@pytest.mark.parametrize("name", ["owner_id", "customer_id", "import_id", "merged_into", "provenance", "raw", "bucket"])
def test_a_mapping_can_only_name_columns_of_the_importer(name: str) -> None:
    with pytest.raises(AnswerInvalid, match=name):
        people(PEOPLE, mapping={"external_id": "id", name: "name"})
    assert not Customer.objects.exists()


def test_a_file_cannot_speak_as_staff() -> None:
    with pytest.raises(AnswerInvalid, match="kept for what is typed in here"):
        people(PEOPLE, source="Staff")


def test_one_person_in_two_sources_is_two_customers_until_somebody_merges_them() -> None:
    people(PEOPLE, source="shop")
    people(PEOPLE, source="till")

    assert Customer.objects.count() == 4
    assert Identifier.objects.filter(value_norm="ada@example.com").count() == 2


def test_an_import_writes_one_audit_event_for_each_chunk() -> None:
    job = people(PEOPLE)

    events = AuditEvent.objects.filter(operation="import")
    assert [event.reason for event in events] == [f"import {job.pk}"]
    assert not AuditEvent.objects.filter(table_name="customers_customer").exists()


def test_somebody_called_null_is_a_customer_like_any_other() -> None:
    people('id,name,email,city\nNULL,Null,null@null.example,"\\N"\n2,NULL Island,,"\\."\n')

    assert set(Customer.objects.values_list("name", "city")) == {("Null", "\\N"), ("NULL Island", "\\.")}
    assert set(Profile.objects.values_list("external_id", flat=True)) == {"NULL", "2"}


def test_tags_of_a_file_are_added_and_go_with_it(ada: Any) -> None:
    people("id,name\n1,Ada\n2,Bea\n")
    values = ensure_tags("customer", ["Known"], by=SYSTEM)
    one = Customer.objects.get(name="Ada")
    tag_customers(Tagging({one.pk: values}, {}, ada, NOW))

    job = people('id,name,Tags\n1,Ada,known ; Press\n2,Bea,\n3,Cora,"PRESS, Trade  fair"\n')
    tagged = {each.name: each.tags for each in Customer.objects.all()}
    undo(job)

    assert tagged == {"Ada": ["known", "press"], "Bea": None, "Cora": ["press", "trade-fair"]}
    assert {each.name: each.tags for each in Customer.objects.all()} == {"Ada": ["known"], "Bea": None}
    assert sorted(Tag.objects.values_list("label", flat=True)) == ["Known", "Press", "Trade fair"]
