"""How the tables are audited that have no model of ours; a test fails for one that is not listed."""

from __future__ import annotations

from rapport.audit.classes import AuditClass

THIRD_PARTY_TABLES = {
    # Django's own users, groups and permissions are not used; our staff, roles and rights are audited
    "auth_permission": AuditClass.LOG,
    "auth_group": AuditClass.LOG,
    "auth_group_permissions": AuditClass.LOG,
    "django_content_type": AuditClass.LOG,
    "django_migrations": AuditClass.LOG,
    "django_session": AuditClass.LOG,
    # allauth's e-mail addresses are not used; changes of second factors are recorded by name in rapport.accounts.adapter
    "account_emailaddress": AuditClass.LOG,
    "account_emailconfirmation": AuditClass.LOG,
    "mfa_authenticator": AuditClass.LOG,
    "procrastinate_workers": AuditClass.LOG,
    "procrastinate_jobs": AuditClass.LOG,
    "procrastinate_events": AuditClass.LOG,
    "procrastinate_periodic_defers": AuditClass.LOG,
}

# tables that are filled before they take the place of those without _spare
SPARE_TABLES = {
    "insight_rfm_spare": AuditClass.DERIVED,
    "insight_clv_spare": AuditClass.DERIVED,
    "insight_five_spare": AuditClass.DERIVED,
    "insight_leaving_spare": AuditClass.DERIVED,
}
