"""The words that the demo company has for some of its customers."""

from __future__ import annotations

from datetime import datetime

from rapport.accounts.queries import active_staff
from rapport.core.acting import Actor
from rapport.records.bulk.selecting import selectables
from rapport.records.permissions import FIELDS
from rapport.records.tags.actions import ensure_tags
from rapport.records.tags.tagging import Tagging, known_tags, tagged_objects

# word, what the list of customers is asked for, and how many of those that fit
_TAGS = (
    ("Key account", "filter=kind.is:organization&filter=value.at_least:3000", 40),
    ("Wholesale", "filter=kind.is:organization&filter=country.is:Germany", 60),
    ("Trade fair 2026", "filter=country.one_of:Belgium,France&filter=kind.is:organization", 35),
    ("Ambassador", "filter=kind.is:person&filter=value.at_least:1500", 25),
    ("Press", "filter=kind.is:person&filter=city.is:Amsterdam", 9),
    ("Slow payer", "filter=kind.is:organization&filter=country.is:Belgium", 7),
)


def tag_some(*, by: Actor, now: datetime) -> None:
    """Each tag on customers that it could be about; nothing where there are tags already."""
    if known_tags("customer"):
        return
    maker = next(each for each in active_staff() if each.has_right(FIELDS.name))
    everybody, customers = selectables()["customer"], tagged_objects()["customer"]
    for label, asked, most in _TAGS:
        value = ensure_tags("customer", [label], by=by)
        fitting = everybody.everything(maker, asked, 10 * most)[::3][:most]
        customers.write(Tagging({key: value for (key,) in fitting}, {}, maker, now))
