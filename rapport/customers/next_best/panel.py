"""The bar on the page of a customer: what is best done next, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from rapport.accounts.access import staff_user
from rapport.core.clock import utc_now
from rapport.customers.access import may_change_key
from rapport.customers.next_best.choosing import PRIOR_REFUSED, PRIOR_TAKEN, next_actions_of
from rapport.customers.next_best.rules import DOING_WORDS, URGENCY_WORDS, rules_for


def next_bar(request: HttpRequest, customer_id: int) -> dict[str, Any] | None:
    """Nothing where no rule applies."""
    user = staff_user(request)
    actions = next_actions_of([customer_id], rules_for(user), now=utc_now())[customer_id]
    match = request.resolver_match
    if match is None or not (actions.proposed or actions.held_back):
        return None
    return {
        "actions": actions,
        "public_id": match.kwargs.get("public_id"),
        "may_answer": may_change_key(user, customer_id),
        "doing": DOING_WORDS,
        "classes": URGENCY_WORDS,
        "prior": PRIOR_TAKEN / (PRIOR_TAKEN + PRIOR_REFUSED),
    }
