"""What any endpoint wants to hear is asked by every request that may have something to tell, so it comes with the token."""

from rapport.core.asked_first import AskedFirst
from rapport.webhooks.hearing import WANTED, WANTED_NOW

ASKED_FIRST = (AskedFirst(WANTED, WANTED_NOW, of_writes=True),)
