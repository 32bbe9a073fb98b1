"""Exports of calls, notes, meetings, mails and tasks of other systems: recognized in any order and case, and brought in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from rapport.customers.models import Touchpoint
from rapport.records.models import ImportProblem
from rapport.work.models import Task, TaskState
from tests.import_files import import_text
from tests.test_files_of_other_systems import Row, as_file, brought_in, planned

pytestmark = pytest.mark.usefixtures("db", "home")

HUBSPOT_CALL: Row = {
    "Record ID": "900", "Call Title": "Asked for a quote", "Call notes": "<p>Wants <b>two</b> &amp; soon</p>",
    "Call direction": "Outbound", "Call duration": "120000", "Call outcome": "Connected", "Activity date": "2024-03-12 09:14",
    "Activity assigned to": "Alice", "Associated Contact IDs": "51", "Associated Contact": "Ada Lovelace (ada@example.com)",
    "Associated Company": "Engines Ltd",
}  # fmt: skip
HUBSPOT_CALL_API: Row = {
    "hs_object_id": "900", "hs_call_title": "Asked for a quote", "hs_call_body": "Wants two & soon",
    "hs_call_direction": "OUTBOUND", "hs_call_duration": "120000", "hs_timestamp": "2024-03-12T09:14:00Z", "hubspot_owner_id": "77",
    "Associated Contact IDs": "51;52",
}  # fmt: skip
HUBSPOT_NOTE: Row = {
    "Record ID": "901", "Note body": "Likes tea", "Activity date": "2024-03-12 09:14", "Activity assigned to": "Alice",
    "Associated Contact": "Ada Lovelace", "Associated Contact IDs": "51",
}  # fmt: skip
HUBSPOT_MEETING: Row = {
    "Record ID": "902", "Meeting name": "Demo", "Meeting start time": "2024-03-12 09:14", "Meeting outcome": "Completed",
    "Associated Contact IDs": "51",
}  # fmt: skip
HUBSPOT_EMAIL: Row = {
    "Record ID": "903", "Email subject": "Your quote", "Email direction": "EMAIL", "Email send status": "SENT",
    "Activity date": "2024-03-12 09:14", "Associated Contact": "Ada Lovelace (ada@example.com)",
}  # fmt: skip
HUBSPOT_ENGAGEMENT: Row = {
    "Engagement ID": "904", "Activity type": "INCOMING_EMAIL", "Activity date": "2024-03-12 09:14", "Body preview": "Thank you",
    "Activity assigned to": "Alice", "Associated Contact IDs": "51", "Associated Deal IDs": "",
}  # fmt: skip
SALESFORCE_EVENT: Row = {
    "Id": "00U5g", "WhoId": "51", "WhatId": "", "Subject": "Demo", "Location": "Leeds", "IsAllDayEvent": "false",
    "ActivityDateTime": "2024-03-12T09:14:00.000Z", "ActivityDate": "2024-03-12", "DurationInMinutes": "60",
    "StartDateTime": "2024-03-12T09:14:00.000Z", "EndDateTime": "2024-03-12T10:14:00.000Z", "OwnerId": "005x",
}  # fmt: skip
SALESFORCE_EVENT_REPORT: Row = {
    "Activity ID": "00U5g", "Subject": "Demo", "Start Date Time": "2024-03-12 09:14", "End Date Time": "2024-03-12 10:14",
    "Assigned": "Alice", "Contact": "Ada Lovelace", "Company / Account": "Engines Ltd", "Full Comments": "",
}  # fmt: skip
PIPEDRIVE_ACTIVITY: Row = {
    "Activity - ID": "1", "Activity - Subject": "Asked for a quote", "Activity - Type": "Call", "Activity - Done": "Done",
    "Activity - Due date": "2024-03-12 09:14", "Activity - Assigned to user": "Alice", "Activity - Contact person": "Ada Lovelace",
    "Activity - Organization": "Engines Ltd", "Deal - Title": "Engines",
}  # fmt: skip
PIPEDRIVE_ACTIVITY_CZECH: Row = {
    "Aktivita - ID": "1", "Aktivita - Předmět": "Asked for a quote", "Aktivita - Typ": "Call", "Aktivita - Hotovo": "Hotovo",
    "Aktivita - Termín": "2024-03-12 09:14", "Osoba - Jméno": "Ada Lovelace",
}  # fmt: skip
PIPEDRIVE_NOTE: Row = {
    "Note - Content": "<br>Likes tea", "Note - Add time": "2024-03-12 09:14", "Note - User": "Alice",
    "Person - Name": "Ada Lovelace", "Organization - Name": "Engines Ltd", "Deal - Title": "Engines",
}  # fmt: skip
PIPEDRIVE_NOTE_GERMAN: Row = {
    "Notiz - Inhalt": "Likes tea", "Notiz - Hinzugefügt am": "2024-03-12 09:14", "Person - ID": "51", "Person - Name": "Ada",
}  # fmt: skip
CONTACTS = [
    ("hubspot-calls", HUBSPOT_CALL, "call", "out", "Asked for a quote – Wants two & soon"),
    ("hubspot-calls", HUBSPOT_CALL_API, "call", "out", "Asked for a quote – Wants two & soon"),
    ("hubspot-notes", HUBSPOT_NOTE, "note", "in", "Likes tea"),
    ("hubspot-meetings", HUBSPOT_MEETING, "meeting", "in", "Demo"),
    ("hubspot-emails", HUBSPOT_EMAIL, "email", "out", "Your quote"),
    ("hubspot-engagements", HUBSPOT_ENGAGEMENT, "email", "in", "Thank you"),
    ("salesforce-events", SALESFORCE_EVENT, "meeting", "in", "Demo"),
    ("salesforce-events", SALESFORCE_EVENT_REPORT, "meeting", "in", "Demo"),
    ("pipedrive-activities", PIPEDRIVE_ACTIVITY, "call", "in", "Asked for a quote"),
    ("pipedrive-activities", PIPEDRIVE_ACTIVITY_CZECH, "call", "in", "Asked for a quote"),
    ("pipedrive-notes", PIPEDRIVE_NOTE, "note", "in", "Likes tea"),
    ("pipedrive-notes", PIPEDRIVE_NOTE_GERMAN, "note", "in", "Likes tea"),
]  # fmt: skip
HUBSPOT_TASK: Row = {
    "Record ID": "910", "Task Title": "Call back", "Task notes": "<p>About the quote</p>", "Task Type": "Call",
    "Task status": "Completed", "Due date": "2024-03-12 09:14", "Assigned to": "Alice", "Associated Contact IDs": "51;52",
    "Priority": "High",
}  # fmt: skip
HUBSPOT_TASK_API: Row = {
    "hs_object_id": "910", "hs_task_subject": "Call back", "hs_task_body": "About the quote", "hs_task_status": "COMPLETED",
    "hs_task_priority": "HIGH", "hs_timestamp": "2024-03-12T09:14:00Z", "contact id": "51", "assigned to": "alice@example.com",
}  # fmt: skip
SALESFORCE_TASK: Row = {
    "Id": "00T5g", "WhoId": "51", "WhatId": "", "Subject": "Call back", "ActivityDate": "2024-03-12", "Status": "Completed",
    "Priority": "Normal", "IsHighPriority": "false", "OwnerId": "005x", "Description": "About the quote", "IsClosed": "true",
    "TaskSubtype": "Call", "CallType": "Outbound",
}  # fmt: skip
SALESFORCE_TASK_REPORT: Row = {
    "Activity ID": "00T5g", "Subject": "Call back", "Due Date Only": "2024-03-12", "Status": "Completed", "Priority": "Normal",
    "Assigned": "Alice", "Contact ID": "51", "Contact": "Ada Lovelace", "Company / Account": "Engines Ltd",
    "Full Comments": "About the quote",
}  # fmt: skip
TASKS = [
    ("hubspot-tasks", HUBSPOT_TASK, "910"), ("hubspot-tasks", HUBSPOT_TASK_API, "910"),
    ("salesforce-tasks", SALESFORCE_TASK, "00T5g"), ("salesforce-tasks", SALESFORCE_TASK_REPORT, "00T5g"),
]  # fmt: skip
EVERY_FILE = [(name, row) for name, row, *_ in [*CONTACTS, *TASKS]]


def ada_of(system: str) -> None:
    """She is known by the system's own number already."""
    source = {"hubspot": "HubSpot", "salesforce": "Salesforce", "pipedrive": "Pipedrive"}[system.partition("-")[0]]
    import_text("id,name,email\n51,Ada Lovelace,ada@example.com\n", preset="people", source=source)


