"""What is on a customer follows her: through merge and split, and into the file that an import also names."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection

from rapport.core.acting import SYSTEM, acting
from rapport.core.files import JUST_KEPT_SECONDS, StoredFile
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import make_customer
from rapport.identity.actions import merge_customers, split_customer
from rapport.records.imports.actions import begin_import, discard_draft, remove_file
from rapport.work import actions, queries
from rapport.work.models import Attachment, Comment, Task
from rapport.work.tests.world import make_comment, make_file, make_task, record_of
from tests.world import NOW


def told_of(customer, *, by):
    """Titles, words and names of what stands on a customer."""
    record = record_of(customer, by=by)
    return (
        sorted(row.task.title for row in queries.open_tasks_on(by, record)),
        sorted(comment.text for comment in queries.comments_on(record)),
        sorted(file.name for file in queries.files_on(record)),
    )


def test_tasks_comments_and_files_follow_their_customer_into_a_merge_and_out_of_it(ada, home):
    ana, bea = make_customer("Ana", external_id="A1"), make_customer("Bea", external_id="B1", source="till")
    for customer in (ana, bea):
        make_task(f"Call {customer}", by=ada, on=customer)
        make_comment(f"About {customer}", by=ada, on=customer)
        make_file(f"{customer}.pdf", by=ada, on=customer)
    bea_home = Profile.objects.get(customer=bea)

    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)

    both = (["Call Ana", "Call Bea"], ["About Ana", "About Bea"], ["Ana.pdf", "Bea.pdf"])
    assert told_of(Customer.objects.get(pk=ana.pk), by=ada) == both
    assert {task.customer_id for task in Task.objects.visible_to(ada)} == {ana.pk}

    split_customer(ana.pk, [bea_home.home_id or bea.pk], by=ada, now=NOW)

    assert told_of(Customer.objects.get(pk=ana.pk), by=ada) == (["Call Ana"], ["About Ana"], ["Ana.pdf"])
    again = Customer.objects.get(pk=Profile.objects.get(pk=bea_home.pk).customer_id)
    assert told_of(again, by=ada) == (["Call Bea"], ["About Bea"], ["Bea.pdf"])


def test_what_stands_on_a_customer_in_the_trash_is_seen_by_nobody(ada, home):

    ana = make_customer("Ana")
    make_task(by=ada, on=ana)
    make_comment("hm", by=ada, on=ana)
    make_file(by=ada, on=ana)

    with acting(SYSTEM):
        Customer.objects.filter(pk=ana.pk).update(trashed_at=NOW)

    for model in (Task, Comment, Attachment):
        assert not model.objects.visible_to(ada).exists()


def test_a_discarded_import_leaves_the_bytes_of_a_file_with_the_same_content(ada, home):
    file = make_file("people.csv", b"name\nAna\n", by=ada, on=make_customer("Ana"))
    stored = StoredFile(file.digest, file.size)
    draft = begin_import(stored, file_name="people.csv", by=ada, now=NOW)

    discard_draft(draft)

    far = NOW.replace(year=NOW.year + 50)
    assert far.timestamp() > JUST_KEPT_SECONDS
    assert not remove_file(stored, now=far)
    assert stored.path.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_do_a_task_at_once_one_did_it(ada, alice):
    task = make_task(by=alice)
    did = []

    def do(who):
        did.append(actions.finish_task(task, by=who, now=NOW))
        connection.close()

    threads = [Thread(target=do, args=[who]) for who in (ada, alice)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    task.refresh_from_db()
    assert sorted(did) == [False, True]
    assert task.version == 2
