"""From a number of a page to the list of those whom it counts; behind/numbers.py finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.http import urlencode

from rapport.records.behaviors import write_blanks
from rapport.records.exporting.lists import every_list
from rapport.records.filters.text import Condition, write_text
from rapport.records.layouts.sight import fields_to_ask

if TYPE_CHECKING:
    from rapport.accounts.models import User

BEHIND = "behind"
CUSTOMER, PRODUCT, ORDER = "customer", "product", "order"
BOUGHT, TENTH, TIMES, GROUP, COHORT, ACTIVE, MOVED, STEP, WAY, BOTH = (
    "bought", "tenth", "times", "group", "cohort", "active", "moved", "step", "way", "both",
)  # fmt: skip
TAKEN, BEGAN, ENDED = "taken", "began", "ended"
_LISTS = {CUSTOMER: "customers", PRODUCT: "products", ORDER: "orders"}


def behind_href(of: str, what: str, **asked: object) -> str:
    """The list of those whom a number counts; what is empty is not asked."""
    said = {name: [str(value)] for name, value in (("what", what), *asked.items()) if value not in ("", None)}
    condition = Condition(BEHIND, "did", write_blanks(said))
    return f"{reverse(_LISTS[of])}?{urlencode({'filter': write_text(condition)})}"


def leads_to_lists(user: User, of: str) -> bool:
    """Whether `user` may list what the numbers of a page count."""
    return user.has_right(every_list()[of].right) and BEHIND in fields_to_ask(user, of)
