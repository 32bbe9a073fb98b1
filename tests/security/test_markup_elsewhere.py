"""S2, S5, S16: text that would be markup, a header or a line of its own stays text in mails, files and answers too."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core import mail

from rapport.accounts import actions
from rapport.accounts.jobs import answer_password_request
from rapport.accounts.mail import mail_invitation
from rapport.accounts.models import Business, User
from rapport.accounts.tests.programs import Program
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.core.files import StoredFile
from rapport.customers.consents.asking import ask_to_confirm
from rapport.customers.tests.world import make_customer
from rapport.records.exporting.actions import begin_export
from rapport.records.exporting.lists import exported_lists
from rapport.work.actions import add_task
from rapport.work.digest import send_digests
from rapport.work.models import NotificationSetting
from tests.security.samples import World, fill
from tests.security.test_markup import POLYGLOT
from tests.world import NOW

HEADER = "Eve\r\nBcc: everybody@evil.example\r\n\r\n<h1>Pay</h1>"
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "＝1+1", "+447700900123")


@pytest.fixture
def marked(people):
    world = fill(World(people, POLYGLOT))
    with acting(SYSTEM):
        User.objects.update(name=POLYGLOT)
        Business.objects.update(name=POLYGLOT)
    return world


def sent():
    """Every mail that went out, as it went out."""
    return [message.message().as_bytes() for message in mail.outbox]


def test_no_name_gets_into_the_headers_of_a_mail_or_becomes_markup_in_it(people, settings):
    settings.EMAIL_IS_CONFIGURED = True
    ada, bob = people["ada"], people["bob"]
    with acting(SYSTEM):
        User.objects.filter(pk__in=[ada.pk, bob.pk]).update(name=HEADER)
        Business.objects.update(name=HEADER)
    ada.refresh_from_db()
    customer = make_customer(HEADER, owner=bob, email="ana@example.com")
    answer_password_request(email=bob.email)
    invitation, link = actions.invite(
        email="new@example.com", name=HEADER, role=bob.role, team=None, by=ada, now=utc_now()
    )
    mail_invitation(invitation, link=link, business_name=HEADER)
    ask_to_confirm(customer, "newsletter", "email", by=bob, now=utc_now(), business_name=HEADER, origin="staff")
    with acting(bob):
        NotificationSetting.objects.create(person=bob, daily_mail=True, mailed_at=NOW - timedelta(days=2))
    add_task(HEADER, by=ada, now=NOW, assignee=bob)
    send_digests(now=NOW + timedelta(hours=20))

    assert len(mail.outbox) == 4
    for message in sent():
        head = message.partition(b"\n\n")[0].lower()
        assert b"bcc" not in head
        assert b"evil.example" not in head
        assert b"text/html" not in message.lower()
    assert {address for each in mail.outbox for address in each.recipients()} <= {
        "new@example.com", "ana@example.com", bob.email,
    }  # fmt: skip


def test_a_file_of_a_list_has_one_cell_for_each_text_and_no_formula(people, home):
    ada, bob = people["ada"], people["bob"]
    for number, text in enumerate((*FORMULAS, POLYGLOT, HEADER)):
        make_customer(text, owner=bob, external_id=f"F{number}", city=text)
    of, asked = exported_lists()["customer"], {"query": "", "with_mark": False, "by": ada, "now": NOW}

    made = begin_export(of, columns=["name", "city"], file_format="csv", **asked)

    content = StoredFile(made.file_digest, made.file_size).path.read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in rows for cell in row if cell[:1] in "=@\t\r＝" and cell] == []
    assert [cell for row in rows for cell in row if cell[:1] in "+-" and not cell[1:].isdigit()] == []


def test_an_answer_to_a_program_is_never_a_page(marked):
    program = Program(marked.people["ada"])
    for path in ("/customers", f"/customers/{marked.customer.public_id}", "/tasks", "/orders", "/me"):
        answer = program.get(path)
        assert answer.status_code == 200, path
        assert answer["Content-Type"].startswith("application/json")
        assert answer["X-Content-Type-Options"] == "nosniff"
        json.loads(answer.content)


def test_a_card_of_a_customer_has_no_line_of_somebody_elses_making(people, as_user):
    bob = people["bob"]
    customer = make_customer("Ana\r\nEMAIL:eve@evil.example", owner=bob, organization="x\nTEL:1;;", city="\\,;\nNOTE:x")

    answer = as_user(bob).get(f"/customers/{customer.public_id}/vcard/")

    lines = answer.getvalue().decode().replace("\r\n ", "").split("\r\n")
    names = [line.partition(":")[0].partition(";")[0] for line in lines]
    assert not {"EMAIL", "TEL", "NOTE"} & set(names)
    assert "attachment" in answer["Content-Disposition"]
