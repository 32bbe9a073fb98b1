"""The columns of people files beside the first e-mail address, number and postal address."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from rapport.customers.contact_points.further import address_column
from rapport.records.imports.importing import ColumnKind, ImportColumn

_EMAILS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "email_work": (
        _("E-mail, work"),
        ("work email", "business email", "person - email - work", "person - email (work)", "email work"),
    ),
    "email_home": (
        _("E-mail, home"),
        (
            "home email",
            "private email",
            "personal email",
            "person - email - home",
            "person - email (home)",
            "email privat",
        ),
    ),
    "email_2": (
        _("E-mail 2"),
        ("email 2", "second email", "secondary email", "e-mail 2 address", "e-mail 2 - value", "alternate email"),
    ),
    "email_3": (_("E-mail 3"), ("email 3", "third email", "e-mail 3 address", "e-mail 3 - value")),
    "email_other": (
        _("E-mail, other"),
        ("other email", "additional email addresses", "person - email - other", "person - email (other)"),
    ),
}
_PHONES: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "phone_mobile": (
        _("Phone, mobile"),
        (
            "mobile", "mobile phone", "mobile phone number", "mobile number", "cell", "cell phone", "person - phone - mobile",
            "person - phone (mobile)", "handy", "handynummer", "mobil", "mobiltelefon", "mobilnummer", "portable",
            "téléphone portable", "téléphone mobile", "móvil", "teléfono móvil", "celular", "mobiel", "mobiele telefoon", "gsm",
        ),
    ),
    "phone_work": (
        _("Phone, work"),
        ("work phone", "business phone", "office phone", "person - phone - work", "person - phone (work)"),
    ),
    "phone_home": (
        _("Phone, home"),
        ("home phone", "private phone", "person - phone - home", "person - phone (home)", "telefon privat"),
    ),
    "phone_2": (
        _("Phone 2"),
        ("second phone", "phone number 2", "phone 2 - value", "home phone 2", "business phone 2", "alternate phone"),
    ),
    "phone_3": (_("Phone 3"), ("third phone", "phone number 3", "phone 3 - value")),
    "phone_other": (
        _("Phone, other"),
        ("other phone", "additional phone", "person - phone - other", "person - phone (other)", "assistant phone"),
    ),
    "phone_fax": (_("Fax"), ("fax number", "telefax", "business fax", "fax phone")),
}  # fmt: skip
_PREFIXES: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "billing": (_("Billing address"), ("billing", "bill to", "invoice", "invoicing")),
    "delivery": (_("Delivery address"), ("delivery", "shipping", "ship to")),
    "work": (_("Work address"), ("work", "business", "office")),
    "home": (_("Home address"), ("home", "private")),
    "other": (_("Other address"), ("other",)),
}
_PARTS: dict[str, tuple[str | Promise, tuple[str, ...], int]] = {
    "street": (_("Street"), ("street", "street address", "address", "address1", "address line 1"), 1000),
    "postal_code": (_("Postal code"), ("postal code", "zip", "zip code", "postcode", "zip/postal code"), 40),
    "city": (_("City"), ("city", "town"), 1000),
    "region": (_("Region"), ("region", "state", "state/province", "province", "province name", "county"), 1000),
    "country": (_("Country"), ("country", "country/region", "country code"), 100),
}


FURTHER_COLUMNS = (
    *(
        ImportColumn(name, label, ColumnKind.EMAIL, aliases=aliases, at_most=320, staged=False)
        for name, (label, aliases) in _EMAILS.items()
    ),
    *(
        ImportColumn(name, label, ColumnKind.PHONE, aliases=aliases, at_most=100, staged=False)
        for name, (label, aliases) in _PHONES.items()
    ),
    *(
        ImportColumn(
            address_column(label, part),
            format_lazy("{}: {}", prefix, name),
            aliases=tuple(f"{word} {each}" for word in words for each in parts),
            at_most=at_most,
            staged=False,
        )
        for label, (prefix, words) in _PREFIXES.items()
        for part, (name, parts, at_most) in _PARTS.items()
    ),
)
