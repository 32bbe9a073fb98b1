"""RFM groups with hysteresis: nobody flaps at an edge, changes are told set by set, and owners hear of champions at risk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis import ir
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.core.acting import SYSTEM, acting
from rapport.core.events import hand_over
from rapport.customers.consents.restrictions import restrict_processing
from rapport.insight import actions, queries
from rapport.insight.events import GroupsChanged
from rapport.insight.marts.rfm import rfm
from rapport.insight.marts.settled import cell_moves, settled
from rapport.insight.models import GroupMargin, SegmentRule, SettledGroup
from rapport.insight.reports import reports
from rapport.insight.rfm.settling import settle_groups, settle_newest
from rapport.insight.rfm.slips import tell_owners
from rapport.insight.tests.shop import make_customer, make_orders, order, orders, rows_of
from rapport.insight.warehouse.portable import unportable_parts

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEFORE = pa.schema([("customer_id", pa.int64()), ("recency_band", pa.int64()), ("frequency_band", pa.int64())])


def bands_before(*rows: tuple[int, int, int]) -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist([dict(zip(BEFORE.names, row, strict=True)) for row in rows], BEFORE))


def fifty() -> ir.Table:
    """Customer n has n - 1 strictly worse ones on the scale of recency; all have bought once."""
    return rfm(orders(*(order(number, DAY - timedelta(days=100 - number)) for number in range(1, 51))), as_of=DAY)


def recency(table: ir.Table, *customers: int) -> list[int]:
    found = {row["customer_id"]: row["recency_band"] for row in rows_of(table)}
    return [found[customer] for customer in customers]


def test_a_band_is_left_only_by_more_than_the_margin() -> None:
    before = bands_before(*((number, 3, 1) for number in (18, 19, 20, 31, 32, 33)))
    table = fifty()

    held = settled(table, before, recency_margin=200, frequency_margin=200)
    strict = settled(table, before, recency_margin=0, frequency_margin=0)

    # band 3 are standings from 2 to 3, in tenths for each customer who is worse; 0.2 beyond is still near
    assert recency(held, 18, 19, 20, 31, 32, 33) == [2, 3, 3, 3, 3, 4]
    assert recency(strict, 18, 19, 20, 31, 32, 33) == [2, 2, 2, 4, 4, 4]
    assert recency(held, 1, 50) == [1, 5]
    assert rows_of(strict) == rows_of(table)


def test_settling_twice_settles_nothing_more_and_uses_only_what_means_the_same_on_every_engine() -> None:
    once = settled(fifty(), bands_before((19, 3, 1), (40, 5, 2)), recency_margin=200, frequency_margin=200)
    twice = settled(fifty(), once, recency_margin=200, frequency_margin=200)

    assert rows_of(once) == rows_of(twice)
    assert sorted({*unportable_parts(once), *unportable_parts(cell_moves(once, fifty()))}) == []


def test_moves_between_cells_are_counted() -> None:
    then = rfm(orders(order(1, date(2026, 1, 1)), order(2, date(2026, 1, 2))), as_of=date(2026, 1, 5))
    now = rfm(orders(order(1, date(2026, 1, 1)), order(2, date(2026, 1, 2)), order(3, DAY)), as_of=DAY)

    found = rows_of(cell_moves(now, then), by="recency_band")

    assert [(row["recency_before"], row["recency_band"], row["customers"]) for row in found] == [
        (1, 1, 1), (3, 2, 1), (None, 4, 1),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
class TestInTheDatabase:
    @pytest.fixture
    def shop(self, home: Path, business: Any, alice: Any) -> list[Any]:
        """Five customers of Alice, the first of whom bought most often and last; the fifth is nobody's."""
        made = []
        for number in range(1, 6):
            customer = make_customer(f"Customer {number}", owner=alice if number < 5 else None)
            make_orders(customer, [date(2026, 2, 20 - number)] * (6 - number), 100)
            made.append(customer)
        self.refresh(NOW)
        return made

    def refresh(self, now: datetime) -> None:
        actions.refresh(settings=queries.report_settings(), now=now)

    def told(self) -> list[dict[str, Any]]:
        jobs = ProcrastinateJob.objects.filter(task_name="core.deliver").order_by("id")
        return [job.args for job in jobs if job.args["subscription"].endswith("tell_owners")]

    def groups(self, customers: Sequence[Any]) -> list[str]:
        found = dict(SettledGroup.objects.values_list("customer_id", "segment"))
        return [found.get(customer.pk, "") for customer in customers]

    def test_the_first_time_everybody_is_written_down_and_nothing_is_told_and_who_is_restricted_is_forgotten(
        self, shop: list[Any]
    ) -> None:
        assert queries.group_margins() == {"recency": 200, "frequency": 200}
        assert settle_newest() == 0
        assert self.groups(shop) == ["champions", "loyal", "needs_attention", "hibernating", "hibernating"]
        assert self.told() == []
        with acting(SYSTEM):
            GroupMargin.objects.filter(scale="recency").update(thousandths=1_000)
            restrict_processing(shop[4], ground="objected", by=SYSTEM, now=NOW)
        self.refresh(NOW)
        assert settle_newest() == 0
        assert self.groups(shop)[3:] == ["hibernating", ""]
        assert queries.group_margins() == {"recency": 1_000, "frequency": 200}

    def test_owners_are_asked_to_see_to_champions_who_slip(self, shop: list[Any], alice: Any) -> None:
        from rapport.work.models import Notification, Task

        settle_newest()
        later = NOW + timedelta(days=100)
        for customer in shop[2:]:
            make_orders(customer, [later.date() - timedelta(days=customer.pk - shop[0].pk)])
        self.refresh(later)
        assert settle_newest() == 5
        assert self.groups(shop)[0] == "at_risk"
        (job,) = self.told()
        assert job["payload"]["slipped"] == [shop[0].pk]

        hand_over(job["subscription"], job["payload"])

        task = Task.objects.get(customer_id=shop[0].pk)
        assert (task.title, task.assignee_id) == ("A champion slipped to at risk", alice.pk)
        assert Notification.objects.get(task_id=task.pk).recipient_id == alice.pk
        left = SettledGroup.objects.get(customer_id=shop[0].pk)
        assert left.left_champions_on == left.changed_on == date(2026, 6, 10)

    def test_changes_are_told_once_for_a_set_and_by_way_of_another_group_a_champion_slips_within_a_year(
        self, shop: list[Any]
    ) -> None:
        settle_newest()
        late, long_ago = (SettledGroup.objects.get(customer_id=each.pk) for each in shop[2:4])
        with acting(SYSTEM):
            for held, left in ((late, date(2026, 2, 1)), (long_ago, date(2025, 2, 1))):
                rule = SegmentRule.objects.filter(recency_band=held.recency_band, frequency_band=held.frequency_band)
                rule.update(segment="at_risk")
                held.segment, held.left_champions_on = "loyal", left
                held.save(update_fields=["segment", "left_champions_on"])

        with reports(queries.current_snapshot(), rules=queries.segment_rules()) as answers:
            moved = settle_groups(answers, as_of=DAY, at_once=1)

        assert moved == 2
        assert self.groups(shop)[2:] == ["at_risk", "at_risk", "hibernating"]
        assert [job["payload"] for job in self.told()] == [
            {"as_of": "2026-03-02", "moves": [["loyal", "at_risk", [late.customer_id]]], "slipped": [late.customer_id]}
        ]

    def test_of_many_champions_an_owner_is_told_at_once(self, shop: list[Any], alice: Any) -> None:
        from rapport.work.models import Task

        settle_newest()
        SettledGroup.objects.update(segment="at_risk")
        tell_owners(GroupsChanged("2026-03-02", (), tuple(each.pk for each in shop)), each_up_to=3)
        tell_owners(GroupsChanged("2026-03-02", (), (shop[4].pk,)))

        assert [(task.title, task.customer_id) for task in Task.objects.all()] == [
            ("4 champions of yours slipped to at risk", None)
        ]
