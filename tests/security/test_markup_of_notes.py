"""S2: what is said about a record – in private, of a restriction, of a merge, of two who are two – is text wherever it is told."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from rapport.accounts.models import Business, User
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.core.files import StoredFile
from rapport.customers.consents.restrictions import restrict_processing
from rapport.identity.actions import keep_apart
from rapport.identity.models import Link, NeverPair
from rapport.privacy.actions import build_export
from rapport.privacy.models import PersonExport
from rapport.work.actions_comments import write_comment
from rapport.work.digest import send_digests
from rapport.work.models import NotificationSetting
from rapport.work.tests.world import record_of
from tests.security.samples import World, fill
from tests.security.test_markup import POLYGLOT, trouble_in
from tests.world import NOW

SAID = {each: f"{POLYGLOT}{each}" for each in ("PRIVATE", "RESTRICTED", "MERGED", "APART")}


@pytest.fixture
def told(people, settings):
    """Ada said each of these things; of her private words Bob is told, whom they name."""
    settings.EMAIL_IS_CONFIGURED = True
    world, ada, now = fill(World(people, POLYGLOT)), people["ada"], utc_now()
    with acting(SYSTEM):
        User.objects.exclude(pk=people["bob"].pk).update(name=POLYGLOT)
        Business.objects.update(name=POLYGLOT)
        NotificationSetting.objects.create(person=people["bob"], daily_mail=True, mailed_at=NOW - timedelta(days=2))
        Link.objects.update(reason=SAID["MERGED"])
    ada.refresh_from_db()
    on = record_of(world.customer, by=ada)
    write_comment(on, f"@Bob {SAID['PRIVATE']}", is_private=True, by=ada, now=now)
    write_comment(on, f"@Bob {POLYGLOT}", by=ada, now=now)
    restrict_processing(world.extra["neighbor"], ground="disputed", note=SAID["RESTRICTED"], by=ada, now=now)
    keep_apart(*(each.pk for each in world.extra["doubted"]), by=ada, now=now, reason=SAID["APART"])
    return world


def places(world):
    """Each page that tells one of them or its like, and what has to stand on it."""
    customer, neighbor, merged = (
        f"/customers/{each.public_id}/" for each in (world.customer, world.extra["neighbor"], world.extra["merged"])
    )
    yield f"{customer}?tab=comments", "PRIVATE"
    yield f"{customer}?tab=timeline", ""
    yield f"/history/customer/{world.customer.public_id}/", ""
    yield neighbor, ""
    yield f"{neighbor}restriction/", "RESTRICTED"
    yield f"/history/customer/{world.extra['neighbor'].public_id}/", ""
    yield merged, "MERGED"
    yield f"{merged}split/", ""
    yield f"/customers/merges/{world.extra['link'].public_id}/undo/", ""
    for path in (
        "customers/doubts/",
        "settings/audit/",
        "notifications/",
        "notifications/?box=all",
        "today/",
        "changes/",
        "trash/",
    ):
        yield f"/{path}", ""


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_what_is_said_beside_a_record_stays_text_on_its_pages(name, told, client_of):
    client, found, missing = client_of(name), [], []
    for path, said in places(told):
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(path, headers=headers)
            found += [f"{path}: {each}" for each in trouble_in(answer)]
        page = client.get(path)
        if page.status_code == 200 and said and f"//PWNED{said}" not in page.content.decode():
            missing.append(f"{path}: {said}")
        if page.status_code >= 500:
            found.append(f"{path}: {page.status_code}")

    assert found == []
    assert missing == []
    assert NeverPair.objects.filter(reason=SAID["APART"]).exists()


def test_it_stays_text_in_a_mail_and_private_words_stay_out_of_it(told):
    send_digests(now=(utc_now() + timedelta(days=1)).replace(hour=12))

    (message,) = mail.outbox
    assert message.content_subtype == "plain"
    assert message.alternatives == []
    assert "PWNEDPRIVATE" not in message.body
    assert "\n" not in message.subject


def test_it_stays_data_in_the_file_about_a_person(told, home):
    ada = told.people["ada"]
    asked = PersonExport.objects.create(
        customer_id=told.extra["neighbor"].pk, asked_by=ada, asked_at=NOW, expires_at=NOW + timedelta(days=1)
    )
    made = build_export(asked, title="Neighbor", now=NOW)

    packed = zipfile.ZipFile(io.BytesIO(StoredFile(made.file_digest, made.file_size).path.read_bytes()))
    texts = {name: packed.read(name).decode(errors="replace") for name in packed.namelist()}
    assert any("PWNEDRESTRICTED" in text for text in texts.values())
    assert [name for name, text in texts.items() if name.endswith((".html", ".htm", ".svg")) and "<pwned" in text] == []
    assert connection.in_atomic_block
