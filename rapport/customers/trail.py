"""What the trail calls what this room writes, and what of it a role that does not see all fields may read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from rapport.audit.queries import TrailEntry
from rapport.audit.reading import Act, ActWord, Reason, RowNames, Said, TableWords, TrailReader, Values
from rapport.customers.models import Source
from rapport.customers.permissions import VIEW
from rapport.customers.presenting import as_read
from rapport.customers.provenance import LABELS
from rapport.customers.queries import customers_by_id, name_of
from rapport.records.layouts.sight import hidden_names

if TYPE_CHECKING:
    from rapport.accounts.models import User

_OF_WAYS = frozenset({"email", "phone", "street", "postal_code", "city", "region", "country"})
_CODES = ("country", "language", "preferred_channel")
_MACHINE = ("profile_id", "import_id", "value_norm", "customer_id", "token_hash")


def _customers(user: User, ids: Collection[int]) -> Mapping[int, str]:
    if not user.has_right(VIEW.name):
        return {}
    hidden = hidden_names(user, "customer")
    return {key: name_of(found, hidden=hidden) for key, found in customers_by_id(user, list(ids)).items()}


def _sources(_user: User, ids: Collection[int]) -> Mapping[int, str]:
    return dict(Source.objects.filter(pk__in=ids).values_list("pk", "label"))


def _read(user: User, entry: TrailEntry, values: Values) -> tuple[Values, list[Said]]:
    """A change of a further way to somebody does not say which field it belongs to: who does not see one, sees none.

    Of customers, what is kept as a code is told in words.
    """
    if entry.table == "customers_customer":
        return tuple((name, _in_words(name, said) if name in _CODES else said) for name, said in values), []
    if entry.table == "customers_contactpoint" and hidden_names(user, "customer") & _OF_WAYS:
        return (), []
    if entry.table == "customers_consentrequest" and hidden_names(user, "customer") & {"email", "phone"}:
        return tuple((name, said) for name, said in values if name != "sent_to"), []
    return values, []


def _in_words(field: str, said: Any) -> Any:
    if isinstance(said, list):
        return [_in_words(field, each) for each in said]
    return as_read(field, said) if said else said


READERS = (TrailReader("ways to customers", _read),)
NAMES = (RowNames("customers_customer", _customers), RowNames("customers_source", _sources))
TABLES = (
    TableWords(
        "customers_customer",
        _("Customer"),
        {
            **LABELS, "kind": _("Kind"), "owner_id": _("Owner"), "merged_into_id": _("Merged into"),
            "trashed_at": _("In the trash since"), "created_at": _("Added"),
        },
        left_out=("version", "provenance", "search", "sort_key", "updated_at"),
    ),
    TableWords(
        "customers_contactpoint",
        _("Further way to a customer"),
        {
            "kind": _("Kind"), "label": _("Label"), "value": _("Value"), "street": _("Street"),
            "postal_code": _("Postal code"), "city": _("City"), "region": _("Region"), "country": _("Country"),
        },
        left_out=_MACHINE,
    ),
    TableWords(
        "customers_relationship",
        _("Relationship"),
        {
            "kind": _("Kind"), "role": _("As"), "from_customer_id": _("From"), "to_customer_id": _("To"),
            "since": _("Since"), "until": _("Until"),
        },
        left_out=("from_profile_id", "to_profile_id", "import_id"),
    ),
    TableWords(
        "customers_interaction",
        _("Contact"),
        {
            "kind": _("Kind"), "text": _("What was said or done"), "customer_id": _("Customer"),
            "occurred_at": _("Happened"), "logged_at": _("Logged"), "logged_by_id": _("Logged by"),
        },
        left_out=("profile_id", "import_id"),
    ),
    TableWords(
        "customers_source", _("Source"), {"name": _("Name"), "label": _("Label"), "priority": _("Priority")}
    ),
    TableWords("customers_fieldrule", _("Rule of a field"), {"field": _("Field"), "rule": _("Rule")}),
    TableWords(
        "customers_fieldpriority",
        _("Priority of a field"),
        {"field": _("Field"), "source_id": _("Source"), "priority": _("Priority")},
    ),
    TableWords(
        "customers_purpose",
        _("Purpose"),
        {
            "name": _("Name"), "label": _("Label"), "wording": _("Wording"), "is_marketing": _("Marketing"),
            "valid_days": _("Days it holds"), "retired_at": _("Retired"),
        },
    ),
    TableWords(
        "customers_consentrequest",
        _("Question of consent"),
        {
            "customer_id": _("Customer"), "purpose": _("Purpose"), "channel": _("Channel"), "wording": _("Wording"),
            "sent_to": _("Sent to"), "asked_at": _("Asked"), "asked_by": _("Asked by"), "expires_at": _("Open until"),
            "answered_at": _("Answered"),
        },
        left_out=("profile_id", "token_hash"),
    ),
    TableWords(
        "customers_restriction",
        _("Restriction"),
        {
            "customer_id": _("Customer"), "ground": _("Ground"), "note": _("Note"), "since": _("Since"),
            "set_by": _("Set by"), "lifted_at": _("Lifted"), "lifted_by": _("Lifted by"),
        },
        left_out=("profile_id",),
    ),
    TableWords(
        "customers_actionanswer",
        _("Proposed action"),
        {
            "customer_id": _("Customer"), "rule": _("Rule"), "answer": _("Answer"), "note": _("Why not"),
            "answered_at": _("Answered"), "answered_by_id": _("Answered by"),
        },
        left_out=("profile_id",),
    ),
)  # fmt: skip
WORDS = (ActWord("derivation"), ActWord("customers", _("Customers")))
ACTS = (
    Act("customers derived again", _("Customers derived again")),
    Act("next actions compared", _("Next actions compared")),
)
REASONS = (
    Reason("customers.customers_edited", _("Customers changed")),
    Reason("customers.customers_tagged", _("Tags of customers changed")),
    Reason("customers.customers_trashed", _("Put into the trash")),
    Reason("customers.customers_restored", _("Taken out of the trash")),
    Reason("customers.rules_changed", _("Sources and rules changed")),
    Reason("field searched", _("Field made searchable")),
    Reason("consent asked", _("Consent asked for")),
    Reason("consent answered", _("Question of consent answered")),
    Reason("objection to direct marketing", _("Objection to direct marketing")),
    Reason("purpose", _("Purpose changed")),
    Reason("customers.customer_created", _("Customer added")),
    Reason("customers.customer_edited", _("Customer changed")),
    Reason("customers.owner_assigned", _("Owner assigned")),
    Reason("customers.owners_assigned", _("Owners assigned")),
    Reason("customers.interaction_logged", _("Contact logged")),
    Reason("customers.consent_recorded", _("Consent recorded")),
    Reason("customers.next_action_answered", _("Proposed action taken or put off")),
    Reason("customers.next_actions", _("Next actions compared")),
    Reason("customers.restriction_changed", _("Restriction changed")),
    Reason("customers.profiles_left", _("Profiles moved away")),
    Reason("customers.customer_trashed", _("Put into the trash")),
    Reason("customers.customer_restored", _("Taken out of the trash")),
)
