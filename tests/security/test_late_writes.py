"""What is written about a customer who was merged or erased since her page was opened lands on who she is now, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import Http404

from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.consents import ledger as consents
from rapport.customers.consents.asking import ask_to_confirm
from rapport.customers.consents.objections import object_to_marketing
from rapport.customers.consents.restrictions import GROUNDS, restrict_processing, restriction_of
from rapport.customers.contact_points.actions import add_contact_point
from rapport.customers.models import Customer, Profile
from rapport.customers.relationships.actions import UnableToRelate, add_relationship
from rapport.identity.actions import merge_customers
from rapport.identity.tests.people import person
from rapport.privacy.actions import erase
from rapport.privacy.models import Erasure
from rapport.work import actions, actions_comments, actions_files
from rapport.work.tests.world import record_of
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("home")
_ASTRAY = """
select 'consent', id from customers_consent t where customer_id = any(%(retired)s)
union all select 'request', id from customers_consentrequest where customer_id = any(%(retired)s)
union all select 'restriction', id from customers_restriction where customer_id = any(%(retired)s)
union all select 'contact point', id from customers_contactpoint where customer_id = any(%(retired)s)
union all select 'relationship', id from customers_relationship
 where from_customer_id = any(%(retired)s) or to_customer_id = any(%(retired)s)
union all select 'profile', id from customers_profile where customer_id = any(%(retired)s)
union all select 'task', id from work_task where customer_id = any(%(retired)s) or profile_id is null
union all select 'comment', id from work_comment where customer_id = any(%(retired)s) or profile_id is null
union all select 'file', id from work_attachment where customer_id = any(%(retired)s) or profile_id is null
"""


@pytest.fixture
def pair(ada: Any, alice: Any) -> tuple[Customer, Customer]:
    """Two customers as they were read before the second was merged into the first."""
    return person("Ana", source="a", owner=alice), person("Ana", source="b", owner=alice)


def astray(*retired: Customer) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_ASTRAY, {"retired": [each.pk for each in retired]})
        return cursor.fetchall()


def test_a_withdrawal_of_somebody_who_was_merged_just_now_counts(pair: Any, ada: Any) -> None:
    kept, merged = pair
    said = {"purpose": "newsletter", "channel": "email", "by": ada, "origin": "a call"}
    consents.record_consent(kept, status=consents.GRANTED, now=NOW, **said)
    merge_customers(kept.pk, [merged.pk], by=ada, now=NOW)

    consents.record_consent(merged, status=consents.WITHDRAWN, now=utc_now(), **said)

    assert not consents.may_contact(kept.pk, "newsletter", "email", now=utc_now())
    assert astray(merged) == []


def test_what_is_said_of_somebody_who_was_merged_just_now_is_said_of_who_she_is(pair: Any, ada: Any) -> None:
    kept, merged = pair
    other, record = person("Ben", source="c"), record_of(merged, by=ada)
    merge_customers(kept.pk, [merged.pk], by=ada, now=NOW)

    add_contact_point(merged, "email", {"value": "late@example.com"}, by=ada, now=NOW)
    add_relationship(other, merged, "household", by=ada, now=NOW)
    ask_to_confirm(merged, "offers", "email", by=ada, now=NOW, business_name="Tiny", origin="asked by staff")
    object_to_marketing(merged, by=ada, now=NOW, origin="a call")
    restrict_processing(merged, ground=GROUNDS[0][0], by=ada, now=NOW)
    task = actions.add_task("Call", by=ada, now=NOW, record=record)
    comment = actions_comments.write_comment(record, "Hello", by=ada, now=NOW)
    file = actions_files.attach_file(record, SimpleUploadedFile("a.txt", b"a"), by=ada, now=NOW)

    assert {task.customer_id, comment.customer_id, file.customer_id} == {kept.pk}
    assert restriction_of(kept.pk) is not None
    assert astray(merged) == []
    with pytest.raises(UnableToRelate):
        add_relationship(kept, merged, "household", by=ada, now=NOW)


def test_nothing_is_written_about_somebody_who_was_erased_just_now(pair: Any, ada: Any) -> None:
    kept, _other = pair
    record = record_of(kept, by=ada)
    with acting(SYSTEM):
        asked = Erasure.objects.create(
            customer_id=kept.pk, ground="asked", asked_by=ada, actor_label="Ada", asked_at=NOW
        )
    erase(asked, by=ada, now=NOW)

    for write in (
        lambda: consents.record_consent(
            kept, "newsletter", "email", consents.GRANTED, by=ada, now=utc_now(), origin="a call"
        ),
        lambda: add_contact_point(kept, "email", {"value": "late@example.com"}, by=ada, now=NOW),
        lambda: actions.add_task("Call", by=ada, now=NOW, record=record),
        lambda: actions_comments.write_comment(record, "Hello", by=ada, now=NOW),
    ):
        with pytest.raises(Http404):
            write()
    assert not Profile.objects.filter(customer_id=kept.pk).exists()
