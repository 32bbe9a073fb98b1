"""What is written down about a failure names nobody."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from rapport.accounts.masking import MaskingFormatter
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Identifier, Profile
from rapport.customers.tests.world import make_customer
from tests import cluster

EMAIL = "quinevere@okonkwo.example"


def fail() -> Any:
    """A unique constraint that is met by an address; the database tells the whole key."""
    profile = Profile.objects.get()
    with acting(SYSTEM), transaction.atomic():
        for _time in range(2):
            Identifier.objects.create(kind=1, value_norm=EMAIL, profile=profile, customer_id=profile.customer_id)


def test_a_traceback_in_our_log_shows_no_address_and_no_row(db: None) -> None:
    make_customer()
    with pytest.raises(IntegrityError) as caught:
        fail()

    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 1, f"failed for {EMAIL}", (), (caught.type, caught.value, caught.tb)
    )
    line = MaskingFormatter("{message}", style="{").format(record)

    assert "IntegrityError" in line
    assert "okonkwo" in str(caught.value)
    assert "okonkwo" not in line


LOG = cluster.HOME / "postgres" / "data" / "server.log"


@pytest.mark.skipif(not LOG.exists(), reason="the log is that of somebody's own server")
def test_the_log_of_the_embedded_server_shows_no_values(db: None) -> None:
    make_customer()
    with pytest.raises(IntegrityError):
        fail()

    log = LOG.read_text(errors="replace")

    assert "customers_identifier_value" in log
    assert "okonkwo" not in log
    with connection.cursor() as cursor:
        cursor.execute("show log_min_error_statement")
        assert cursor.fetchone() == ("panic",)