@pytest.mark.parametrize(("name", "row", "kind", "direction", "text"), CONTACTS)
def test_contacts_come_to_the_timeline_of_whom_they_name(
    name: str, row: Row, kind: str, direction: str, text: str
) -> None:
    ada_of(name)

    job = brought_in(as_file(row))

    assert (job.answers["format"], job.importer) == (name, "touchpoints")
    found = Touchpoint.objects.get()
    assert (found.kind, found.direction, found.summary) == (kind, direction, text)
    assert found.occurred_at.replace(tzinfo=None) == datetime(2024, 3, 12, 9, 14)


@pytest.mark.parametrize(("name", "row", "number"), TASKS)
def test_tasks_come_with_whom_they_are_about_and_who_does_them(name: str, row: Row, number: str, alice: Any) -> None:
    ada_of(name)

    job = brought_in(as_file(row))

    assert (job.answers["format"], job.importer) == (name, "tasks")
    task = Task.objects.get()
    assert (task.external_id, task.title, task.text, task.due_on) == (
        number, "Call back", "About the quote", date(2024, 3, 12),
    )  # fmt: skip
    assert (task.state, task.customer_id is not None) == (TaskState.DONE, True)


@pytest.mark.parametrize("shuffled", [1, 2])
@pytest.mark.parametrize(("name", "row"), EVERY_FILE)
def test_order_case_and_unknown_columns_do_not_matter(name: str, row: Row, shuffled: int) -> None:
    plain, mixed = planned(as_file(row)), planned(as_file(row, shuffled=shuffled, unknown=20))

    assert mixed.answers["format"] == name
    columns = {column: mixed.answers["header"][place].casefold() for column, place in mixed.answers["mapping"].items()}
    assert columns == {
        column: plain.answers["header"][place].casefold() for column, place in plain.answers["mapping"].items()
    }


