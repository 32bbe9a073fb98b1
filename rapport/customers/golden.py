"""The golden attributes: what a profile may say of a person or an organization, and what a customer shows of it."""

from __future__ import annotations

TEXT_FIELDS = (
    "name",
    "given_name",
    "family_name",
    "organization",
    "job_title",
    "email",
    "phone",
    "website",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "language",
    "life_stage",
    "preferred_channel",
)
DATE_FIELDS = ("born_on",)
GOLDEN_FIELDS = (*TEXT_FIELDS, *DATE_FIELDS)
STAFF_SOURCE = "staff"
EVERY_FIELD = "*"
