"""Staff, teams, roles and invitations."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from rapport.accounts.api_tokens_models import ApiAnswer, ApiToken, ApiTokenHour
from rapport.accounts.permissions import ADMINISTER
from rapport.accounts.rights import Grip, rights_reaching_everything
from rapport.accounts.sharing_models import Share
from rapport.audit.classes import AuditClass

__all__ = [
    "ApiAnswer",
    "ApiToken",
    "ApiTokenHour",
    "Business",
    "Invitation",
    "Role",
    "Scope",
    "Share",
    "SharedValue",
    "Team",
    "User",
]


class Scope(models.TextChoices):
    """How far a role reaches among records that have an owner."""

    OWN = "own", _("Own records")
    TEAM = "team", _("Own team, and the teams below it")
    ALL = "all", _("All records")


class Business(models.Model):
    """The one business this database belongs to; the row exists from set-up on."""

    audit_class = AuditClass.AUDITED

    name = models.TextField()
    time_zone = models.TextField()
    currency = models.CharField(max_length=3)
    set_up_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="accounts_business_only_one")]


class Team(models.Model):
    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField(unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")


class Role(models.Model):
    """A named set of rights and how far they reach."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    name = models.TextField(unique=True)
    scope = models.TextField(choices=Scope.choices)
    rights = ArrayField(models.TextField(), default=list)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of the staff, who signs in by e-mail address."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.TextField()
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    times_deactivated = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    time_zone = models.TextField(default="", blank=True)
    theme = models.TextField(default="", blank=True)
    has_keyboard_keys = models.BooleanField(default=True, db_default=True)
    start_page = models.TextField(default="", db_default="", blank=True)  # the URL name of a page of the menu
    joined_at = models.DateTimeField()
    reset_asked_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()
    lent: frozenset[str] | None = None  # the rights that a program acting for this person was given; None: no program
    through = ""  # what that program is called
    grip = Grip.READ  # what this person is about to do with what she finds: the gate asks

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def actor_id(self) -> str:
        return f"user:{self.pk}"

    @property
    def actor_label(self) -> str:
        return f"{self.name} ({self.through})" if self.through else self.name

    def has_right(self, name: str) -> bool:
        """Whether the role has the right, and reaches far enough for it."""
        if not self.is_active or name not in self.role.rights or (self.lent is not None and name not in self.lent):
            return False
        return self.role.scope == Scope.ALL or name not in rights_reaching_everything()

    def get_session_auth_hash(self) -> str:
        """A session lives only while password and role are what they were at sign-in, and ends for good with being shut out."""
        return f"{super().get_session_auth_hash()}.{self.role_id}.{self.times_deactivated}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (
            f"{hash_}.{self.role_id}.{self.times_deactivated}" for hash_ in super().get_session_auth_fallback_hash()
        )


class Invitation(models.Model):
    """A one-time link to join the staff; only its hash is kept."""

    audit_class = AuditClass.AUDITED

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    email = models.EmailField()
    name = models.TextField(default="", blank=True)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    token_hash = models.TextField(unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    def is_open(self, *, now: datetime) -> bool:
        """An invitation is worth no more than who made it still is."""
        return self.accepted_at is None and now < self.expires_at and self.invited_by.has_right(ADMINISTER.name)


class SharedValue(models.Model):
    """What all web processes must know at once, such as how often somebody failed to sign in; lost without harm."""

    audit_class = AuditClass.LOG

    key = models.TextField(primary_key=True)
    value = models.JSONField()
    expires_at = models.DateTimeField(null=True, db_index=True)
