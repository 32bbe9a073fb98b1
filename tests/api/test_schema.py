"""Every operation answers as its document says, whatever fits the document or does not is sent: schemathesis finds nothing."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
import schemathesis.specs.openapi.checks
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from rapport.accounts.tests.programs import Program
from tests.security.conftest import people, world  # noqa: F401 - fixtures
from tests.security.test_api import CALLS, _with, ids  # noqa: F401 - a fixture

EXAMPLES = 2
NAMES = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection",
)  # fmt: skip


@pytest.fixture
def one_connection():
    """Requests leave the connection open, in whose transaction the world is; as with Django's own client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def adas(world):  # noqa: F811
    return Program(world.people["ada"])


def test_schemathesis_finds_nothing(adas, ids, one_connection):  # noqa: F811
    checks = [CHECKS.get_one(name) for name in NAMES]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    headers, found = {"Authorization": f"Bearer {adas.text}"}, {}
    accepted: set[str] = set()

    for result in schema.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            told, statuses = _told_of(operation, mode, checks, headers=headers, places=_places(operation, ids))
            accepted |= {name} if statuses & {200, 201} else set()
            if told:
                found[f"{name}, {mode.value}"] = told

    assert found == {}
    assert len(accepted) > len(CALLS) / 2  # what is asked gets as far as an answer


def _places(operation: Any, ids: dict[str, str]) -> dict[str, str]:  # noqa: F811
    """The ids that are there, in the path."""
    parts = operation.path.removeprefix("/api/v1").split("/")
    named = CALLS[operation.definition.raw["operationId"]].path.split("/")
    pairs = zip(parts, named, strict=True)
    return {part.strip("{}"): _with(place, ids) for part, place in pairs if part.startswith("{")}


def _told_of(operation: Any, mode: GenerationMode, checks: Any, *, headers: Any, places: Any) -> tuple[str, set[int]]:
    """What the first request that is not answered as it should be led to, and the answers that there were."""
    statuses: set[int] = set()
    is_positive = mode is GenerationMode.POSITIVE
    strategy = operation.as_strategy(
        generation_mode=mode, **({"path_parameters": places} if is_positive and places else {})
    )

    @seed(7)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def ask(case: Any) -> None:
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=checks)

    try:
        ask()
    except (Exception, BaseExceptionGroup) as error:
        if "Unsatisfiable" in type(error).__name__:  # nothing of it can be wrong
            return "", statuses
        return f"{type(error).__name__}: {error}"[:1500], statuses
    return "", statuses
