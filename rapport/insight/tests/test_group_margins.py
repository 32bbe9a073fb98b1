"""The page of the margin at the edges of RFM groups: who may set it, what it takes, and that it is audited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.audit.models import AuditEvent
from rapport.insight import queries
from rapport.insight.warehouse.asking import TASK

PAGE = "/settings/rfm-groups/"
pytestmark = pytest.mark.django_db


def test_the_margins_are_shown_in_percent_set_and_numbers_are_refreshed(
    home: Path, business: Any, ada: Any, as_user: Any
) -> None:
    client = as_user(ada)
    page = client.get(PAGE).text
    assert page.count('value="20"') == 2

    answer = client.post(PAGE, {"recency": "12.5", "frequency": "0"})

    assert (answer.status_code, answer.url) == (302, PAGE)
    assert queries.group_margins() == {"recency": 125, "frequency": 0}
    assert 'value="12.5"' in client.get(PAGE).text
    assert ProcrastinateJob.objects.filter(task_name=TASK, status="todo").count() == 1
    before = AuditEvent.objects.count()
    assert client.post(PAGE, {"recency": "12.5", "frequency": "0"}).status_code == 302
    assert AuditEvent.objects.count() == before, "nothing has changed"


@pytest.mark.parametrize("wrong", ["", "-1", "100.1", "NaN", "1e3", "x", "12.55", "'; drop"])
def test_what_is_no_share_of_a_band_is_refused(home: Path, business: Any, ada: Any, as_user: Any, wrong: str) -> None:
    answer = as_user(ada).post(PAGE, {"recency": wrong, "frequency": "10"})

    assert (answer.status_code, "error-summary" in answer.text) == (422, True)
    assert queries.group_margins() == {"recency": 200, "frequency": 200}


def test_only_who_administers_may_see_and_set_them(home: Path, business: Any, bob: Any, as_user: Any) -> None:
    assert as_user(bob).get(PAGE).status_code == 403
    assert as_user(bob).post(PAGE, {"recency": "1", "frequency": "1"}).status_code == 403
