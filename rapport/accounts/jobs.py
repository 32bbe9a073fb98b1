"""Background work of this room."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore

from rapport.accounts import api_tokens
from rapport.accounts.actions import note_reset_asked
from rapport.accounts.mail import is_configured, mail_password_link
from rapport.accounts.models import User
from rapport.accounts.shared_cache import remove_expired
from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task


@task(name="accounts.answer_password_request", queue="mail", retry=3)
def answer_password_request(email: str) -> None:
    """Note the request for the administrators and, where mail goes out, send a link; for a strange address do nothing."""
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        return
    note_reset_asked(user, now=utc_now())
    if is_configured():
        mail_password_link(user)


@periodic(cron="23 * * * *")
@task(name="accounts.remove_expired", queue="care", queueing_lock="accounts.remove_expired")
def remove_expired_rows(timestamp: int) -> None:
    remove_expired(now=utc_now())
    api_tokens.remove_old(now=utc_now())
    SessionStore.clear_expired()
