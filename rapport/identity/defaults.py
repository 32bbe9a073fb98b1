"""The rules that every business starts with, and the values that point at nobody anywhere."""

from __future__ import annotations

from rapport.identity.models import BlockedValue, IdentifierRule

# kind: (priority, most customers)
_RULES = {3: (10, 8), 1: (20, 8), 2: (30, 6), 4: (40, 6)}
_MAILBOXES = (
    "abuse", "accounting", "accounts", "admin", "anonymous", "billing", "bookings", "contact", "contabilidad",
    "customerservice", "do-not-reply", "donotreply", "email", "enquiries", "fake", "hello", "help", "helpdesk", "hi", "hr",
    "info", "invoice", "invoices", "jobs", "kontakt", "mail", "mailer-daemon", "marketing", "na", "no-reply", "nobody",
    "none", "noemail", "noreply", "nospam", "null", "office", "orders", "postmaster", "privacy", "purchasing", "reception",
    "root", "sales", "service", "shop", "spam", "support", "team", "test", "undefined", "unknown", "webmaster",
)  # fmt: skip
_WORDS = (
    "-1",
    "anonymous",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "null",
    "test",
    "undefined",
    "unknown",
    "123456",
    "123456789",
)


def write_defaults() -> None:
    if not IdentifierRule.objects.exists():
        IdentifierRule.objects.bulk_create(
            IdentifierRule(kind=kind, priority=priority, most_customers=most)
            for kind, (priority, most) in _RULES.items()
        )
        values = [*(f"{box}@" for box in _MAILBOXES), *_WORDS]
        BlockedValue.objects.bulk_create([BlockedValue(value=value) for value in values], ignore_conflicts=True)
