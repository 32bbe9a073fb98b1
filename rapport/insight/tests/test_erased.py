"""Whoever is erased is in no mart, no file of the warehouse, and no table of scores, reports and actions: tried with all of them.

She has numbers that nobody and nothing else has, so that she is found in a row of any mart and of any table, in whatever
column; that she would be found is shown with each of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from rapport.commerce.models import Order, OrderLine, Product
from rapport.core.acting import SYSTEM, acting
from rapport.core.personal import personal_tables
from rapport.customers.models import (
    ActionAnswer,
    Customer,
    Profile,
    Relationship,
    Source,
    StandingAction,
    StandingRun,
)
from rapport.customers.next_best.standing import write_standing
from rapport.customers.survivorship.deriving import derive_customers
from rapport.customers.tests.world import touch
from rapport.insight import actions, queries
from rapport.insight.churn.keeping import learn_and_keep
from rapport.insight.churn.questions import ChurnQuestion
from rapport.insight.customer_base.computing import prepare_base
from rapport.insight.jobs import refresh_and_forget
from rapport.insight.models import (
    CustomerLifetime,
    CustomerRisk,
    CustomerWorth,
    Rhythm,
    SavedReport,
    SettledGroup,
    Snapshot,
)
from rapport.insight.preparing import prepare_newest
from rapport.insight.report_builder import actions as report_actions
from rapport.insight.report_builder.mailing import send_reports
from rapport.insight.rfm.settling import settle_newest
from rapport.insight.subscribers import forget_after_erasure
from rapport.insight.tests.every_mart import all_names, every_mart, told
from rapport.insight.tests.shop import make_customer, make_order
from rapport.insight.warehouse.engine import open_warehouse
from rapport.privacy.actions import ask_for_erasure, erase
from rapport.privacy.events import CustomerErased
from rapport.privacy.tests.planting import Planted, in_any, plant_row, unpacked
from rapport.records.custom_fields.actions import add_field

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY, BEFORE = date(2026, 3, 1), date(2025, 12, 1)
CUSTOMER, PROFILE = 770_077_001, 880_088_001
NAME, EMAIL = "Quinevere Okonkwo", "quinevere@okonkwo.example"
SIGNS = (str(CUSTOMER), str(PROFILE), "quinevere", "okonkwo")
ACTIONS = tuple(each._meta.db_table for each in (ActionAnswer, StandingAction, StandingRun))
# no text or document in them that could say anything of anybody; a test of the declarations holds that
SAYS_NOTHING = {"insight_reportmail"}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home", "cleared")]


@pytest.fixture
def cleared(transactional_db: None) -> Iterator[None]:
    """Tables beside the live ones are nobody's to truncate."""
    yield
    with connection.cursor() as cursor:
        for table in tables():
            if table.endswith("_spare"):
                cursor.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))


@pytest.fixture
def field(business: Any) -> str:
    return add_field("customer", label="Plan", kind="text", by=SYSTEM).name


@pytest.fixture
def hers(alice: Any, field: str) -> Customer:
    """She among nine others: who buys what they buy, is called, pays for a plan, was referred and refers."""
    others = [make_customer(f"Customer {number}", owner=alice) for number in range(9)]
    with acting(SYSTEM):
        customer = Customer.objects.create(id=CUSTOMER, name=NAME, sort_key=NAME.lower(), email=EMAIL, owner=alice)
        customer.profile = Profile.objects.create(
            id=PROFILE, customer=customer, source=Source.objects.get(name="shop"), external_id="q", name=NAME, email=EMAIL,
            seen_at=NOW, custom={field: "quinevere gold"},
        )  # fmt: skip
        derive_customers([CUSTOMER])
        products = [
            Product.objects.create(
                source_id=customer.profile.source_id, code=f"P{number}", name=f"Product {number}", price_micros=10**7,
                cost_micros=4 * 10**6, currency="GBP",
            )
            for number in range(3)
        ]  # fmt: skip
    for number, each in enumerate((*others, customer)):
        _buy(each, products, first=number)
        for days in (5, 40, 200):
            touch(each, "call", days_ago=days, channel="phone", direction="in")
        with acting(SYSTEM):
            for one, other in ((others[0], each), (each, others[1])):
                if one.pk != other.pk:  # of several who referred somebody, who did so first counts: she
                    Relationship.objects.get_or_create(
                        kind="referred", from_profile=one.profile, from_customer=one, to_profile=other.profile,
                        to_customer=other, defaults={"since": date(2023 if one.pk == CUSTOMER else 2024, 1, 1)},
                    )  # fmt: skip
    return customer


