"""Rules that propose what to do next for a customer: what a room's next_actions.py declares in RULES."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum
from functools import cache
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.core.rooms import contributions
from rapport.records.layouts.sight import hidden_names

if TYPE_CHECKING:
    from rapport.accounts.models import User

QUIET_DAYS = 14
OBJECT = "customer"


class Urgency(IntEnum):
    """What comes first; within one class, what is at stake decides."""

    COMPLAINT = 1
    RISK = 2
    DUE = 3
    OFFER = 4
    ASK = 5


URGENCY_WORDS: dict[Urgency, str | Promise] = {
    Urgency.COMPLAINT: _("Service"),
    Urgency.RISK: _("Risk"),
    Urgency.DUE: _("Order due"),
    Urgency.OFFER: _("Offer"),
    Urgency.ASK: _("Question"),
}


class Doing(Enum):
    """What taking an action begins: a call whose log is prefilled, or a task of one's own."""

    CALL = "call"
    TASK = "task"


DOING_WORDS: dict[Doing, str | Promise] = {Doing.CALL: _("Start call"), Doing.TASK: _("Add a task")}


class Permission(Enum):
    """What the customer must have said for it. A restriction of processing forbids every action."""

    NONE_NEEDED = "none"  # it is about what she bought from us or asked of us
    NO_OBJECTION = "no objection"  # she has not said no to marketing on that channel
    AGREED = "agreed"  # she has agreed to a marketing purpose on that channel


@dataclass(frozen=True)
class Found:
    """That a rule applies to a customer now.

    `reason` is a sentence with its arithmetic for who works with her, `title` says more than the rule's own where it can.
    `micros` of `currency` are at stake, None where nobody knows; `likelihood` (0 to 1) is how likely they are lost, or come.
    """

    reason: str
    micros: int | None = None
    currency: str = ""
    likelihood: float = 1.0
    title: str = ""


@dataclass(frozen=True, eq=False)
class Rule:
    """One kind of action, the same only as itself: comparing two by their words would translate these each time.

    `find` receives (ids of customers, now) and returns those it applies to, in one or few statements.

    `title` says what to do, `otherwise` when the rule does not apply. It is for who has `right` and sees all `fields` of
    the customer. `channel` and `permission` say what she must have allowed. For `quiet_days` after it was taken or refused
    it is not proposed again.
    """

    name: str
    title: str | Promise
    otherwise: str | Promise
    urgency: Urgency
    find: Callable[[Sequence[int], datetime], Mapping[int, Found]]
    doing: Doing = Doing.CALL
    channel: str = "call_center"
    permission: Permission = Permission.NONE_NEEDED
    right: str = ""
    fields: tuple[str, ...] = ()
    quiet_days: int = QUIET_DAYS


@cache
def rules() -> dict[str, Rule]:
    """Every rule by name, the most urgent classes first. Raises ValueError where two have one name."""
    found = sorted(contributions("next_actions", "RULES", Rule), key=lambda rule: (rule.urgency, rule.name))
    named = {rule.name: rule for rule in found}
    if len(named) < len(found):
        raise ValueError("Two rules of next_actions.py have the same name")
    return named


def rules_for(user: User) -> list[Rule]:
    """The rules whose reasons this person may read."""
    hidden: Collection[str] = hidden_names(user, OBJECT)
    return [
        rule
        for rule in rules().values()
        if (not rule.right or user.has_right(rule.right)) and not set(rule.fields) & set(hidden)
    ]
