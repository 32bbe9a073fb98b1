"""What opens a door once is written down nowhere: not in a log line, not in a traceback, not in the trail."""

from __future__ import annotations

import io
import logging

import pytest
from django.test import Client

from rapport.accounts import actions, links
from rapport.accounts.masking import MaskingFormatter
from rapport.audit.models import AuditEvent, AuditValue
from rapport.core.clock import utc_now
from rapport.customers.consents.asking import ask_to_confirm
from rapport.customers.tests.world import make_customer

ORIGIN = "http://localhost:8000"


@pytest.fixture
def log():
    """What the product's own log handler writes."""
    (handler,) = (each for each in logging.getLogger().handlers if isinstance(each.formatter, MaskingFormatter))
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.fixture
def paths(ada, alice):
    """The path of an open invitation, of a link to a new password, and of a question of consent, each with its token."""
    _, joining = actions.invite(email="new@example.com", name="", role=alice.role, team=None, by=ada, now=utc_now())
    asked = ask_to_confirm(
        make_customer(owner=alice), "newsletter", "email", by=alice, now=utc_now(), business_name="", origin="staff"
    )
    found = [link.removeprefix(ORIGIN) for link in (joining, links.password_link(alice), asked.link)]
    return {path: path.rstrip("/").rpartition("/")[2] for path in found}


def test_a_token_is_in_no_log_line(paths, log):
    for path in paths:
        Client().post(path, {"name": "Nell", "password": "short"})
        Client(enforce_csrf_checks=True).post(path, {"name": "Nell"})
        Client().get(path + "more/")
        logging.getLogger("rapport").error("asked for %s?next=%s", path, path.replace("/", "%2F"))

    lines = log.getvalue()
    assert "/join/…/" in lines
    assert "/account/password/reset/key/…/" in lines
    assert "/consent/…/" in lines
    assert [token for token in paths.values() if token in lines] == []


def test_a_token_is_in_no_traceback(paths, log):
    for path in paths:
        try:
            raise ValueError(path)
        except ValueError:
            logging.getLogger("rapport").exception("something at %s went wrong", path)

    assert "Traceback" in log.getvalue()
    assert [token for token in paths.values() if token in log.getvalue()] == []


def test_a_token_is_not_in_the_trail(paths, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)

    for path in paths:
        assert client.post(path, {}).status_code == 403

    denied = AuditEvent.objects.filter(operation="denied")
    kept = [str(value) for value in AuditValue.objects.filter(event__in=denied).values_list("values", flat=True)]
    assert len(kept) == len(paths) == 3
    assert [token for token in paths.values() if token in "".join(kept)] == []


def test_a_nul_in_the_path_of_a_denied_request_is_no_error(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    assert client.post("/join/a%00b/").status_code == 403
    assert AuditEvent.objects.filter(operation="denied").count() == 1
