"""A customer whom a program is about to change: let through, locked and signed for by one statement, read by the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import sql

from rapport.core.acting import signed_by
from rapport.core.planned import planned
from rapport.customers.models import Customer, Profile
from rapport.customers.moving import hold_customer
from rapport.customers.profile_rows import PROFILE_ROW
from rapport.customers.queries import SEEN_BY, find_customer_id, seen_by
from rapport.customers.survivorship.deriving import CUSTOMER_ROW
from rapport.customers.survivorship.rules import HOLD_RULES, LOCK_RULES, READ_RULES, Rules, rules_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

_RULES = 4
# who signs is told, and the rules are held, once the row is: what is around is done for a row that was found
_HOLD = sql.SQL("""
select held.*, {signed}, {rules}
  from (select {columns} from customers_customer c
         where {gate} and c.merged_into_id is null for update of c skip locked) held
""")
_READ = sql.SQL("""
select rules.*, {columns} from ({rules}) rules (priorities, staff, rules, own)
  left join customers_profile p on p.customer_id = $1 and p.source_id = rules.staff order by p.id
""")


@dataclass
class Held:
    """A customer as she is, locked; what staff say of her, and the rules by which what is shown is chosen, which stay so."""

    customer: Customer
    staff: list[Profile]
    rules: Rules


class Holding:
    """Holds the customer under this id for who may see her, as `acting` has it signed: the two are one statement."""

    def __init__(self, user: User, public_id: UUID) -> None:
        self._user, self._public_id = user, public_id
        self._seen = seen_by(user)  # before anything is changed, as long as what is known of the reach counts
        self._found: Customer | None = None

    def sign(self, signature: Sequence[str]) -> bool:
        """Says whether it is signed: a customer who has to be looked for, or waited for, is not found here."""
        found = planned(_hold(), [self._public_id, *self._seen, *signature])
        if found:
            self._found = CUSTOMER_ROW.read(found[0][: CUSTOMER_ROW.width])
        return bool(found)

    def held(self) -> Held:
        """Once it is signed. Raises Http404 where there is nobody to be seen."""
        customer = self._found
        if customer is None:
            customer = hold_customer(find_customer_id(self._user, self._public_id))
            planned(HOLD_RULES)
        rows = planned(_read(), [customer.pk])
        staff = [PROFILE_ROW.read(row[_RULES:]) for row in rows if row[_RULES] is not None]
        return Held(customer, staff, rules_of(rows[0][:_RULES]))


@cache
def _hold() -> str:
    statement = _HOLD.format(
        columns=CUSTOMER_ROW.columns, gate=sql.SQL(SEEN_BY), signed=sql.SQL(signed_by(5)), rules=sql.SQL(LOCK_RULES)
    )
    return statement.as_string(None)


@cache
def _read() -> str:
    return _READ.format(columns=PROFILE_ROW.columns, rules=READ_RULES).as_string(None)