def test_the_same_file_again_brings_nothing_new() -> None:
    ada_of("hubspot")
    brought_in(as_file(HUBSPOT_CALL))

    again = brought_in(as_file(HUBSPOT_CALL, shuffled=2, unknown=3))

    assert again.counts["phases"]["touchpoints"] == {"rows": 1, "new": 0, "same": 1, "unknown_customers": 0}


def test_a_call_with_two_people_stands_on_the_timeline_of_both() -> None:
    people = "id,name,email\n51,Ada Lovelace,ada@example.com\n52,Bob Babbage,bob@example.com\n"
    import_text(people, preset="people", source="HubSpot")

    brought_in(as_file(HUBSPOT_CALL_API))

    assert set(Touchpoint.objects.values_list("customer__name", flat=True)) == {"Ada Lovelace", "Bob Babbage"}


def test_where_no_person_is_known_the_organization_has_the_contact() -> None:
    import_text(
        "Record ID,Company name,Company Domain Name,Company owner\n9,Engines Ltd,engines.example,\n", source=None
    )

    brought_in(as_file({**HUBSPOT_NOTE, "Associated Company IDs": "9"}))

    assert Touchpoint.objects.get().customer.name == "Engines Ltd"


def test_a_name_that_two_people_of_the_source_have_names_neither() -> None:
    import_text("id,name\n1,Ada Lovelace\n2,Ada Lovelace\n", preset="people", source="Pipedrive")

    job = brought_in(as_file(PIPEDRIVE_ACTIVITY))

    assert not Touchpoint.objects.exists()
    assert job.counts["phases"]["touchpoints"]["unknown_customers"] == 1


def test_what_is_still_to_be_done_is_no_contact_and_is_listed() -> None:
    ada_of("pipedrive")

    brought_in(as_file({**PIPEDRIVE_ACTIVITY, "Activity - Done": "To do"}))

    assert not Touchpoint.objects.exists()
    assert [(problem.column, problem.code) for problem in ImportProblem.objects.all()] == [
        ("Activity - Done", "to_come")
    ]


def test_what_only_looks_like_html_is_left_as_it_is() -> None:
    ada_of("hubspot")

    brought_in(as_file({**HUBSPOT_NOTE, "Note body": "a < b && c > d"}))

    assert Touchpoint.objects.get().summary == "a < b && c > d"
