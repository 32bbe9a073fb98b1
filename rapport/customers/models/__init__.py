"""The tables of the single view."""

from rapport.customers.models.consents import Consent, ConsentRequest, ConsentStatus, Purpose
from rapport.customers.models.contact_points import ContactPoint, ContactPointKind
from rapport.customers.models.next_actions import ActionAnswer, AnswerKind, StandingAction, StandingRun
from rapport.customers.models.profiles import (
    AT_HOME_FIRST,
    OWNED,
    PRESENT,
    Customer,
    CustomerQuerySet,
    GoldenAttributes,
    Identifier,
    IdentifierKind,
    Interaction,
    InteractionKind,
    Kind,
    Profile,
    Source,
    Touchpoint,
)
from rapport.customers.models.relationships import Relationship, RelationshipKind
from rapport.customers.models.restrictions import Restriction, RestrictionGround
from rapport.customers.models.survivorship import Derivation, DerivationState, FieldPriority, FieldRule, Rule

__all__ = [
    "AT_HOME_FIRST",
    "OWNED",
    "PRESENT",
    "ActionAnswer",
    "AnswerKind",
    "Consent",
    "ConsentRequest",
    "ConsentStatus",
    "ContactPoint",
    "ContactPointKind",
    "Customer",
    "CustomerQuerySet",
    "Derivation",
    "DerivationState",
    "FieldPriority",
    "FieldRule",
    "GoldenAttributes",
    "Identifier",
    "IdentifierKind",
    "Interaction",
    "InteractionKind",
    "Kind",
    "Profile",
    "Purpose",
    "Relationship",
    "RelationshipKind",
    "Restriction",
    "RestrictionGround",
    "Rule",
    "Source",
    "StandingAction",
    "StandingRun",
    "Touchpoint",
]
