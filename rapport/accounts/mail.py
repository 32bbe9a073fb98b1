"""The mails this room sends; where EMAIL_URL is unset, the administrator is shown the link instead."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from rapport.accounts.links import password_link
from rapport.accounts.models import Invitation, User


def is_configured() -> bool:
    return bool(getattr(settings, "EMAIL_IS_CONFIGURED", False))


def mail_invitation(invitation: Invitation, *, link: str, business_name: str) -> None:
    body = _(
        "%(inviter)s invites you to Rapport, where %(business)s keeps its customers.\n\n"
        "Open this link to choose your password. It works once, until %(until)s (UTC):\n\n%(link)s\n"
    ) % {
        "inviter": invitation.invited_by.name,
        "business": business_name,
        "until": f"{invitation.expires_at:%Y-%m-%d %H:%M}",
        "link": link,
    }
    send_mail(_("Your invitation to Rapport"), body, None, [invitation.email])


def mail_password_link(user: User) -> None:
    body = _(
        "Somebody, hopefully you, asked for a new password to Rapport for this address.\n\n"
        "Open this link to choose one. It works once, for a day:\n\n%(link)s\n\n"
        "If it was not you, nothing needs to be done: your password stays as it is.\n"
    ) % {"link": password_link(user)}
    send_mail(_("A new password for Rapport"), body, None, [user.email])
