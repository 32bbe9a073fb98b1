"""A refresh carries the snapshot before on: whatever was written since, the tables are those that a whole copy would be."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection, connections, transaction

from rapport.core.acting import SYSTEM, acting
from rapport.core.extracts import all_extracts
from rapport.customers.tests.world import touch
from rapport.insight.models import Change, Comparison, Snapshot
from rapport.insight.queries import snapshot_folder
from rapport.insight.tests.shop import make_customer, make_order
from rapport.insight.tests.test_refresh import LONDON, NOW
from rapport.insight.warehouse.parts import parts_of, visible
from rapport.insight.warehouse.refresh import How, make_snapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def snapshot(how: How = How.USUAL, *, minutes: int = 0) -> Snapshot:
    return make_snapshot(zone=LONDON, currency="GBP", now=NOW + timedelta(minutes=minutes), how=how)


def rows(made: Snapshot, table: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as engine:
        found = visible(engine, parts_of(snapshot_folder(made) / table)).to_arrow_table().to_pylist()
        return sorted((tuple(row.values()) for row in found), key=repr)


def how(made: Snapshot) -> dict[str, str]:
    return {name: told["how"] for name, told in made.tables.items()}


def whole() -> dict[str, list[tuple[Any, ...]]]:
    """All tables as a copy of everything has them."""
    made = snapshot(How.WHOLE)
    return {name: rows(made, name) for name in made.tables}


def run(statement: str, *values: Any) -> None:
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(statement, values)


def files(made: Snapshot, table: str) -> dict[str, int]:
    return {file.name: file.stat().st_ino for file in parts_of(snapshot_folder(made) / table).files}


@pytest.fixture
def shop(home: Path) -> Any:
    customers = [make_customer(f"Customer {number}") for number in range(6)]
    for number, customer in enumerate(customers):
        for day in range(4):
            make_order(customer, NOW - timedelta(days=40 * day + number), 10 + number)
        touch(customer, "call", days_ago=400 * number)
    return customers


def test_what_did_not_change_is_the_same_file_and_what_did_stands_beside_it(shop: Any) -> None:
    first = snapshot()
    make_order(shop[0], NOW, 99)
    run("update commerce_order set channel = 'till' where id = (select min(id) from commerce_order)")
    run("delete from commerce_order where id = (select min(id) + 1 from commerce_order)")

    second = snapshot()

    assert how(second) | {"sample_name_lengths": ""} == dict.fromkeys(second.tables, "unchanged") | {
        "orders": "carried on", "sample_name_lengths": "",
    }  # fmt: skip
    assert files(second, "touchpoints") == files(first, "touchpoints")
    assert files(second, "orders").items() >= files(first, "orders").items()
    assert set(files(second, "orders")) == {"0.parquet", "changed.parquet", "hidden.keys"}
    assert second.counts["orders"] == 24 == len(rows(second, "orders"))
    assert rows(first, "orders") != rows(second, "orders")
    assert second.tables["orders"]["changed"] == 3
    assert not Change.objects.exists()
    assert {name: rows(second, name) for name in second.tables} == whole()


def _merge(customers: list[Any]) -> None:
    run("update customers_profile set customer_id = %s where customer_id = %s", customers[0].pk, customers[1].pk)
    run("update customers_customer set merged_into_id = %s where id = %s", customers[0].pk, customers[1].pk)


def _split(customers: list[Any]) -> None:
    run("update customers_customer set merged_into_id = null where id = %s", customers[1].pk)
    run("update customers_profile set customer_id = %s where id = %s", customers[1].pk, customers[1].profile.pk)


def _trash(customers: list[Any]) -> None:
    run("update customers_customer set trashed_at = now() where id = %s", customers[2].pk)


def _take_lines(customers: list[Any]) -> None:
    run(
        "insert into commerce_orderline (order_id, number, quantity, unit_price_micros, amount_micros)"
        " select id, n, 1, 5, 5 from commerce_order, generate_series(0, 2) n"
    )


def _drop_lines(customers: list[Any]) -> None:
    run("delete from commerce_orderline where order_id %% 3 = 0")


def _move_in_time(customers: list[Any]) -> None:
    run("update customers_touchpoint set occurred_at = occurred_at - interval '700 days' where id %% 2 = 0")


def _touch_again(customers: list[Any]) -> None:
    for day in (1, 500, 3000):
        touch(customers[3], "note", days_ago=day)


def _forget_contacts(customers: list[Any]) -> None:
    run("delete from customers_touchpoint where customer_id = %s", customers[3].pk)


def _upsert_products(customers: list[Any]) -> None:
    run(
        "insert into commerce_product (source_id, code) select 1, n::text from generate_series(1, 5) n"
        " on conflict (source_id, code) do update set name = 'again'"
    )


def _rename_source(customers: list[Any]) -> None:
    run("update customers_source set name = 'web shop' where name = 'shop'")


STEPS: list[Callable[[list[Any]], None]] = [
    _merge, _take_lines, _trash, _move_in_time, _split, _upsert_products, _touch_again, _drop_lines, _upsert_products,
    _forget_contacts, _rename_source,
]  # fmt: skip


def test_every_kind_of_change_leads_to_what_a_whole_copy_would_have(shop: Any) -> None:
    snapshot()
    for minute, step in enumerate(STEPS):
        step(shop)

        snapshot(How.COMPARING, minutes=minute)

        compared = Comparison.objects.latest("id")
        assert compared.is_equal, step
        hows = {table: sums["how"] for table, sums in compared.tables.items()}
        assert {table for table, how in hows.items() if how == "copied"} <= {"sample_name_lengths"}, step
        assert "carried on" in hows.values(), step


def test_carried_on_many_times_without_a_whole_copy_between(shop: Any) -> None:
    made = snapshot()
    dice = random.Random(7)
    for minute in range(8):
        for _ in range(dice.randint(1, 3)):
            dice.choice(STEPS[:1] + STEPS[2:-1])(shop)
        make_order(dice.choice(shop), NOW - timedelta(days=dice.randint(0, 900)), dice.randint(1, 50))
        run("delete from customers_touchpoint where id %% 9 = %s", minute)
        made = snapshot(How.FORGETTING if minute == 5 else How.USUAL, minutes=minute)
        if minute == 5:
            assert all(parts_of(snapshot_folder(made) / name).hidden is None for name in made.tables)

    carried = {name: rows(made, name) for name in made.tables}
    assert {name: len(found) for name, found in carried.items()} == made.counts
    assert carried == whole()


def test_what_is_committed_late_is_not_lost(shop: Any) -> None:
    snapshot()
    late = connections.create_connection("default")
    try:
        late.set_autocommit(False)
        with late.cursor() as cursor:  # begins before, and takes an id before
            cursor.execute(
                "select set_config('rapport.actor_id', 'late', true), set_config('rapport.bulk', 'on', true)"
            )
            cursor.execute("insert into commerce_product (source_id, code) values (1, 'late')")
        run("insert into commerce_product (source_id, code) values (1, 'early')")
        between = snapshot(minutes=1)
        late.commit()
    finally:
        late.close()

    after = snapshot(minutes=2)

    assert [row[1] for row in rows(between, "products")] == ["early"]
    assert sorted(row[1] for row in rows(after, "products")) == ["early", "late"]


def test_a_range_of_new_keys_takes_no_row_of_another_time_away(shop: Any) -> None:
    contact = "insert into customers_touchpoint (id, occurred_at, profile_id, kind, channel) values (%s, %s, 1, 'call', 'phone')"
    run(contact, 1_000_001, NOW - timedelta(days=900))
    snapshot()
    around = contact + ", (%s, %s, 1, 'call', 'phone')"  # as where two write at the same time, and one commits later
    run(around, 1_000_000, NOW, 1_000_002, NOW)

    assert snapshot(minutes=1).counts["touchpoints"] == 9
    run("delete from customers_touchpoint where id = 1000000")
    run(contact, 1_000_000, NOW - timedelta(days=2000))
    made = snapshot(How.COMPARING, minutes=2)

    assert made.counts["touchpoints"] == 9
    assert Comparison.objects.get().is_equal


def test_what_was_taken_back_changes_nothing(shop: Any) -> None:
    before = snapshot()
    with transaction.atomic():
        run("insert into commerce_product (source_id, code) values (1, 'never')")
        transaction.set_rollback(True)

    after = snapshot(minutes=1)

    assert how(after)["products"] == "unchanged"
    assert files(after, "products") == files(before, "products")


def test_a_table_that_does_not_say_what_changed_is_copied_whole(shop: Any) -> None:
    first = snapshot()
    (snapshot_folder(first) / "orders" / "0.parquet").unlink()
    zone = make_snapshot(zone=LONDON.__class__("Asia/Tokyo"), currency="GBP", now=NOW)

    assert (zone.tables["orders"]["how"], zone.tables["orders"]["why"]) == ("copied", "defined anew")
    assert zone.tables["products"]["how"] == "unchanged"  # it has no days
    (snapshot_folder(zone) / "orders" / "0.parquet").unlink()
    again = make_snapshot(zone=LONDON.__class__("Asia/Tokyo"), currency="GBP", now=NOW)
    assert (again.tables["orders"]["how"], again.tables["orders"]["why"]) == ("copied", "files lost")


def test_much_that_changed_is_copied_whole_and_what_gathers_beside_is_settled(shop: Any) -> None:
    run("insert into commerce_product (source_id, code) select 1, n::text from generate_series(1, 1200) n")
    first = snapshot()
    run("update commerce_product set name = 'x' where code::int <= 700")
    beside = snapshot(minutes=1)
    run("update commerce_product set name = 'y' where code::int between 600 and 1100")
    settled = snapshot(minutes=2)
    run("delete from commerce_product")
    emptied = snapshot(minutes=3)

    assert [how(made)["products"] for made in (first, beside, settled, emptied)] == [
        "copied",
        "settled",
        "settled",
        "copied",
    ]
    assert emptied.tables["products"]["why"] == "much changed"
    names = [row[2] for row in rows(settled, "products")]
    assert [names.count(name) for name in ("x", "y", "")] == [599, 501, 100]
    assert set(files(settled, "products")) == {"0.parquet"}


def test_a_difference_to_what_the_database_holds_is_told_and_put_right(shop: Any) -> None:
    first = snapshot()
    with duckdb.connect() as engine:  # what nothing noted: a file that somebody spoiled
        file = snapshot_folder(first) / "orders" / "0.parquet"
        engine.read_parquet(str(file)).filter("order_id % 5 <> 0").write_parquet(str(file.with_suffix(".new")))
        file.with_suffix(".new").replace(file)

    made = snapshot(How.COMPARING, minutes=1)

    compared = Comparison.objects.get()
    assert not compared.is_equal
    assert [name for name, sums in compared.tables.items() if sums["carried"] != sums["whole"]] == ["orders"]
    assert compared.snapshot_folder == made.folder
    assert len(rows(made, "orders")) == 24
    assert snapshot(How.COMPARING, minutes=2).tables["orders"]["how"] == "copied"
    assert Comparison.objects.latest("id").is_equal


def test_every_table_behind_an_extract_with_a_key_notes_its_changes(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_trigger t join pg_class c on c.oid = tgrelid where tgname = 'insight_added'"
        )
        noting = {name for (name,) in cursor.fetchall()}

    assert {table for extract in all_extracts() if extract.key for table in extract.reads} - noting == set()
