"""Taking a person out of tables of libraries: arguments of jobs, messages that wait in sessions."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection

from rapport.core.needles import patterns
from rapport.core.personal import Person


def forget_in_libraries(person: Person) -> dict[str, int]:
    texts = person.identifying | person.names
    return {"procrastinate_jobs": _forget_in_jobs(texts), "django_session": _forget_in_sessions(texts)}


def _forget_in_jobs(texts: frozenset[str]) -> int:
    """Our jobs carry ids; one that carries a text of hers nevertheless, has nothing left to do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where status <> 'doing' and lower(args::text || coalesce(queueing_lock, '')"
            " || coalesce(lock, '')) like any(%s)",
            [patterns(texts)],
        )
        return int(cursor.rowcount)


def _forget_in_sessions(texts: frozenset[str]) -> int:
    """A message that nobody has read yet may name her."""
    count = 0
    for session in Session.objects.all():
        held = session.get_decoded()
        kept = {name: value for name, value in held.items() if not any(text in str(value).lower() for text in texts)}
        if kept != held:
            session.session_data = SessionStore().encode(kept)
            session.save(update_fields=["session_data"])
            count += 1
    return count
