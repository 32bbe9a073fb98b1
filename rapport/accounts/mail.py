"""The mails this room sends; where EMAIL_URL is unset, the administrator is shown the link instead."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.accounts.links import password_link
from rapport.accounts.models import Invitation, User
from rapport.core import environment


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


def mail_email_changed(member: User, *, before: str, by: User) -> None:
    """To both addresses: whoever reads the old one must know as well."""
    body = _(
        "%(by)s has changed the address that %(name)s signs in to Rapport with, from %(before)s to %(email)s.\n\n"
        "If that is not right, tell an administrator.\n"
    ) % {"by": by.name, "name": member.name, "before": before, "email": member.email}
    for address in (before, member.email):
        send_mail(_("Your address for Rapport was changed"), body, None, [address])


def mail_factors_reset(member: User, *, by: User) -> None:
    body = _(
        "%(by)s has taken away your second factors for Rapport: authenticator app, security keys and recovery codes.\n\n"
        "Your password alone lets you in now. Set up a second factor again in your profile: %(link)s\n\n"
        "If you did not ask for this, tell an administrator.\n"
    ) % {"by": by.name, "link": environment.origin() + reverse("profile")}
    send_mail(_("Your second factors for Rapport were taken away"), body, None, [member.email])
