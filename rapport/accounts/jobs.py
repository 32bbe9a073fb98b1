"""Background work of this room."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore

from rapport.accounts.mail import mail_password_link
from rapport.accounts.models import User
from rapport.accounts.shared_cache import remove_expired
from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task


@task(name="accounts.send_password_link", queue="mail", retry=3)
def send_password_link(user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        mail_password_link(user)


@periodic(cron="23 * * * *")
@task(name="accounts.remove_expired", queue="care", queueing_lock="accounts.remove_expired")
def remove_expired_rows(timestamp: int) -> None:
    remove_expired(now=utc_now())
    SessionStore.clear_expired()
