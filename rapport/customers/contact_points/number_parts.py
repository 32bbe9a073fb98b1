"""Finding customers by any part of a phone number.

A number is indexed as blocks of four digits from its end, which costs an import next to nothing; where it begins within a
block, its first four characters are one too. How a part lies over these blocks is not known, so all four ways are asked: the
whole blocks it would hold there, or else every block that could end or begin as it does. What a number begins with is found
as it stands.
"""

from __future__ import annotations

import re
from itertools import product

from psycopg import sql

from rapport.customers.models import IdentifierKind
from rapport.records.lists.sql import Part

SHORTEST = BLOCK = 4
LONGEST = 15  # digits that a number of this world has
_MOST_FOUND = 10_000  # what more numbers hold is no way to find anybody
_OF_A_NUMBER = re.compile(r"[-+0-9 ()./]+")
BLOCKS = "(array[" + ", ".join(f"left(right(value_norm, {end}), 4)" for end in (4, 8, 12, 16)) + "])"
_HELD_BY = sql.SQL(
    "{column} = any(array(select customer_id from customers_identifier where kind = {phone} and ({places}"
    " or kind = {phone} and value_norm like {beginning}) and value_norm like {holding} limit {most}))"
)


def digits_asked(words: str) -> str | None:
    """The digits to look for within numbers, where these words can be a part of one; without zeros before it, which are
    dialed and not kept.
    """
    if not _OF_A_NUMBER.fullmatch(words):
        return None
    digits = re.sub("[^0-9]", "", words)
    kept = digits.lstrip("0")
    digits = kept if len(kept) >= SHORTEST else digits
    return digits if SHORTEST <= len(digits) <= LONGEST else None


def held_by(words: str, *, column: str) -> Part | None:
    """The condition that a number of the customer in `column` holds these words; nothing where they cannot be a part of one."""
    digits = digits_asked(words)
    if digits is None:
        return None
    places = [_begun_in(digits, head) for head in range(BLOCK)]
    condition = _HELD_BY.format(
        column=sql.SQL(column), phone=sql.Literal(int(IdentifierKind.PHONE)),
        places=sql.SQL(" or ").join(place for place, _arguments in places), most=sql.Literal(_MOST_FOUND),
        beginning=sql.Placeholder(), holding=sql.Placeholder(),
    )  # fmt: skip
    return condition, [*(each for _place, arguments in places for each in arguments), f"+{digits}%", f"%{digits}%"]


def _begun_in(digits: str, head: int) -> Part:
    """What the blocks of a number hold where the first `head` of these digits end one of them; said of two blocks, so
    that whatever is typed makes the same statement.
    """
    whole = [digits[place : place + BLOCK] for place in range(head, len(digits) - BLOCK + 1, BLOCK)]
    ending, beginning = digits[:head], digits[head:]
    if whole:
        sides = [[whole[0]], [whole[-1]]]
    elif len(beginning) == BLOCK - 1 > len(ending):
        sides = [_beginning_with(beginning)] * 2
    elif len(ending) == BLOCK - 1 > len(beginning):
        sides = [_ending_in(ending, beginning)] * 2
    else:
        sides = [_ending_in(ending, beginning), _beginning_with(beginning)]
    held = sql.SQL("{} && {}::text[]").format(sql.SQL(BLOCKS), sql.Placeholder())
    return sql.SQL("({0} and {0})").format(held), list(sides)


def _ending_in(digits: str, more: str) -> list[str]:
    """Every block that ends so, also as the first one of a number behind other digits, which `more` may fill up."""
    free = BLOCK - len(digits)
    first = ["+" + each + (digits + more)[: BLOCK - 1 - before] for before in range(1, free) for each in _any(before)]
    return [each + digits for each in _any(free)] + first


def _beginning_with(digits: str) -> list[str]:
    return [digits + each for each in _any(BLOCK - len(digits))]


def _any(count: int) -> list[str]:
    return ["".join(each) for each in product("0123456789", repeat=count)]
