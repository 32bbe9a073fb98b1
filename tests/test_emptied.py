"""What a test has committed is gone for the next one, and the defaults are there as they were first written."""

from __future__ import annotations

from typing import Any

import pytest

from rapport.accounts.models import Role, Team
from rapport.core.acting import SYSTEM, acting
from tests.emptied import empty
from tests.world import make_team


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", [False, True])
def test_what_was_committed_is_gone_and_the_defaults_are_back(db: Any, again: bool) -> None:
    """Twice: what was laid aside at the first time is what comes back at the second."""
    empty()  # of much that a test before has left nothing is laid aside
    empty()
    before = list(Role.objects.order_by("pk").values())
    with acting(SYSTEM):
        make_team("North")
        Role.objects.filter(name="Reader").delete()
        Role.objects.update(rights=[])

    empty()

    assert before
    assert list(Role.objects.order_by("pk").values()) == before
    assert not Team.objects.exists()
