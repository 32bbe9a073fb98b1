"""What a few days of work leave behind at the demo company: a file brought in and one taken out, views, acts on many rows,
corrections, a shared record, private words, reminders, something in the trash, programs and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from rapport.accounts import demo as accounts
from rapport.accounts.api_tokens import tokens_of
from rapport.accounts.queries import active_staff
from rapport.core.acting import acting
from rapport.customers.actions import edit_customer
from rapport.customers.actions_trash import trash_customer
from rapport.customers.editing.noting import note_trashed, noting_said
from rapport.customers.queries import customers_by_id, staff_profile_id_of
from rapport.demo import company
from rapport.records.bulk.actions import begin_run, draft_run, select_rows
from rapport.records.bulk.acts import find_act
from rapport.records.bulk.selecting import selectables
from rapport.records.command_log.noting import note_command
from rapport.records.exporting.actions import begin_export
from rapport.records.exporting.lists import exported_lists
from rapport.records.imports.importing_now import import_now
from rapport.records.saved_views.actions import pin_view, save_view, set_shared
from rapport.records.saved_views.opening import asked_of
from rapport.records.undoable import BULK
from rapport.webhooks.demo import ACCEPTED, LATE, REFUSED, Told, write_resting_endpoint
from rapport.work import demo as work
from rapport.work.actions import finish_task
from rapport.work.actions_trash import trash_task

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.customers.models import Customer

LIST = "customer"
_FAIR = ("external_id", "kind", "name", "organization", "email", "phone", "city", "country")
_VISITORS = (
    "F-01;person;Annelies Bruins;Bakkerij Bruins;annelies@bakkerij-bruins.example;+31 10 555 0148;Schiedam;NL",
    "F-02;person;Mathis Lambrecht;Hotel De Linde;m.lambrecht@delinde.example;+32 3 555 01 12;Antwerpen;BE",
    "F-03;person;Zofia Wrońska;Kawiarnia Zielona;zofia@zielona.example;+48 12 555 01 93;Kraków;PL",
    "F-04;person;金秀英;;xiuying@example.com;;Rotterdam;NL",
    "F-05;person;Thijs Kuiper;Restaurant Loods 6;thijs@loods6.example;+31 20 555 0171;Amsterdam;NL",
    "F-06;organization;Rösterei Nordlicht;;einkauf@nordlicht.example;+49 40 555 0127;Hamburg;DE",
    ";person;Somebody of the coffee stand;;;;Utrecht;NL",
    "F-08;person;Élodie Marchand;Épicerie Marchand;elodie@epicerie-marchand.example;+33 3 55 50 01 64;Lille;FR",
)
# name, what the list is asked, columns, whether everybody has it
_VIEWS = (
    ("Hotels and cafés in Belgium", "filter=kind.is:organization&filter=country.is:Belgium&sort=-value", None, False),
    (
        "Valuable and quiet",
        "filter=value.at_least:1000&filter=any(last_purchase_on.more_ago:60_days;segment.is:at_risk,needs_attention)&sort=-value",
        ("name", "segment", "value", "last_contact", "owner"),
        True,
    ),
    ("Organizations by owner", "filter=kind.is:organization&by=owner&sum=value", None, True),
)
_CORRECTIONS = ({"job_title": "Purchasing"}, {"job_title": "Head of purchasing", "language": "nl"}, {"language": "en"})


def leave_traces(*, now: datetime) -> None:
    """All of it, or nothing where somebody has been at work already."""
    staff = {each.email.partition("@")[0]: each for each in active_staff()}
    if tokens_of(staff["marloes"]).exists():
        return
    with transaction.atomic():
        _bring_in(staff["marloes"], now=now)
        _keep_views(staff, now=now)
        _work_on_records(staff, now=now)
        _act_on_many(staff["marloes"], staff["jeroen"], now=now)
        _take_out(staff["marloes"], now=now)
        _connect_programs(staff["marloes"], now=now)


def _bring_in(by: User, *, now: datetime) -> None:
    """Visitors of a fair; one of them without the number of her badge, so she is refused."""
    rows = [line.split(";") for line in _VISITORS]
    import_now("people", _FAIR, rows, source="trade_fair", file_name="fair-visitors.csv", by=by, now=now)


def _keep_views(staff: dict[str, User], *, now: datetime) -> None:
    by = staff["marloes"]
    for name, query, columns, is_shared in _VIEWS:
        view = save_view(LIST, name=name, asked=asked_of(query), columns=columns, by=by, now=now)
        set_shared(view, is_shared, by=by)
        for person in (by, *((staff["jeroen"], staff["fatima"]) if is_shared else ())):
            pin_view(view, True, by=person)


def _act_on_many(by: User, new_owner: User, *, now: datetime) -> None:
    tag = {"add": "Spring catalog", "take": ""}
    _act(by, "filter=city.is:Delft&filter=value.at_least:200", "tag", tag, now=now)
    owner = {"owner": str(new_owner.public_id)}
    _act(by, "filter=kind.is:organization&filter=city.is:Utrecht", "assign", owner, now=now)


def _act(by: User, query: str, name: str, answers: dict[str, str], *, now: datetime) -> None:
    """An act on the first rows that fit, as few as are treated at once."""
    rows, act = _fitting(by, query, 40), find_act(LIST, name)
    if not rows or act is None:
        return
    selectable = selectables()[LIST]
    chosen = [str(row.public_id) for row in rows]
    selection = select_rows(selectable, rows=chosen, query="", is_everything=False, by=by, now=now)
    run = draft_run(act, selection)
    begin_run(run, selectable, answers=answers, by=by, now=now)
    note_command(BULK, {"run": run.pk}, by=by, now=now)


def _take_out(by: User, *, now: datetime) -> None:
    """A file of the customers of one city; it is gone after a day, as every file."""
    columns = ["name", "email", "phone", "city"]
    query = "filter=city.is:Gouda&sort=name"
    begin_export(
        exported_lists()[LIST], query=query, columns=columns, file_format="csv", with_mark=True, by=by, now=now
    )


def _work_on_records(staff: dict[str, User], *, now: datetime) -> None:
    by, jeroen, fatima, joost = staff["marloes"], staff["jeroen"], staff["fatima"], staff["joost"]
    owned = _fitting(jeroen, "filter=owner.is:me&filter=kind.is:organization&sort=-value", 6)
    if len(owned) < 2:
        return
    for hours, values in enumerate(_CORRECTIONS):
        _correct(jeroen, owned[0].pk, values, now=now - timedelta(hours=30 - hours))
    first, second = (work.Place(row.pk, staff_profile_id_of(row.pk)) for row in owned[:2])
    asked_at, answered_at = now - timedelta(hours=3), now - timedelta(hours=2)
    question = f"@{by.name} they ask for the reseller terms in writing. May I?"
    work.write_word(first, question, to=[by], by=jeroen, now=asked_at)
    work.write_word(first, "Yes, those of the spring. Send them with the samples.", by=by, now=answered_at)
    morning = (now + timedelta(days=1)).astimezone(company.ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    work.write_task(first, "Send the reseller terms", to=jeroen, by=by, now=answered_at, remind_at=morning)
    work.write_word(first, "Their buyer leaves in May; not known outside yet.", by=by, now=now, is_private=True)
    work.write_shared(first, fatima, may_edit=True, ends_at=now + timedelta(days=14), by=jeroen, now=now)
    work.write_shared(second, joost, may_edit=False, ends_at=None, by=jeroen, now=now)
    claim = f"@{by.name} the second parcel was wet again. I have asked {company.UNRELIABLE_CARRIER}."
    work.write_word(second, claim, to=[by], by=fatima, now=now)
    work.write_task(second, "Look through the claim about wet parcels", to=by, by=fatima, now=now, remind_at=morning)
    finish_task(work.write_task(None, "Book the hall for the tasting", to=joost, by=by, now=now), by=joost, now=now)
    trash_task(work.write_task(None, "Ring the printer", to=by, by=by, now=now), by=by, now=now)
    _put_away(by, _fitting(by, "filter=kind.is:person&filter=city.is:Gouda&sort=value", 1), now=now)


def _correct(by: User, customer_id: int, values: dict[str, str], *, now: datetime) -> None:
    found = customers_by_id(by, [customer_id])[customer_id]
    with noting_said(found, by=by, now=now) as noted:
        edit_customer(found, values, version=found.version, by=by, now=now, held=noted.held)


def _put_away(by: User, rows: Sequence[Customer], *, now: datetime) -> None:
    for row in rows:
        with acting(by, reason="customers.trashed"):
            if trash_customer(row, by=by, now=now):
                note_trashed(row, by=by, now=now)


def _connect_programs(by: User, *, now: datetime) -> None:
    weeks_ago = now - timedelta(weeks=2)
    accounts.write_token(
        "Web shop", rights=["customers.view", "customers.edit", "records.import"], made_at=weeks_ago, days=90, rows=1_240,
        by=by, now=now, is_ended=False,
    )  # fmt: skip
    accounts.write_token(
        "Reports of last year", rights=["customers.view"], made_at=weeks_ago, days=30, rows=60, by=by, now=now,
        is_ended=True,
    )  # fmt: skip
    ids = [str(row.public_id) for row in _fitting(by, "sort=-value", 5)]
    write_resting_endpoint(
        f"https://hooks.{company.HOST}/rapport", description="Ledger",
        types=["customer.changed", "order.placed", "segment.entered"], by=by, now=now - timedelta(days=9),
        told=[
            Told("order.placed", "order", ids[:1], {"kind": "sale"}, now - timedelta(days=2), "delivered", ACCEPTED),
            Told("customer.changed", "customer", ids[1:2], {"changed": ["city"]}, now - timedelta(hours=30), "delivered", LATE),
            Told("segment.entered", "customer", ids, {"segment": ids[0]}, now - timedelta(hours=5), "failed", REFUSED),
            Told("customer.changed", "customer", ids[:1], {"changed": ["owner"]}, now - timedelta(hours=1), "waiting", ()),
        ],
    )  # fmt: skip


def _fitting(by: User, query: str, most: int) -> list[Customer]:
    """The first customers of a list as somebody sees it."""
    keys = [key for (key,) in selectables()[LIST].everything(by, query, most)]
    found = customers_by_id(by, keys)
    return [found[key] for key in keys if key in found]
