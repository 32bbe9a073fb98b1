"""The mark of the fields is asked by every request of a program, so it comes with the token."""

from rapport.core.asked_first import AskedFirst
from rapport.records.custom_fields.queries import MARK, MARK_NOW

ASKED_FIRST = (AskedFirst(MARK, MARK_NOW),)
