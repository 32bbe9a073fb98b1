"""What this room keeps for a time: files of exports, customers in the trash, files of the store that nobody names."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from rapport.core import files
from rapport.core.personal import is_needed
from rapport.core.retention import Retained
from rapport.customers.whole_person import customers_in_trash, whole_person
from rapport.privacy.actions import expired_exports, remove_expired_exports
from rapport.privacy.digests import suppression_key
from rapport.privacy.erasing import erase_person

_BATCH = 100


def _count_trash(before: datetime) -> int:
    return len(customers_in_trash(before))


def _remove_trash(before: datetime) -> int:
    """As in an erasure, but nothing is suppressed: a file may bring her again."""
    batch = customers_in_trash(before)[:_BATCH]
    key = suppression_key()
    for number in batch:
        erase_person(whole_person(number), key=key, is_remembered=False)
    return len(batch)


def _unnamed(before: datetime) -> list[str]:
    return [digest for digest in files.digests_before(before.timestamp()) if not is_needed(digest)]


def _remove_unnamed(before: datetime) -> int:
    return sum(files.remove(files.StoredFile(digest, 0), now=before.timestamp() + files.JUST_KEPT_SECONDS + 1)
               for digest in _unnamed(before))  # fmt: skip


def _count_sessions(before: datetime) -> int:
    return Session.objects.filter(expire_date__lt=before).count()


def _remove_sessions(before: datetime) -> int:
    return Session.objects.filter(expire_date__lt=before).delete()[0]


RETAINED = (
    Retained("trash", _("Customers in the trash"), _("To take back what was removed by mistake"), 30,
             _count_trash, _remove_trash, order=20),
    Retained("exports", _("Exports of persons, after their link has ended"), _("To hand a person her data"), 0,
             expired_exports, remove_expired_exports, order=60),
    Retained("unnamed-files", _("Stored files that nothing refers to any more"), _("None; they are left-overs"), 1,
             lambda before: len(_unnamed(before)), _remove_unnamed, order=70),
    Retained("sessions", _("Sign-ins that have ended"), _("To keep people signed in"), 0,
             _count_sessions, _remove_sessions, order=80),
)  # fmt: skip