def _buy(customer: Any, products: list[Product], *, first: int) -> None:
    """Each month for two years, somebody in each on another day; one in nine orders comes back."""
    for month in range(24):
        placed = datetime(2024 + month // 12, month % 12 + 1, 2 + first, 12, tzinfo=UTC) + timedelta(days=40)
        is_return = month % 9 == 8
        order = make_order(customer, placed, -20 if is_return else 20, kind="return" if is_return else "sale")
        with acting(SYSTEM):
            Order.objects.filter(pk=order.pk).update(delivered_at=placed + timedelta(days=2))
            for number in range(2):
                OrderLine.objects.create(
                    order=order, number=number + 1, product=products[(month + number) % 3], description="", quantity=1,
                    unit_price_micros=10**7, amount_micros=-(10**7) if is_return else 10**7,
                )  # fmt: skip


@pytest.fixture
def known(hers: Customer, alice: Any, ada: Any) -> Customer:
    """All is computed and kept of her that the product computes and keeps."""
    actions.refresh(settings=queries.report_settings(), now=NOW)
    settle_newest()
    prepare_base()
    prepare_newest(now=NOW)
    learn_and_keep(ChurnQuestion(), now=NOW)
    write_standing(now=NOW)
    for rule in ("birthday", "ask_missing"):
        with acting(SYSTEM):
            ActionAnswer.objects.create(
                customer=hers, profile_id=PROFILE, rule=rule, answer="refused", note=f"{NAME} is away", answered_at=NOW,
                answered_by=alice,
            )  # fmt: skip
    asked = {"of": ["customer"], "by": ["city"], "measure": ["count"], "filter": [f"email.is:{EMAIL}"]}
    report = report_actions.save_report(name=f"Like {EMAIL}", asked=asked, by=ada, now=NOW)
    report_actions.save_dashboard(name=f"For {EMAIL}", tiles=[f"report:{report.public_id}"], by=ada, now=NOW)
    with acting(SYSTEM):  # where ten customers are too few to learn from
        CustomerRisk.objects.get_or_create(
            customer=hers, defaults={"leaving_percent": 50, "reasons": [{"shown": NAME}]}
        )
        CustomerLifetime.objects.get_or_create(
            customer=hers, defaults={"alive_percent": 50, "expected_purchases": 1, "due_on": DAY}
        )
        StandingAction.objects.get_or_create(
            customer=hers, defaults={"owner_id": alice.pk, "rule": "x", "stake_micros": 1}
        )
    return hers


def erase_her(hers: Customer, ada: Any) -> None:
    asked = ask_for_erasure(hers.pk, public_id=str(hers.public_id), ground="asked", by=ada, now=timezone.now())
    erase(asked, by=ada, now=timezone.now())
    forget_after_erasure(CustomerErased(asked.pk, (CUSTOMER,), ()))
    refresh_and_forget()


def answers_of(snapshot: Snapshot, field: str) -> dict[str, tuple[list[str], list[str]]]:
    """The columns and the rows of every mart over a snapshot."""
    folder = queries.snapshot_folder(snapshot)
    with open_warehouse(folder, currency="GBP") as warehouse:
        found = every_mart(warehouse, as_of=DAY, before=BEFORE, field=field)
        return {name: (list(table.columns), told(table)) for name, table in found.items()}


def is_hers(text: str) -> bool:
    return any(sign in text.lower() for sign in SIGNS)


def files_with_her() -> list[str]:
    """Files of the warehouse that say anything of her: tables, what hides their rows, and answers that are kept."""
    return sorted(
        str(path.relative_to(queries.warehouse_folder()))
        for path in queries.warehouse_folder().rglob("*")
        if path.is_file() and any(is_hers(content.decode(errors="replace")) for content in unpacked(path.read_bytes()))
    )


def tables() -> list[str]:
    """Every table of scores, reports, dashboards and the runs that made them, and of what was made of proposed actions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public'"
            " and c.relkind in ('r', 'p') and (c.relname like %s or c.relname = any(%s)) order by 1",
            ["insight\\_%", list(ACTIONS)],
        )
        return [name for (name,) in cursor.fetchall()]


def tables_with_her() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(sql.SQL("select to_jsonb(t)::text from {} t").format(sql.Identifier(table)))
            if any(is_hers(row) for (row,) in cursor.fetchall()):
                found.add(table)
    return found


def test_the_erased_are_in_no_mart_no_file_and_no_table(known: Customer, ada: Any, field: str) -> None:
    before = answers_of(queries.current_snapshot(), field)
    assert set(before) == all_names()
    by_person = {name for name, (columns, _rows) in before.items() if {"customer_id", "profile_id"} & set(columns)}
    with_her = {name for name, (_columns, rows) in before.items() if any(map(is_hers, rows))}
    assert len(by_person) >= 20
    assert with_her >= by_person, by_person - with_her
    assert {"referrals.referral_edges", "purchase_rhythm.customer_values"} <= with_her
    assert len(files_with_her()) >= 5
    assert tables_with_her() >= {
        *ACTIONS[:2], CustomerWorth._meta.db_table, CustomerRisk._meta.db_table, CustomerLifetime._meta.db_table,
        SettledGroup._meta.db_table, "insight_five", "insight_savedreport", "insight_dashboard",
    }  # fmt: skip

    erase_her(known, ada)

    after = answers_of(queries.current_snapshot(), field)
    assert {name for name, (_columns, rows) in after.items() if any(map(is_hers, rows))} == set()
    assert files_with_her() == []
    assert tables_with_her() == set()
    assert Snapshot.objects.count() == 1
    name = "monthly_revenue.monthly_revenue"
    assert after[name] == before[name]  # what was sold was sold, to whomever
    assert len(after["rfm.customers"][1]) == len(before["rfm.customers"][1]) - 1


def test_what_is_left_of_her_anywhere_is_found(known: Customer, ada: Any, home: Path) -> None:
    """Planted leaks: for the check above has to be able to fail, at every table and at every kind of file."""
    erase_her(known, ada)
    who = Planted(
        word="planted", name=NAME, email=EMAIL, born_on="1907-03-11", customer=CUSTOMER, profile=PROFILE, order=1,
        user=ada.pk, source=1,
    )  # fmt: skip
    declared = {each.table: each for each in personal_tables()}
    for table in sorted(set(tables()) - SAYS_NOTHING):
        with transaction.atomic():
            _leak(table, declared, who)
            assert tables_with_her() == {table}
            transaction.set_rollback(True)

    folder = queries.snapshot_folder(queries.current_snapshot())
    (folder / "answers").mkdir(exist_ok=True)
    (folder / "answers" / "leak.json").write_text(f'{{"customers": [{CUSTOMER}]}}')
    assert files_with_her() == [f"{folder.name}/answers/leak.json"]


def _leak(table: str, declared: dict[str, Any], who: Planted) -> None:
    with acting(SYSTEM), connection.cursor() as cursor:
        if table in declared:
            plant_row(cursor, declared[table], who)
        elif table == ActionAnswer._meta.db_table:
            cursor.execute(
                "insert into customers_actionanswer (public_id, profile_id, customer_id, rule, answer, answered_at,"
                " answered_by_id) values (gen_random_uuid(), %s, %s, 'x', 'taken', now(), %s)",
                [PROFILE, CUSTOMER, who.user],
            )
        else:
            column, kind = _telling_column(cursor, table)
            marker = who.marker(table, column)
            cursor.execute(
                sql.SQL("update {} set {} = %s where ctid = (select min(ctid) from {})").format(
                    sql.Identifier(table), sql.Identifier(column), sql.Identifier(table)
                ),
                [json.dumps({"said": marker}) if kind == "jsonb" else marker],
            )
            if not cursor.rowcount:
                in_any(table, column)(cursor, who, marker)


def _telling_column(cursor: Any, table: str) -> tuple[str, str]:
    """A column that could say anything, a document before a text, and its type."""
    cursor.execute(
        "select attname, format_type(atttypid, null) as kind from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and not attisdropped and format_type(atttypid, null) in ('jsonb', 'text') order by 2, attnum",
        [table],
    )
    found = cursor.fetchone()
    assert found is not None, f"{table} cannot say anything of anybody: name it in SAYS_NOTHING"
    return str(found[0]), str(found[1])


def test_what_is_mailed_is_kept_nowhere(known: Customer, ada: Any, mailoutbox: Any) -> None:
    report = SavedReport.objects.get()
    before = tables_with_her()
    report_actions.set_mail(report, ada, Rhythm.DAILY, by=ada, today=DAY)

    assert send_reports(now=NOW) == 1

    assert EMAIL in mailoutbox[0].subject
    assert tables_with_her() == before
    erase_her(known, ada)
    assert send_reports(now=NOW + timedelta(days=1)) == 1
    assert not is_hers(mailoutbox[1].subject + mailoutbox[1].body)
