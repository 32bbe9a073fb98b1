"""What the trail calls what this room writes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.audit.reading import PRIVACY, Act, ActWord, Reason, TableWords

TABLES = (
    TableWords("privacy_retentionrule", _("Rule of retention"), {"name": _("Name"), "days": _("Days")}),
    TableWords("audit_value", _("Values of the trail"), {}),
)
WORDS = (ActWord("export"), ActWord("erasure"))
ACTS = (
    Act("person exported", _("Person exported"), PRIVACY),
    Act("person export downloaded", _("Export of a person fetched"), PRIVACY),
    Act("erasure asked", _("Erasure asked for"), PRIVACY),
    Act("person erased", _("Person erased"), PRIVACY),
    Act("retention", _("Removed when its time had come"), PRIVACY),
)
REASONS = (
    Reason("privacy.customer_erased", _("Erased")),
    Reason("privacy.trash_ended", _("Removed for good")),
    Reason("retention ", _("Removed when its time had come")),
)
