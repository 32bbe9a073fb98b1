"""People are tied to the organizations that their files name, whichever file came first, and come apart again by undo."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from rapport.customers.models import Customer, Profile, Relationship
from rapport.customers.relationships.actions import add_relationship, change_relationship, said_of
from rapport.identity.queries import profiles_to_resolve
from rapport.identity.resolving import IDENTITY, resolve_profiles
from rapport.records.imports.undoing import UnableToUndo
from rapport.records.models import ImportProblem
from tests.import_files import NOW, import_text, undo
from tests.row_hashes import row_hashes
from tests.test_files_of_other_systems import (
    HUBSPOT_COMPANY,
    HUBSPOT_CONTACT,
    PIPEDRIVE_ORGANIZATION,
    PIPEDRIVE_PERSON,
    SALESFORCE_ACCOUNT,
    SALESFORCE_CONTACT,
    SALESFORCE_CONTACT_REPORT,
    Row,
    as_file,
    brought_in,
)

pytestmark = pytest.mark.usefixtures("db", "home")
PEOPLE = "id,name,organization,job title\n1,Ann Kade,Engines Ltd.,Buyer\n2,Bo Kade,ENGINES  LTD,\n3,Cy Lee,,\n"
ORGANIZATIONS = "id,name\nO1,Engines Ltd\nO2,Looms GmbH\n"
Ties = set[tuple[str, str, str, str]]


def people(text: str = PEOPLE, source: str = "crm") -> Any:
    return import_text(text, preset="people", source=source)


def organizations(text: str = ORGANIZATIONS, source: str = "crm") -> Any:
    return import_text(text, preset="organizations", source=source)


def ties() -> Ties:
    """Who works where, by name and by the source of the organization."""
    found = Relationship.objects.select_related("from_customer", "to_customer", "to_profile__source")
    assert {tie.kind for tie in found} <= {"works_at"}
    return {(str(tie.from_customer), tie.role, str(tie.to_customer), str(tie.to_profile.source.name)) for tie in found}


TIED = {("Ann Kade", "Buyer", "Engines Ltd", "crm"), ("Bo Kade", "", "Engines Ltd", "crm")}


@pytest.mark.parametrize("order", list(permutations([people, organizations])))
def test_people_work_where_their_file_says_whichever_file_comes_first(order: Any) -> None:
    for bring_in in order:
        bring_in()

    assert ties() == TIED
    assert set(Relationship.objects.values_list("import_id", flat=True)) == {
        Profile.objects.get(external_id="1").import_id
    }


@pytest.mark.parametrize("order", list(permutations([people, organizations])))
def test_undo_of_either_file_takes_the_ties_and_leaves_the_other_file(order: Any) -> None:
    first = order[0]()
    before = row_hashes()
    second = order[1]()

    undo(second)
    assert row_hashes() == before
    undo(first)

    assert not Customer.objects.exists()


def test_the_same_files_again_change_nothing() -> None:
    people()
    organizations()
    before = row_hashes()

    people()
    organizations()

    assert row_hashes() == before


def test_another_employer_in_a_later_file_and_another_role_change_the_tie_until_it_is_undone() -> None:
    organizations()
    people()

    later = people("id,name,organization,job title\n1,Ann Kade,Looms GmbH,Buyer\n2,Bo Kade,Engines Ltd,Clerk\n")
    assert ties() == {("Ann Kade", "Buyer", "Looms GmbH", "crm"), ("Bo Kade", "Clerk", "Engines Ltd", "crm")}

    undo(later)
    assert ties() == TIED


def test_the_organization_of_the_same_source_comes_first_whatever_came_first() -> None:
    results = []
    for order in permutations(["people", "organizations", "others"]):
        jobs = []
        for name in order:
            jobs.append({"people": people, "organizations": organizations, "others": others}[name]())
        results.append(ties())
        for job in reversed(jobs):
            undo(job)
        assert not Customer.objects.exists()

    assert results == [TIED] * len(results)


def others() -> Any:
    return organizations("id,name\n9,Engines ltd\n", source="shop")


def test_a_name_that_two_organizations_have_names_neither_until_one_is_gone() -> None:
    people()
    organizations("id,name\n8,Engines Ltd\n", source="till")
    second = others()
    assert ties() == set()

    undo(second)

    assert {tie[3] for tie in ties()} == {"till"}


def test_two_organizations_that_turn_out_to_be_one_are_one_employer() -> None:
    people()
    organizations("id,name,email\n8,Engines Ltd,engines@engines.example\n", source="till")
    job = organizations("id,name,email\n9,Engines Ltd,engines@engines.example\n", source="shop")
    resolve_profiles(profiles_to_resolve(job.pk), by=IDENTITY, now=NOW)
    assert Customer.objects.filter(merged_into=None, kind="organization").count() == 1

    people("id,name,organization\n1,Ann Kade,Engines Ltd\n")

    assert {tie[0] for tie in ties()} == {"Ann Kade"}


def test_a_tie_somebody_typed_into_stays_and_holds_up_the_undo(ada: Any) -> None:
    organizations()
    job = people()
    tie = Relationship.objects.get(role="Buyer")
    change_relationship(tie, {**said_of(tie), "role": "Head"}, opened=said_of(tie), by=ada)

    people("id,name,organization,job title\n1,Ann Kade,Looms GmbH,Clerk\n", source="crm")

    assert ("Ann Kade", "Head", "Engines Ltd", "crm") in ties()
    with pytest.raises(UnableToUndo):
        undo(job)


def test_a_tie_that_a_file_of_relationships_says_stays_when_the_name_goes() -> None:
    organizations()
    people()
    import_text("from,to,type\n1,O1,works at\n", preset="relationships", source="crm")

    people("id,name,organization,job title\n1,Ann Kade,,\n2,Bo Kade,,\n")

    assert ties() == {("Ann Kade", "Buyer", "Engines Ltd", "crm")}


def test_people_whom_staff_tied_already_are_not_tied_twice(ada: Any) -> None:
    organizations()
    people("id,name\n1,Ann Kade\n")
    add_relationship(
        Customer.objects.get(name="Ann Kade"), Customer.objects.get(name="Engines Ltd"), "works_at", by=ada, now=NOW
    )

    people()

    assert Relationship.objects.filter(from_customer__name="Ann Kade").count() == 1


@pytest.mark.parametrize(
    ("person", "organization"),
    [
        (HUBSPOT_CONTACT | {"Record ID": "9"}, HUBSPOT_COMPANY),
        (PIPEDRIVE_PERSON | {"Person - ID": "3"}, PIPEDRIVE_ORGANIZATION),
    ],
)
def test_a_person_and_an_organization_of_the_same_number_are_two(person: Row, organization: Row) -> None:
    for row in (person, organization, person, organization):
        brought_in(as_file(row))

    assert set(Customer.objects.values_list("name", "kind")) == {
        ("Ada Lovelace", "person"), ("Engines Ltd", "organization"),
    }  # fmt: skip


SYSTEMS = [
    (HUBSPOT_CONTACT, HUBSPOT_COMPANY),
    ({**HUBSPOT_CONTACT, "Company Name": "", "Associated Company": "", "Associated Company IDs": "9;10"}, HUBSPOT_COMPANY),
    (SALESFORCE_CONTACT, SALESFORCE_ACCOUNT),
    (SALESFORCE_CONTACT_REPORT, SALESFORCE_ACCOUNT),
    ({**SALESFORCE_CONTACT_REPORT, "Account Name": "", "Account ID": "0015g00000BBBBB"}, SALESFORCE_ACCOUNT),
    (PIPEDRIVE_PERSON, PIPEDRIVE_ORGANIZATION),
    ({**PIPEDRIVE_PERSON, "Person - Organization": "", "Organization - ID": "3"}, PIPEDRIVE_ORGANIZATION),
]  # fmt: skip


@pytest.mark.parametrize("people_first", [True, False])
@pytest.mark.parametrize(("person", "organization"), SYSTEMS)
def test_files_of_other_systems_tie_people_to_their_organization(
    person: Row, organization: Row, people_first: bool
) -> None:
    for row in (person, organization) if people_first else (organization, person):
        brought_in(as_file(row, shuffled=2, unknown=5))

    assert [(tie[0], tie[2]) for tie in ties()] == [("Ada Lovelace", "Engines Ltd")]


def test_a_number_goes_before_a_name() -> None:
    organizations("id,name\nO1,Engines Ltd\nO2,Engines Ltd\n")

    people("id,name,organization,organization id\n1,Ann Kade,Engines Ltd,O2\n2,Bo Kade,Engines Ltd,\n")

    assert Relationship.objects.get().to_profile.external_id == "O2"


def test_names_of_any_script_are_compared_and_an_empty_one_is_nobodys() -> None:
    organizations("id,name\nO1,삼성 전자\nO2,...\n")

    people('id,name,organization\n1,Ann,삼성 전자\n2,Bo,"--"\n3,Cy,전자\n')

    assert {(tie[0], tie[2]) for tie in ties()} == {("Ann", "삼성 전자")}


def test_what_two_sources_of_a_person_say_alike_is_told_once_with_its_file(ada: Any, as_user: Any) -> None:
    organizations()
    people("id,name,email,organization,job title\n1,Ann Kade,ann@kade.example,Engines Ltd,Buyer\n")
    job = people("id,name,email,organization\nA,Ann Kade,ann@kade.example,Engines Ltd\n", source="shop")
    resolve_profiles(profiles_to_resolve(job.pk), by=IDENTITY, now=NOW)
    person = Customer.objects.get(merged_into=None, kind="person")
    assert Relationship.objects.filter(from_customer=person).count() == 2

    page = as_user(ada).get(f"/customers/{person.public_id}/around/").content.decode()

    assert page.count(">Engines Ltd</a>") == 1
    assert 'From the file <span translate="no">file.csv</span>' in page


def test_a_number_that_is_taken_out_of_the_file_ties_nobody_any_more() -> None:
    organizations()
    people("id,name,organization id\n1,Ann Kade,O1\n")
    assert len(ties()) == 1

    people("id,name,organization id\n1,Ann Kade,\n")

    assert ties() == set()


def test_an_organization_with_the_number_of_a_person_is_refused_by_line() -> None:
    people("id,name\n1,Ann Kade\n")

    job = organizations("id,name\n2,Engines Ltd\n1,Looms GmbH\n")

    assert set(Customer.objects.values_list("name", "kind")) == {
        ("Ann Kade", "person"),
        ("Engines Ltd", "organization"),
    }
    problem = ImportProblem.objects.get(job=job)
    assert (problem.line, problem.column, problem.value, problem.row) == (3, "id", "1", ["1", "Looms GmbH"])
    assert job.counts["phases"]["people"]["new"] == 1
