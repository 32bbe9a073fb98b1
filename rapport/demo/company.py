"""The demo company: Kade & Korrel, coffee and kitchen goods, from Rotterdam; its staff, sources, stores and carriers."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from rapport.accounts.demo import StaffRow
from rapport.customers.demo import SourceRow

NAME = "Kade & Korrel"
TIME_ZONE = "Europe/Amsterdam"
ZONE = ZoneInfo(TIME_ZONE)
CURRENCY = "EUR"
HOST = "kade-en-korrel.example"
YEARS = 3

SALES_TEAM, SERVICE_TEAM, MARKETING_TEAM = "Sales", "Service", "Marketing"
TEAMS = (SALES_TEAM, SERVICE_TEAM, MARKETING_TEAM)
STAFF = (
    StaffRow("Marloes Dekker", f"marloes@{HOST}", "Administrator", None),
    StaffRow("Jeroen Vos", f"jeroen@{HOST}", "Sales", SALES_TEAM),
    StaffRow("Lotte Verhoeven", f"lotte@{HOST}", "Sales", SALES_TEAM),
    StaffRow("Karsten Brinkmann", f"karsten@{HOST}", "Sales", SALES_TEAM),
    StaffRow("Yasmina Amrani", f"yasmina@{HOST}", "Sales", SALES_TEAM),
    StaffRow("Joost Hoekstra", f"joost@{HOST}", "Manager", SALES_TEAM),
    StaffRow("Fatima El Idrissi", f"fatima@{HOST}", "Service", SERVICE_TEAM),
    StaffRow("Daan Postma", f"daan@{HOST}", "Service", SERVICE_TEAM),
    StaffRow("Ewa Kamińska", f"ewa@{HOST}", "Service", SERVICE_TEAM),
    StaffRow("Winston Pengel", f"winston@{HOST}", "Service", SERVICE_TEAM),
    StaffRow("Hanneke Blom", f"hanneke@{HOST}", "Manager", SERVICE_TEAM),
    StaffRow("Camille Leroy", f"camille@{HOST}", "Manager", MARKETING_TEAM),
    StaffRow("Minji Park", f"minji@{HOST}", "Manager", MARKETING_TEAM),
    StaffRow("Otto Reeuwijk", f"otto@{HOST}", "Reader", MARKETING_TEAM),
)
"""Staff are spoken of by their place in this list, from 1."""
ADMINISTRATOR = 1
FIELD_SALES = (2, 3, 4, 5)
AGENTS = (7, 8, 9, 10)
SHOWCASE = {f"marloes@{HOST}": "administrator", f"jeroen@{HOST}": "sales", f"fatima@{HOST}": "service"}

WEB_SHOP, TILL, NEWSLETTER, CALLS, FIELD, STAFF_SOURCE = (
    "web_shop", "store_till", "newsletter", "call_center", "field_sales", "staff",
)  # fmt: skip
SOURCES = (
    SourceRow(FIELD, "Field sales", 10),
    SourceRow(WEB_SHOP, "Web shop", 20),
    SourceRow(CALLS, "Call center", 30),
    SourceRow(TILL, "Store till", 40),
    SourceRow(NEWSLETTER, "Newsletter", 60),
)
SOURCE_OF_CHANNEL = {"web_shop": WEB_SHOP, "store": TILL, "call_center": CALLS, "field_sales": FIELD}
STORES = ("Rotterdam", "Utrecht")
CARRIERS = ("Postlijn", "Rapid Kade")
UNRELIABLE_CARRIER = "Rapid Kade"
UNRELIABLE_MONTHS_AGO = 7
