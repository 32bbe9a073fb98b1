"""Exports of other systems, with the columns their documentation lists: recognized, brought in, or refused in words."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from rapport.core.files import store
from rapport.customers.models import Customer, Profile
from rapport.records.imports.actions import MOST_BYTES, answer_import, begin_import
from rapport.records.imports.decoding import FileRefused
from rapport.records.models import Import
from tests.import_files import NOW, import_text

pytestmark = pytest.mark.usefixtures("db", "home")

Row = Mapping[str, str]
HUBSPOT_CONTACT: Row = {
    "Record ID": "51", "First Name": "Ada", "Last Name": "Lovelace", "Email": "ada@example.com", "Phone Number": "+44 20 7946 0958",
    "Job Title": "Analyst", "Company Name": "Engines Ltd", "Contact owner": "Alice", "Lifecycle Stage": "Customer",
    "Lead Status": "Open", "Create Date": "2024-03-12 09:14", "Last Activity Date": "2024-03-13 09:14",
    "Associated Company": "Engines Ltd", "Country/Region": "United Kingdom", "State/Region": "London", "Original Source": "Direct",
}  # fmt: skip
HUBSPOT_CONTACT_API: Row = {
    "hs_object_id": "51", "firstname": "Ada", "lastname": "Lovelace", "email": "ada@example.com", "phone": "+442079460958",
    "createdate": "2024-03-12T09:14:00Z", "lifecyclestage": "customer", "hubspot_owner_id": "77",
}  # fmt: skip
HUBSPOT_COMPANY: Row = {
    "Record ID": "9", "Company name": "Engines Ltd", "Company Domain Name": "engines.example", "Company owner": "Alice",
    "Industry": "Machines", "City": "London", "Country/Region": "United Kingdom",
}  # fmt: skip
SALESFORCE_CONTACT: Row = {
    "Id": "0035g00000AAAAAAA4", "AccountId": "0015g00000BBBBBAA4", "FirstName": "Ada", "LastName": "Lovelace",
    "Email": "ada@example.com", "Phone": "+442079460958", "MobilePhone": "+447700900123", "MailingStreet": "1 High St",
    "MailingCity": "London", "MailingPostalCode": "SW1", "MailingCountry": "United Kingdom", "ReportsToId": "",
    "LeadSource": "Web", "HasOptedOutOfEmail": "false", "OwnerId": "005x",
}  # fmt: skip
SALESFORCE_CONTACT_REPORT: Row = {
    "Contact ID": "0035g00000AAAAA", "First Name": "Ada", "Last Name": "Lovelace", "Account Name": "Engines Ltd",
    "Email": "ada@example.com", "Mailing Street": "1 High St", "Mailing City": "London", "Contact Owner": "Alice",
    "Lead Source": "Web", "Email Opt Out": "0",
}  # fmt: skip
SALESFORCE_LEAD: Row = {
    "Id": "00Q1", "FirstName": "Ada", "LastName": "Lovelace", "Company": "Engines Ltd", "Email": "ada@example.com",
    "Status": "Open - Not Contacted", "IsConverted": "false", "ConvertedContactId": "", "LeadSource": "Web", "OwnerId": "005x",
}  # fmt: skip
SALESFORCE_ACCOUNT: Row = {
    "Id": "0015g00000BBBBBAA4", "Name": "Engines Ltd", "ParentId": "", "BillingStreet": "1 High St", "BillingCity": "London",
    "BillingPostalCode": "SW1", "BillingCountry": "United Kingdom", "Phone": "+442079460958", "Website": "engines.example",
    "OwnerId": "005x",
}  # fmt: skip
PIPEDRIVE_PERSON: Row = {
    "Person - ID": "7", "Person - Name": "Ada Lovelace", "Person - First name": "Ada", "Person - Last name": "Lovelace",
    "Person - Email - Work": "ada@example.com", "Person - Phone - Mobile": "+447700900123", "Person - Organization": "Engines Ltd",
    "Person - Label": "Hot", "Person - Owner": "Alice",
}  # fmt: skip
PIPEDRIVE_PERSON_CZECH: Row = {
    "Osoba - ID": "7", "Osoba - Jméno": "Ada Lovelace", "Osoba - Křestní jméno": "Ada", "Osoba - Příjmení": "Lovelace",
    "Osoba - E-mail": "ada@example.com", "Osoba - Organizace": "Engines Ltd", "Osoba - Vlastník": "Alice",
}  # fmt: skip
PIPEDRIVE_ORGANIZATION: Row = {
    "Organization - ID": "3", "Organization - Name": "Engines Ltd", "Organization - Address": "1 High St, London",
    "Organization - Owner": "Alice",
}  # fmt: skip
SHOPIFY_CUSTOMER: Row = {
    "Customer ID": "'6412", "First Name": "Ada", "Last Name": "Lovelace", "Email": "ada@example.com",
    "Accepts Email Marketing": "yes", "Default Address Company": "Engines Ltd", "Default Address Address1": "1 High St",
    "Default Address City": "London", "Default Address Country Code": "GB", "Default Address Zip": "SW1",
    "Phone": "+442079460958", "Accepts SMS Marketing": "no", "Total Spent": "12.00", "Total Orders": "1",
}  # fmt: skip
ORGANIZATIONS = {
    "hubspot-companies": HUBSPOT_COMPANY, "salesforce-accounts": SALESFORCE_ACCOUNT,
    "pipedrive-organizations": PIPEDRIVE_ORGANIZATION,
}  # fmt: skip
PEOPLE = [
    ("hubspot-contacts", HUBSPOT_CONTACT), ("hubspot-contacts", HUBSPOT_CONTACT_API),
    ("salesforce-contacts", SALESFORCE_CONTACT), ("salesforce-contacts", SALESFORCE_CONTACT_REPORT),
    ("salesforce-leads", SALESFORCE_LEAD), ("pipedrive-persons", PIPEDRIVE_PERSON),
    ("pipedrive-persons", PIPEDRIVE_PERSON_CZECH), ("shopify-customers", SHOPIFY_CUSTOMER),
]  # fmt: skip
DEALS = [
    ["Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Close Date", "Deal owner", "Create Date"],
    ["hs_object_id", "dealname", "dealstage", "pipeline", "amount", "closedate"],
    ["Id", "AccountId", "Name", "StageName", "Amount", "CloseDate", "Probability", "IsClosed", "IsWon", "OwnerId"],
    ["Opportunity Name", "Account Name", "Stage", "Close Date", "Amount", "Opportunity Owner"],
    ["Deal - Title", "Deal - Value", "Deal - Stage", "Deal - Status", "Person - Name", "Organization - Name"],
    ["Obchod - Název", "Obchod - Hodnota", "Obchod - Fáze"],
]


def as_file(row: Row, *, shuffled: int = 0, unknown: int = 0) -> str:
    """The row as CSV, its columns in another order and case, with columns between that nobody knows."""
    columns = [*row, *(f"Custom thing {number}" for number in range(unknown))]
    if shuffled:
        random.Random(shuffled).shuffle(columns)
    heads = [name.upper() if shuffled % 2 else name for name in columns]
    return written([heads, [row.get(name, "whatever") for name in columns]])


def written(rows: Sequence[Sequence[str]]) -> str:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue()


def planned(text: str) -> Import:
    job = begin_import(store([text.encode()], at_most=MOST_BYTES), file_name="export.csv", by=None, now=NOW)
    answer_import(job, {})
    return job


def brought_in(text: str) -> Import:
    return import_text(text, source=None, dates="ymd", time_zone="UTC", currency="EUR")


@pytest.mark.parametrize(("name", "row"), PEOPLE)
def test_people_of_other_systems_are_recognized_and_come_in_under_their_names(name: str, row: Row, alice: Any) -> None:
    job = brought_in(as_file(row))

    assert (job.answers["format"], job.importer) == (name, "people")
    customer = Customer.objects.get()
    assert (customer.name, customer.email, customer.kind) == ("Ada Lovelace", "ada@example.com", "person")
    assert customer.owner == (alice if "Alice" in row.values() else None)


@pytest.mark.parametrize(("name", "row"), ORGANIZATIONS.items())
def test_organizations_of_other_systems_come_in_as_such(name: str, row: Row, alice: Any) -> None:
    job = brought_in(as_file(row))

    assert (job.answers["format"], job.importer) == (name, "organizations")
    customer = Customer.objects.get()
    assert (customer.name, customer.kind) == ("Engines Ltd", "organization")


@pytest.mark.parametrize("shuffled", [1, 2])
@pytest.mark.parametrize(("name", "row"), [*PEOPLE, *ORGANIZATIONS.items()])
def test_order_case_and_unknown_columns_do_not_matter(name: str, row: Row, shuffled: int) -> None:
    plain, mixed = planned(as_file(row)), planned(as_file(row, shuffled=shuffled, unknown=20))

    assert mixed.answers["format"] == name
    columns = {column: mixed.answers["header"][place].casefold() for column, place in mixed.answers["mapping"].items()}
    assert columns == {
        column: plain.answers["header"][place].casefold() for column, place in plain.answers["mapping"].items()
    }


@pytest.mark.parametrize("headers", DEALS)
def test_deals_are_refused_in_a_clear_word_and_nothing_is_written(headers: list[str]) -> None:
    with pytest.raises(FileRefused, match="no place for deals yet"):
        brought_in(written([headers, ["x"] * len(headers)]))

    assert not Customer.objects.exists()


def test_the_number_of_the_other_system_is_kept_so_that_the_file_can_come_again() -> None:
    brought_in(as_file(HUBSPOT_CONTACT))

    again = brought_in(as_file(HUBSPOT_CONTACT, shuffled=4, unknown=3))

    assert Profile.objects.get().external_id == "51"
    assert again.counts["phases"]["people"]["new"] == 0


def test_an_owner_whom_nobody_here_is_called_is_left_and_counted(alice: Any) -> None:
    job = brought_in(as_file({**HUBSPOT_CONTACT, "Contact owner": "Somebody Else"}))

    assert Customer.objects.get().owner is None
    assert job.counts["phases"]["owners"]["unknown_owners"] == 1


def test_a_customer_that_is_known_keeps_its_owner(alice: Any, bob: Any) -> None:
    brought_in(as_file({**HUBSPOT_CONTACT, "Contact owner": "bob@example.com"}))

    brought_in(as_file(HUBSPOT_CONTACT | {"Job Title": "Countess"}))

    assert Customer.objects.get().owner == bob
