"""What customers add to the page of today, of those one owns: with whom most is at stake, and who has heard nothing for long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.customers.models import Customer, Restriction, Touchpoint
from rapport.customers.next_best import standing as next_standing
from rapport.customers.next_best.choosing import Candidate
from rapport.customers.permissions import VIEW
from rapport.records.layouts.sight import hidden_names
from rapport.records.record_kinds import records_by_id
from rapport.ui.formats import ago, money_short
from rapport.work import queries as work
from rapport.work.today_blocks import TodayBlock, TodayRow

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONG = timedelta(days=30)
_SHOWN = 10
_LOOKED_AT = 1000  # of an owner's customers, by name: who owns more works from lists


def quiet_customers(user: User, now: datetime) -> Sequence[TodayRow]:
    if "last_contact" in hidden_names(user, "customer"):
        return []
    owned = Customer.objects.present().visible_to(user).filter(owner=user, created_at__lt=now - LONG)
    some = list(owned.order_by("sort_key", "pk").values_list("pk", flat=True)[:_LOOKED_AT])
    contacts = Touchpoint.objects.filter(customer_id=OuterRef("pk"))
    last = contacts.order_by("-occurred_at", "-pk").values("occurred_at")[:1]
    quiet = Customer.objects.filter(pk__in=some).exclude(Exists(contacts.filter(occurred_at__gte=now - LONG)))
    quiet = quiet.exclude(Exists(Restriction.objects.filter(customer=OuterRef("pk"), lifted_at=None)))
    quiet = quiet.exclude(pk__in=work.customers_with_open_tasks(some))
    # those one has just lost touch with first: who has been silent for years would fill the page every day
    lately = (F("last").desc(nulls_last=True), "sort_key", "pk")
    rows = list(quiet.annotate(last=Subquery(last)).order_by(*lately).values_list("pk", "last")[:_SHOWN])
    records = records_by_id(user, "customer", [key for key, _last in rows])
    return [TodayRow(records[key], _why(last_at, now)) for key, last_at in rows if key in records]


def what_is_at_stake(user: User, now: datetime) -> Sequence[TodayRow]:
    found = next_standing.at_stake(user, now=now)
    records = records_by_id(user, "customer", [key for key, _best in found])
    return [TodayRow(records[key], _at_stake(best)) for key, best in found if key in records]


def _at_stake(best: Candidate) -> str:
    """3,400 € at stake · Call …: why."""
    amount = money_short(best.stake_micros, best.found.currency) if best.stake_micros else ""
    words = [_("%(amount)s at stake") % {"amount": amount}] if amount else []
    return " · ".join([*words, f"{best.title}. {best.found.reason}"])


def _why(last_at: datetime | None, now: datetime) -> str:
    return _("no contact yet") if last_at is None else _("last contact %(day)s") % {"day": ago(last_at, now=now)}


TODAY = (
    TodayBlock(
        "at-stake", gettext_lazy("Most at stake among yours"), what_is_at_stake,
        gettext_lazy("Get in touch"), right=VIEW.name, order=10,
    ),
    TodayBlock(
        "quiet-customers", gettext_lazy("Yours, and not in touch for 30 days"), quiet_customers,
        gettext_lazy("Get in touch"), right=VIEW.name,
    ),
)  # fmt: skip
