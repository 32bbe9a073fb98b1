"""Acts on many rows: batches, cuts in the middle, cancelling, taking up, forgetting."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from rapport.accounts.tests.programs import Program
from rapport.core.clock import utc_now
from rapport.customers import bulk_acts
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.bulk import actions as bulk_actions
from rapport.records.bulk import acts as bulk
from rapport.records.bulk import running as bulk_running
from rapport.records.bulk import selecting as bulk_selecting
from rapport.records.bulk.actions import begin_run, cancel_run, draft_run, select_rows, undo_run
from rapport.records.bulk.acts import BulkAct, Refused, Treated, one_by_one
from rapport.records.bulk.jobs import take_up_bulk
from rapport.records.bulk.models import BulkItem, BulkItemState, BulkRun, BulkState, Selection
from rapport.records.bulk.running import carry_out, take_back
from rapport.records.command_log.noting import note_command
from rapport.records.imports.forgetting import _forget_selections
from rapport.records.retention import RETAINED
from rapport.records.undoable import BULK
from tests.world import NOW

pytestmark = pytest.mark.django_db

OF = bulk_selecting.selectables()["customer"]


class Killed(BaseException):
    """As if the process had ended here."""


class Deed:
    """An act that counts how often each row was treated, and may be cut off before or refuse a row."""

    def __init__(self) -> None:
        self.treated: list[int] = []
        self.killed_before = self.refused = self.broken = 0

    def apply(self, batch: Any) -> Any:
        done = {}
        for number, (pk,) in batch.rows.items():
            if number == self.killed_before:
                self.killed_before = 0
                raise Killed
            if number == self.broken:
                raise KeyError(number)
            Customer.objects.filter(pk=pk).update(version=100 + Customer.objects.get(pk=pk).version)
            done[number] = Refused("No.") if number == self.refused else Treated({"pk": pk})
        self.treated += done
        return done

    def undo(self, batch: Any) -> Any:
        def back(number: int) -> Treated:
            if number == self.killed_before:
                self.killed_before = 0
                raise Killed
            if number == self.refused:
                raise bulk.UnableToAct("Not this one.")
            Customer.objects.filter(pk=batch.undo[number]["pk"]).update(version=1)
            return Treated()

        return one_by_one(batch, back, refusals=(bulk.UnableToAct,))


@pytest.fixture
def deed(monkeypatch: pytest.MonkeyPatch) -> Deed:
    made = Deed()
    act = BulkAct("deed", "customer", "Deed", "customers.edit", apply=made.apply, undo=made.undo, batch_rows=4)
    monkeypatch.setattr(bulk, "_bulk_acts", lambda: (act, *bulk_acts.BULK_ACTS))
    return made


@pytest.fixture
def waiting(deed: Deed, ada: Any, monkeypatch: pytest.MonkeyPatch) -> BulkRun:
    """An act on ten customers that a worker will take."""
    monkeypatch.setattr(bulk_actions, "AT_ONCE_ROWS", 2)
    rows = [str(make_customer(f"C{number}").public_id) for number in range(10)]
    selection = select_rows(OF, rows=rows, query="", is_everything=False, by=ada, now=NOW)
    run = draft_run(bulk._bulk_acts()[0], selection)
    begin_run(run, OF, answers={}, by=ada, now=NOW)
    assert (run.state, run.total) == (BulkState.WAITING, 10)
    return run


def versions() -> list[int]:
    return list(Customer.objects.order_by("pk").values_list("version", flat=True))


def test_an_act_that_is_killed_goes_on_and_treats_each_row_once(waiting: BulkRun, deed: Deed) -> None:
    deed.killed_before = 7

    with pytest.raises(Killed):
        carry_out(waiting)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.done) == (BulkState.RUNNING, 4)
    take_up_bulk(0)
    carry_out(waiting)
    carry_out(waiting)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.done, waiting.resumptions) == (BulkState.DONE, 10, 1)
    assert deed.treated == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert {version // 100 for version in versions()} == {1}


def test_an_act_that_is_cut_off_again_and_again_is_given_up(waiting: BulkRun, deed: Deed) -> None:
    BulkRun.objects.filter(pk=waiting.pk).update(state=BulkState.RUNNING, resumptions=10)

    take_up_bulk(0)

    waiting.refresh_from_db()
    assert waiting.state == BulkState.FAILED
    assert "given up" in waiting.failure


def test_an_act_that_has_just_been_asked_for_is_left_to_its_worker(waiting: BulkRun) -> None:
    BulkRun.objects.filter(pk=waiting.pk).update(started_at=utc_now())

    take_up_bulk(0)

    waiting.refresh_from_db()
    assert waiting.resumptions == 0


def test_an_act_is_cancelled_between_batches_and_undone_as_far_as_it_came(
    waiting: BulkRun, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    treat = bulk_running._treat_once
    monkeypatch.setattr(
        bulk_running, "_treat_once", lambda run, *rest, **more: (treat(run, *rest, **more), cancel_run(run))
    )

    carry_out(waiting)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.done) == (BulkState.CANCELLED, 4)
    monkeypatch.setattr(bulk_running, "_treat_once", treat)
    undo_run(waiting)
    take_back(waiting)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.undone) == (BulkState.UNDONE, 4)
    assert all(version < 100 for version in versions())


def test_one_row_that_breaks_leaves_the_others_alone(waiting: BulkRun, deed: Deed) -> None:
    deed.broken = 6

    carry_out(waiting)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.done, waiting.refused) == (BulkState.DONE, 9, 1)
    left = BulkItem.objects.get(run=waiting, state=BulkItemState.REFUSED)
    assert (left.number, left.reason) == (6, "Something went wrong: KeyError")


def test_a_row_that_is_refused_says_why_on_the_page(waiting: BulkRun, deed: Deed, ada: Any, as_user: Any) -> None:
    deed.refused = 3
    client = as_user(ada)
    url = reverse("bulk_run", args=[waiting.public_id])
    page = client.get(url).content.decode()
    assert f'data-poll="{url}"' in page
    assert "0 of 10 rows" in page

    carry_out(waiting)

    page = client.get(url).content.decode()
    assert f'data-poll="{url}"' not in page
    assert "No." in page
    assert "C2" in page


def test_what_cannot_be_taken_back_stays_and_says_why(waiting: BulkRun, deed: Deed, ada: Any, as_user: Any) -> None:
    carry_out(waiting)
    deed.refused = 5

    waiting.refresh_from_db()
    undo_run(waiting)
    take_back(waiting)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.undone) == (BulkState.UNDONE, 9)
    page = as_user(ada).get(reverse("bulk_run", args=[waiting.public_id])).content.decode()
    assert "Not this one." in page


def test_an_undo_that_is_under_way_says_so_and_how_far_it_is(
    waiting: BulkRun, deed: Deed, ada: Any, as_user: Any
) -> None:
    carry_out(waiting)
    client, program = as_user(ada), Program(ada)
    noted = note_command(BULK, {"run": waiting.pk}, by=ada, now=utc_now())
    page = reverse("bulk_run", args=[waiting.public_id])

    asked = client.post(reverse("change_undo_last"), {"next": "/customers/"})

    assert asked["Location"] == page
    said = client.get(page).content.decode()
    assert "data-toast data-passing><p>Being undone: Many rows treated at once, 10 rows</p>" in said
    assert "data-ended" not in said
    BulkRun.objects.filter(pk=waiting.pk).update(undone=4)
    shown = client.get(reverse("changes")).content.decode()
    assert all(each in shown for each in (f'href="{page}">Being undone</a>', "4 of 10", 'data-poll="/changes/"'))
    assert "Deed, 10 rows</a>" in shown
    told = next(each for each in program.get("/changes").json()["items"] if each["id"] == str(noted.public_id))
    assert told["undo_progress"] == {"done": 4, "total": 10, "is_under_way": True}
    BulkRun.objects.filter(pk=waiting.pk).update(undone=0)
    take_back(BulkRun.objects.get(pk=waiting.pk))
    shown = client.get(reverse("changes")).content.decode()
    assert all(each in shown for each in (f'href="{page}">Undone</a>', "10 of 10"))
    assert "data-poll" not in shown.partition('id="recent-changes"')[2].partition(">")[0]
    assert 'data-ended="Undone: 10 of 10 rows"' in client.get(page).content.decode()


def test_undoing_that_is_killed_goes_on(waiting: BulkRun, deed: Deed) -> None:
    carry_out(waiting)
    waiting.refresh_from_db()
    undo_run(waiting)
    deed.killed_before = 5

    with pytest.raises(Killed):
        take_back(waiting)
    take_up_bulk(0)
    take_back(waiting)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.undone, waiting.resumptions) == (BulkState.UNDONE, 10, 1)
    assert versions() == [1] * 10


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_treat_each_row_once(waiting: BulkRun, deed: Deed) -> None:
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        carry_out(BulkRun.objects.select_related("selection").get(pk=waiting.pk))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.done) == (BulkState.DONE, 10)
    assert sorted(deed.treated) == list(range(1, 11))


def test_an_act_is_cancelled_by_its_button(waiting: BulkRun, ada: Any, as_user: Any) -> None:
    as_user(ada).post(reverse("bulk_cancel", args=[waiting.public_id]))

    carry_out(waiting)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.done) == (BulkState.CANCELLED, 0)
    page = as_user(ada).get(reverse("bulk_run", args=[waiting.public_id])).content.decode()
    assert "the rest was left alone" in page


def test_an_act_that_is_under_way_is_not_undone(waiting: BulkRun, ada: Any, as_user: Any) -> None:
    client = as_user(ada)

    client.post(reverse("bulk_undo", args=[waiting.public_id]))

    assert "This cannot be undone any more" in client.get("/customers/").content.decode()


def test_what_was_selected_goes_after_a_month_unless_it_is_worked_on(waiting: BulkRun) -> None:
    kept = next(each for each in RETAINED if each.name == "selections")
    late = NOW + timedelta(days=1)
    assert kept.count(late) == 0

    carry_out(waiting)

    assert (kept.days, kept.count(late), kept.remove(late)) == (30, 1, 1)
    assert not BulkItem.objects.exists()


def test_erasing_a_person_forgets_what_was_searched_for(ada: Any) -> None:
    words = {"rows": [], "query": "q=Ana", "is_everything": True, "by": ada, "now": NOW}
    begun = draft_run(bulk_acts.BULK_ACTS[0], select_rows(OF, **words))
    BulkRun.objects.filter(pk=begun.pk).update(state=BulkState.DONE)
    draft_run(bulk_acts.BULK_ACTS[0], select_rows(OF, **words))

    _forget_selections()

    assert list(Selection.objects.values_list("query", flat=True)) == [""]
