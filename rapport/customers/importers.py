"""The importer of people and organizations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from psycopg import sql

from rapport.customers.consents.columns import CONSENTS, OPT_OUT_COLUMNS
from rapport.customers.consents.importing import OPT_OUTS, apply_opt_outs, prepare_opt_outs, undo_consents
from rapport.customers.contact_points.columns import FURTHER_COLUMNS
from rapport.customers.contact_points.further import firsts_said, labels_said
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.imports.headers import HEADERS
from rapport.customers.imports.known_rows import RAPPORT_ID, left_out, prepare_known, preview_known
from rapport.customers.imports.owners import apply_owners, prepare_owners
from rapport.customers.imports.people import (
    SOURCES,
    apply_people,
    known_people,
    people_conflicts,
    preview_people,
    undo_people,
)
from rapport.customers.imports.tags import TAGS, apply_tags, prepare_tags, undo_tags
from rapport.customers.imports.touchpoints import TOUCHPOINTS
from rapport.customers.relationships.employers import (
    EMPLOYER,
    apply_employers,
    prepare_organization_employers,
    prepare_people_employers,
    tie_again,
)
from rapport.customers.relationships.importing import RELATIONSHIPS
from rapport.customers.task_files import TASKS
from rapport.records.imports.importing import ColumnKind, Counts, ImportColumn, Importer, Phase, Run, own_names
from rapport.records.imports.refusing import Refusal, refuse_rows
from rapport.records.imports.staging import bucket_count

_NAMED_BY = {"given_name", "family_name", "organization"}
_PERSONS_NUMBER = sql.SQL(
    "exists (select from customers_profile p where p.source_id = {} and p.external_id = s.key and p.kind = 'person')"
)
_OF_A_PERSON = gettext_noop(
    "In this source this is the number of a person. Give the organizations a source of their own."
)
_MORE_THAN_A_PROFILE = {RAPPORT_ID, "owner", TAGS, *(column.name for column in OPT_OUT_COLUMNS)}


def _columns_said(run: Run) -> set[str]:
    said = set(run.columns & {*GOLDEN_FIELDS, "kind"}) | firsts_said(run.columns)
    return said | {"name"} if said & _NAMED_BY else said


def _prepare(cursor: CursorWrapper, run: Run) -> int:
    if RAPPORT_ID in run.columns:
        prepare_known(cursor, run, columns=_columns_said(run))
    return bucket_count(cursor, run)


def _prepare_organizations(cursor: CursorWrapper, run: Run) -> int:
    """Where a source numbers people and organizations each from one on, neither may become the other."""
    if "external_id" in run.columns:
        person = _PERSONS_NUMBER.format(sql.Literal(run.source_id))
        refuse_rows(cursor, run, [Refusal("persons_number", "external_id", person, _OF_A_PERSON)])
        cursor.execute(sql.SQL("delete from {} s where {}").format(run.table(), person))
    return _prepare(cursor, run)


def _apply(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    is_known = RAPPORT_ID in run.columns
    counts = apply_people(
        cursor, run, chunk, table=run.table("known") if is_known else run.table(), columns=_columns_said(run),
        points=labels_said(run.columns), own=own_names(run),
    )  # fmt: skip
    same = left_out(cursor, run, chunk) if is_known else 0
    return counts | {"rows": counts["rows"] + same, "same": counts["same"] + same}


def _known_hashes(run: Run) -> sql.Composable | None:
    """Not where a row says more than its profile keeps, nor where its key is made of its values."""
    is_key_made = "external_id" not in run.columns or run.answers.get("about_rows")
    if is_key_made or run.columns & _MORE_THAN_A_PROFILE:
        return None
    return known_people(run)


def _undo(cursor: CursorWrapper, import_id: int) -> int:
    undone = undo_consents(cursor, import_id) or undo_people(cursor, import_id)
    return undone or undo_tags(cursor, import_id) or tie_again(cursor, import_id)


def _preview(cursor: CursorWrapper, run: Run) -> Counts:
    if RAPPORT_ID in run.columns:
        return preview_known(cursor, run, columns=_columns_said(run))
    return preview_people(cursor, run, table=run.table())


PEOPLE = Importer(
    name="people",
    label=_("People and organizations"),
    object="customer",
    columns=(
        ImportColumn(
            "external_id",
            _("Number or id in the source"),
            ColumnKind.CODE,
            at_most=200,
            aliases=(
                "id",
                "customer id",
                "customer no",
                "customer number",
                "contact id",
                "record id",
                "person id",
                "user id",
                "account id",
                "client id",
                "client number",
                "client num",
                "clientnum",
                "member id",
                "person - id",
                "key",
                *HEADERS["external_id"],
            ),
        ),
        ImportColumn(
            "name",
            _("Name"),
            aliases=("full name", "contact name", "customer name", "display name", "person - name", *HEADERS["name"]),
        ),
        ImportColumn(
            "given_name",
            _("Given name"),
            aliases=("first name", "given", "forename", "person - first name", *HEADERS["given_name"]),
        ),
        ImportColumn(
            "family_name",
            _("Family name"),
            aliases=("last name", "surname", "family", "person - last name", *HEADERS["family_name"]),
        ),
        ImportColumn(
            "organization",
            _("Organization"),
            aliases=(
                "organisation",
                "company",
                "company name",
                "account name",
                "employer",
                "person - organization",
                *HEADERS["organization"],
            ),
        ),
        ImportColumn(
            EMPLOYER,
            _("Number of the organization in the source"),
            ColumnKind.CODE,
            at_most=2000,
            aliases=("organization id", "organisation id", "company id", "account id", "accountid", "employer id"),
        ),
        ImportColumn(
            "job_title",
            _("Job title"),
            aliases=("title", "position", "role", "person - job title", *HEADERS["job_title"]),
        ),
        ImportColumn(
            "email",
            _("E-mail"),
            ColumnKind.EMAIL,
            at_most=320,
            aliases=(
                "mail",
                "email address",
                "primary email",
                "person - email",
                "person - email - work",
                "person - email (work)",
                *HEADERS["email"],
            ),
        ),
        ImportColumn(
            "phone",
            _("Phone"),
            ColumnKind.PHONE,
            at_most=100,
            aliases=(
                "phone number",
                "telephone",
                "tel",
                "mobile",
                "mobile phone",
                "cell",
                "person - phone",
                "person - phone - work",
                "person - phone (work)",
                *HEADERS["phone"],
            ),
        ),
        ImportColumn(
            "website",
            _("Web site"),
            at_most=300,
            aliases=("web", "url", "homepage", "domain", "company domain name", "website url", *HEADERS["website"]),
        ),
        ImportColumn(
            "street",
            _("Street"),
            aliases=(
                "address",
                "street address",
                "address line 1",
                "mailing street",
                *HEADERS["street"],
            ),
        ),
        ImportColumn(
            "postal_code",
            _("Postal code"),
            at_most=40,
            aliases=("zip", "zip code", "postcode", "post code", "mailing postal code", *HEADERS["postal_code"]),
        ),
        ImportColumn("city", _("City"), aliases=("town", "mailing city", *HEADERS["city"])),
        ImportColumn(
            "region",
            _("Region"),
            aliases=("state", "province", "county", "state/region", "mailing state", *HEADERS["region"]),
        ),
        ImportColumn(
            "country",
            _("Country"),
            at_most=100,
            aliases=("country/region", "nation", "mailing country", *HEADERS["country"]),
        ),
        ImportColumn(
            "language",
            _("Language"),
            at_most=40,
            aliases=("lang", "locale", "preferred language", *HEADERS["language"]),
        ),
        ImportColumn(
            "life_stage",
            _("Life stage"),
            at_most=100,
            aliases=("lifecycle stage", "life cycle stage", *HEADERS["life_stage"]),
        ),
        ImportColumn(
            "preferred_channel",
            _("Prefers to be reached by"),
            at_most=100,
            aliases=("preferred channel", "contact preference", *HEADERS["preferred_channel"]),
        ),
        ImportColumn(
            "born_on",
            _("Date of birth"),
            ColumnKind.DATE,
            aliases=("birthday", "birth date", "birthdate", "born", "dob", *HEADERS["born_on"]),
        ),
        ImportColumn(
            "kind",
            _("Person or organization"),
            ColumnKind.CHOICE,
            choices=("person", "organization"),
            aliases=("customer kind",),
        ),
        ImportColumn(
            "seen_at",
            _("Last changed in the source"),
            ColumnKind.INSTANT,
            aliases=(
                "updated at",
                "modified at",
                "last modified",
                "last modified date",
                "last activity date",
                *HEADERS["seen_at"],
            ),
        ),
        ImportColumn(RAPPORT_ID, _("Id in Rapport"), ColumnKind.CODE, at_most=36, aliases=("rapport customer id",)),
        ImportColumn(
            "owner",
            _("Owner"),
            at_most=320,
            aliases=(
                "contact owner",
                "account owner",
                "lead owner",
                "company owner",
                "owner name",
                "owner email",
                "zuständig",
                "betreuer",
                "kundenbetreuer",
                "responsable",
                "verantwoordelijke",
            ),
        ),
        ImportColumn(TAGS, _("Tags"), aliases=("tag", "labels", "label", "contact tags", "schlagwörter", "étiquettes")),
        *FURTHER_COLUMNS,
        *OPT_OUT_COLUMNS,
    ),
    key=("external_id",),
    sources=SOURCES,
    phases=(
        Phase("people", _("Customers"), _prepare, _apply, share=12),
        Phase("owners", _("Owners"), prepare_owners, apply_owners, columns=frozenset({"owner"})),
        Phase("tags", _("Tags"), prepare_tags, apply_tags, columns=frozenset({TAGS})),
        Phase(
            "employers",
            _("Who works where"),
            prepare_people_employers,
            apply_employers,
            columns=frozenset({"organization", "kind", EMPLOYER}),
        ),
        Phase("opt_outs", _("Opt-outs"), prepare_opt_outs, apply_opt_outs, columns=frozenset(OPT_OUTS)),
    ),
    preview=_preview,
    conflicts=people_conflicts,
    undo=_undo,
    known_hashes=_known_hashes,
    finish="rapport.customers.normalizing.person_finisher",
    staged=(
        ("email_norm", "text"),
        ("phone_norm", "text"),
        ("sort_key", "text"),
        ("words", "text[]"),
        ("raw", "text"),
        ("raw_hash", "text"),
        ("custom", "text"),
        ("points", "text"),
    ),
    takes_own_fields=True,
    order=10,
)

_OF_PEOPLE_ALONE = ("given_name", "family_name", "organization", EMPLOYER, "job_title", "born_on", "kind")
_OF_ORGANIZATIONS = (
    "organization name",
    "organisation name",
    "account name",
    "company",
    "company name",
    "legal name",
    *HEADERS["organization"],
)


def _as_of_organizations(column: ImportColumn) -> ImportColumn:
    if column.name == "name":
        return replace(column, aliases=_OF_ORGANIZATIONS)
    return replace(column, aliases=()) if column.name in _OF_PEOPLE_ALONE else column


_PHASES_OF_ORGANIZATIONS: dict[str, dict[str, Any]] = {
    "people": {"prepare": _prepare_organizations},
    "employers": {"prepare": prepare_organization_employers, "columns": frozenset()},
}
ORGANIZATIONS = replace(
    PEOPLE,
    name="organizations",
    label=_("Organizations"),
    columns=tuple(map(_as_of_organizations, PEOPLE.columns)),
    phases=tuple(replace(phase, **_PHASES_OF_ORGANIZATIONS.get(phase.name, {})) for phase in PEOPLE.phases),
    finish="rapport.customers.normalizing.organization_finisher",
    order=15,
    is_guessed=False,
)

IMPORTERS = (PEOPLE, ORGANIZATIONS, RELATIONSHIPS, CONSENTS, TOUCHPOINTS, TASKS)
