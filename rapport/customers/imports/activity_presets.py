"""Exports of other systems that hold what happened with customers, or is to be done: calls, notes, meetings, mails, tasks."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.customers.imports.pipedrive_words import ACTIVITY, NOTE, PERSONS
from rapport.records.imports.presets import Preset

_HUBSPOT_CONTACTS = {
    "customer_number": (
        "associated contact ids", "associated contact id", "associated contacts ids", "contact ids", "contact id",
        "associatedcontactids",
    ),
    "customer_name": ("associated contact", "associated contacts"),
    "organization_number": ("associated company ids", "associated company id", "company ids", "associatedcompanyids"),
}  # fmt: skip
_HUBSPOT_WHEN = ("activity date", "hs_timestamp", "activity created at", "create date", "hs_createdate", "created at")
_HUBSPOT_PEOPLE = (
    "lifecycle stage",
    "lifecyclestage",
    "deal stage",
    "dealstage",
    "company domain name",
    "ticket status",
)


def _hubspot(
    name: str,
    label: str | Promise,
    kind: str,
    *,
    told_by: tuple[str, ...],
    columns: dict[str, tuple[str, ...]],
    at_least: int = 2,
    without: tuple[str, ...] = (),
) -> Preset:
    """Contacts of one kind: HubSpot has a list, and so a file, for each."""
    return Preset(
        name=f"hubspot-{name}",
        label=label,
        importer="touchpoints",
        told_by=told_by,
        at_least=at_least,
        without=(*_HUBSPOT_PEOPLE, *without),
        columns={"occurred_at": _HUBSPOT_WHEN, **_HUBSPOT_CONTACTS, **columns},
        source="HubSpot",
        answers={"contact_kind": kind},
    )


_CALLS = (
    "call title",
    "call notes",
    "call direction",
    "call duration",
    "call outcome",
    "call status",
    "call and meeting type",
    "hs_call_title",
    "hs_call_body",
    "hs_call_direction",
    "hs_call_duration",
    "hs_call_disposition",
    "hs_call_status",
)
_MEETINGS = (
    "meeting name",
    "meeting title",
    "meeting start time",
    "meeting end time",
    "meeting outcome",
    "meeting description",
    "meeting location",
    "meeting notes",
    "hs_meeting_title",
    "hs_meeting_body",
    "hs_meeting_start_time",
    "hs_meeting_end_time",
    "hs_meeting_outcome",
)
_EMAILS = (
    "email subject",
    "email body",
    "email direction",
    "email send status",
    "email from address",
    "email to address",
    "hs_email_subject",
    "hs_email_text",
    "hs_email_html",
    "hs_email_direction",
    "hs_email_status",
)
_TASKS = (
    "task title", "task name", "task type", "task status", "task notes", "task priority", "task queue", "hs_task_subject",
    "hs_task_body", "hs_task_status", "hs_task_type", "hs_task_priority", "hs_task_completion_date",
)  # fmt: skip
_OF_ONE_KIND = (*_CALLS, *_MEETINGS, *_EMAILS, *_TASKS)

HUBSPOT = (
    _hubspot(
        "calls", _("calls of HubSpot"), "call",
        told_by=_CALLS,
        columns={
            "text": ("call title", "hs_call_title", "call notes", "hs_call_body"),
            "details": ("call notes", "hs_call_body", "call outcome"),
            "direction": ("call direction", "hs_call_direction"),
        },
    ),
    _hubspot(
        "notes", _("notes of HubSpot"), "note", at_least=3, without=_OF_ONE_KIND,
        told_by=(
            "note body", "hs_note_body", "note", "body", "record id", "hs_object_id", "activity date", "hs_timestamp",
            "associated contact", "associated contact ids", "associated company", "activity assigned to", "has attachments",
        ),
        columns={"text": ("note body", "hs_note_body", "body", "note")},
    ),
    _hubspot(
        "meetings", _("meetings of HubSpot"), "meeting",
        told_by=_MEETINGS,
        columns={
            "text": ("meeting name", "meeting title", "hs_meeting_title"),
            "details": ("meeting description", "meeting notes", "hs_meeting_body"),
            "occurred_at": ("meeting start time", "hs_meeting_start_time", *_HUBSPOT_WHEN),
        },
    ),
    _hubspot(
        "emails", _("mails of HubSpot"), "email",
        told_by=_EMAILS,
        columns={
            "text": ("email subject", "hs_email_subject"),
            "details": ("email body", "hs_email_text", "hs_email_html"),
            "direction": ("email direction", "hs_email_direction"),
        },
    ),
    _hubspot(
        "engagements", _("activities of HubSpot"), "note", at_least=3, without=_OF_ONE_KIND,
        told_by=(
            "activity type", "engagement type", "hs_engagement_type", "hs_activity_type", "hs_body_preview", "body preview",
            "activity date", "activity assigned to", "associated contact ids", "associated company ids", "associated deal ids",
            "hs_timestamp", "engagement id", "activity id", "engagement source", "hs_engagement_source",
        ),
        columns={
            "kind": ("activity type", "engagement type", "hs_engagement_type", "hs_activity_type"),
            "text": ("activity title", "subject", "title", "body preview", "hs_body_preview", "notes"),
            "details": ("body", "notes", "body preview", "hs_body_preview"),
        },
    ),
    Preset(
        name="hubspot-tasks",
        label=_("tasks of HubSpot"),
        importer="tasks",
        told_by=_TASKS,
        without=_HUBSPOT_PEOPLE,
        columns={
            "title": ("task title", "task name", "hs_task_subject"),
            "text": ("task notes", "notes", "hs_task_body"),
            "external_id": ("record id", "hs_object_id", "task id"),
            "due_on": ("due date", "task due date", "hs_timestamp", "activity date"),
            "assignee": ("assigned to", "activity assigned to", "task assigned to"),
            "done": ("task status", "hs_task_status"),
            "customer_number": _HUBSPOT_CONTACTS["customer_number"],
        },
        source="HubSpot",
    ),
)  # fmt: skip

_NO_ACTIVITY = ("stagename", "casenumber", "lastname", "last name", "isconverted", "deal stage")
_WHOM = {
    "customer_number": ("whoid", "name id", "contact id", "lead id"),
    "organization_number": ("accountid", "account id", "whatid", "related to id"),
    "customer_name": ("contact", "name", "lead"),
}  # fmt: skip
_EVENTS_ALONE = (
    "startdatetime", "enddatetime", "activitydatetime", "isalldayevent", "durationinminutes", "showas", "eventsubtype",
    "start date time", "end date time", "start date/time", "end date/time", "all-day event", "event subtype", "show time as",
    "duration (minutes)",
)  # fmt: skip
_TASKS_ALONE = (
    "tasksubtype", "ishighpriority", "isclosed", "calltype", "calldisposition", "calldurationinseconds", "completeddatetime",
    "task subtype", "due date only", "call type", "call result",
)  # fmt: skip

SALESFORCE = (
    Preset(
        name="salesforce-tasks",
        label=_("tasks of Salesforce"),
        importer="tasks",
        told_by=(
            *_TASKS_ALONE, "whoid", "whatid", "activitydate", "activity id", "assigned", "company / account", "full comments",
        ),
        at_least=3,
        without=(*_NO_ACTIVITY, *_EVENTS_ALONE),
        columns={
            "title": ("subject",),
            "text": ("description", "full comments", "comments"),
            "external_id": ("activity id", "task id", "id"),
            "due_on": ("activitydate", "due date only", "due date", "date"),
            "assignee": ("assigned", "assigned to", "owner name"),
            "done": ("status", "isclosed"),
            "customer_number": _WHOM["customer_number"],
        },
        source="Salesforce",
    ),
    Preset(
        name="salesforce-events",
        label=_("events of Salesforce"),
        importer="touchpoints",
        told_by=(
            *_EVENTS_ALONE, "whoid", "whatid", "activitydate", "activity id", "assigned", "company / account", "full comments",
        ),
        at_least=3,
        without=(*_NO_ACTIVITY, *_TASKS_ALONE, "status", "priority"),
        columns={
            **_WHOM,
            "text": ("subject",),
            "details": ("description", "full comments", "comments"),
            "occurred_at": (
                "startdatetime", "activitydatetime", "start date time", "start date/time", "start", "activitydate", "date",
            ),
            "kind": ("type", "event subtype", "eventsubtype"),
        },
        source="Salesforce",
        answers={"contact_kind": "meeting"},
    ),
)  # fmt: skip

PIPEDRIVE = (
    Preset(
        name="pipedrive-activities",
        label=_("activities of Pipedrive"),
        importer="touchpoints",
        prefixes=ACTIVITY,
        about=3,
        columns={
            **PERSONS,
            "text": ("subject", "předmět", "betreff", "asunto", "sujet", "oggetto", "onderwerp", "assunto", "temat"),
            "details": ("note", "poznámka", "notiz", "nota", "notitie", "notatka", "public description"),
            "kind": ("type", "typ", "tipo"),
            "done": ("done", "status", "hotovo", "erledigt", "hecho", "terminé", "completato", "gereed", "concluído", "gotowe"),
            "occurred_at": (
                "marked as done time", "čas označení jako hotové", "als erledigt markiert am", "due date", "termín",
                "datum splnění", "fälligkeitsdatum", "fecha de vencimiento", "date d'échéance", "vervaldatum", "add time",
            ),
        },
        source="Pipedrive",
    ),
    Preset(
        name="pipedrive-notes",
        label=_("notes of Pipedrive"),
        importer="touchpoints",
        prefixes=NOTE,
        about=3,
        columns={
            **PERSONS,
            "text": ("content", "obsah", "inhalt", "contenido", "contenu", "contenuto", "inhoud", "conteúdo", "treść"),
            "occurred_at": (
                "add time", "čas přidání", "hinzugefügt am", "fecha de creación", "date d'ajout", "created at", "update time",
            ),
        },
        source="Pipedrive",
        answers={"contact_kind": "note"},
    ),
)  # fmt: skip

ACTIVITIES = (*HUBSPOT, *SALESFORCE, *PIPEDRIVE)
