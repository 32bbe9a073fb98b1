"""The pages: export, erase, what was erased, and what is kept for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from rapport.audit.models import AuditEvent
from rapport.customers.models import Customer, Touchpoint
from rapport.customers.tests.world import make_customer, touch
from rapport.privacy import keeping
from rapport.privacy.jobs import build_export, erase_customer
from rapport.privacy.models import Erasure, JobState, PersonExport, RetentionRule, RetentionRun
from tests.world import make_user

pytestmark = pytest.mark.usefixtures("db", "home")


def page(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_customer_page_leads_to_both(as_user: Any, ada: Any) -> None:
    customer = make_customer()

    html = page(as_user(ada), f"/customers/{customer.public_id}/")

    assert f"/customers/{customer.public_id}/export/" in html
    assert f"/customers/{customer.public_id}/erase/" in html


def test_who_has_neither_right_sees_neither(as_user: Any, rita: Any, alice: Any) -> None:
    customer = make_customer(owner=alice)

    html = page(as_user(rita), f"/customers/{customer.public_id}/")

    assert "/erase/" not in html
    assert as_user(rita).get(f"/customers/{customer.public_id}/export/").status_code == 403
    assert as_user(alice).get(f"/customers/{customer.public_id}/erase/").status_code == 403


def test_an_export_is_asked_for_built_and_downloaded_by_the_same_person(
    as_user: Any, ada: Any, django_capture_on_commit_callbacks: Any
) -> None:
    customer = make_customer()
    client = as_user(ada)

    asked = client.post(f"/customers/{customer.public_id}/export/")
    export = PersonExport.objects.get()
    waiting = page(client, asked["Location"])
    build_export(export.pk)
    ready = page(client, asked["Location"])
    download = client.get(f"/privacy/exports/{export.public_id}/")

    assert "data-poll" in waiting
    assert f"/privacy/exports/{export.public_id}/" in ready
    assert download["Content-Disposition"] == f'attachment; filename="customer-{customer.public_id}.zip"'
    assert download.getvalue()[:2] == b"PK"
    acts = AuditEvent.objects.filter(row_id=str(customer.public_id), table_name="").order_by("id")
    assert list(acts.values_list("operation", flat=True)) == ["person exported", "person export downloaded"]


def test_an_export_is_for_nobody_else_and_for_some_days_only(as_user: Any, ada: Any) -> None:
    customer = make_customer()
    as_user(ada).post(f"/customers/{customer.public_id}/export/")
    export = PersonExport.objects.get()
    build_export(export.pk)
    path = f"/privacy/exports/{export.public_id}/"
    other = make_user("Olga", role="Administrator")

    assert as_user(other).get(path).status_code == 404
    PersonExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert as_user(ada).get(path).status_code == 404


def test_erasing_asks_why_and_for_the_name(as_user: Any, ada: Any) -> None:
    customer = make_customer("Ana Souza")
    path = f"/customers/{customer.public_id}/erase/"
    client = as_user(ada)

    assert "Nobody can undo this" in page(client, path)
    assert client.post(path, {"ground": "asked", "name": "Ana"}).status_code == 422
    assert client.post(path, {"ground": "", "name": "Ana Souza"}).status_code == 422
    assert not Erasure.objects.exists()

    asked = client.post(path, {"ground": "asked", "name": "ana  souza"})

    assert asked.status_code == 302
    assert "being erased" in page(client, f"/customers/{customer.public_id}/")
    assert "data-poll" in page(client, asked["Location"])
    erase_customer(Erasure.objects.get().pk)
    assert not Customer.objects.filter(pk=customer.pk).exists()
    assert "customers_profile" in page(client, asked["Location"])
    assert "Souza" not in page(client, asked["Location"])
    assert asked["Location"] in page(client, "/privacy/erasures/")
    assert client.get(f"/customers/{customer.public_id}/").status_code == 404


def test_an_erasure_that_fails_says_so_and_can_be_asked_for_again(as_user: Any, ada: Any) -> None:
    customer = make_customer("Ana Souza")
    path = f"/customers/{customer.public_id}/erase/"
    client = as_user(ada)
    first = client.post(path, {"ground": "asked", "name": "Ana Souza"})
    Erasure.objects.update(state=JobState.FAILED)

    assert "Nothing was erased" in page(client, first["Location"])
    assert client.post(path, {"ground": "asked", "name": "Ana Souza"})["Location"] != first["Location"]


def test_a_rule_tells_what_would_go_before_it_is_saved(as_user: Any, ada: Any) -> None:
    customer = make_customer()
    touch(customer, "page_view", days_ago=0)
    old = timezone.now() - timedelta(days=20)
    Touchpoint.objects.update(occurred_at=old)
    client = as_user(ada)
    path = "/settings/retention/page-views/"

    warned = client.post(path, {"days": "10"}).content.decode()
    assert "1 would go at the next run" in warned
    assert not RetentionRule.objects.exists()

    assert "1 would go" in client.post(path, {"days": "9", "confirmed": "10"}).content.decode()
    assert client.post(path, {"days": "9", "confirmed": "9"}).status_code == 302
    assert RetentionRule.objects.get().days == 9
    assert client.post(path, {"days": "-1"}).status_code == 422
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"days": ""}).status_code == 302
    assert RetentionRule.objects.get().days is None
    assert client.get("/settings/retention/nothing/").status_code == 404


def test_the_rules_say_what_their_last_run_removed(as_user: Any, ada: Any) -> None:
    customer = make_customer()
    touch(customer, "page_view")
    touch(customer, "visit")
    Touchpoint.objects.update(occurred_at=timezone.now() - timedelta(days=400))

    removed = keeping.apply_rules(now=timezone.now())

    assert removed["page-views"] == 1
    assert Touchpoint.objects.count() == 1
    assert RetentionRun.objects.get(name="page-views").removed == 1
    html = page(as_user(ada), "/settings/retention/")
    assert "Page views" in html
    assert "customers_profile" in html


def test_the_rules_can_be_applied_at_once(as_user: Any, ada: Any) -> None:
    client = as_user(ada)

    assert client.post("/settings/retention/run/").status_code == 302
    assert client.post("/settings/retention/run/").status_code == 302


def test_restricting_is_asked_why_marked_on_the_page_and_lifted_once_the_person_was_told(
    as_user: Any, ada: Any, alice: Any
) -> None:
    customer = make_customer("Ana Souza", owner=alice)
    path, client = f"/customers/{customer.public_id}/restriction/", as_user(ada)
    shown = f"/customers/{customer.public_id}/"

    assert path in page(client, shown)
    assert "nothing counts as agreed" in page(client, path)
    assert client.post(path, {"ground": ""}).status_code == 422
    assert client.post(path, {"ground": "claims", "note": "letter of 1 March"})["Location"] == shown

    assert "Restricted" in page(as_user(alice), shown)
    assert "letter of 1 March" in page(client, path)
    assert client.post(path, {}).status_code == 422
    assert client.post(path, {"told": "on"}).status_code == 302
    assert "Restricted" not in page(client, shown)


def test_only_who_has_the_right_restricts(as_user: Any, alice: Any) -> None:
    customer = make_customer(owner=alice)

    assert as_user(alice).post(f"/customers/{customer.public_id}/restriction/", {"ground": "claims"}).status_code == 403
    assert f"/customers/{customer.public_id}/restriction/" not in page(
        as_user(alice), f"/customers/{customer.public_id}/"
    )
