"""The answer to an error nobody caught, and the second look of a request that only reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from psycopg.errors import AdminShutdown, LockNotAvailable

from rapport.accounts.access import public
from rapport.config.urls import handler500

troubles: list[Exception] = []
calls: list[str] = []


@public
def troubled(request: HttpRequest) -> HttpResponse:
    calls.append(str(request.method))
    if troubles:
        raise troubles.pop()
    return HttpResponse("well")


urlpatterns = [path("troubled", troubled)]
__all__ = ["handler500", "urlpatterns"]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    troubles.clear()
    calls.clear()


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=False)


def lost() -> OperationalError:
    error = OperationalError("terminating connection")
    error.__cause__ = AdminShutdown()
    return error


def busy() -> OperationalError:
    error = OperationalError("canceling statement due to lock timeout")
    error.__cause__ = LockNotAvailable()
    return error


@pytest.fixture(autouse=True)
def connection_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction of the test lives in the connection that the second look gives up."""
    monkeypatch.setattr("rapport.core.middleware.connections.close_all", lambda: None)


def test_what_only_reads_is_looked_up_again_when_the_connection_broke(visitor: Client) -> None:
    troubles.append(lost())

    answer = visitor.get("/troubled")

    assert (answer.status_code, answer.text, calls) == (200, "well", ["GET", "GET"])


def test_it_is_looked_up_once_more_and_no_further(visitor: Client) -> None:
    troubles.extend([lost(), lost()])

    answer = visitor.get("/troubled")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "cannot reach its database" in answer.text
    assert "<h1>" in answer.text
    assert calls == ["GET", "GET"]


def test_what_writes_is_never_done_a_second_time(visitor: Client) -> None:
    troubles.append(lost())

    answer = visitor.post("/troubled")

    assert (answer.status_code, calls) == (503, ["POST"])
    assert "look first whether it was saved" in answer.text


def test_a_lock_that_somebody_holds_is_not_waited_for_twice(visitor: Client) -> None:
    troubles.append(busy())

    answer = visitor.get("/troubled")

    assert (answer.status_code, answer["Retry-After"], calls) == (503, "2", ["GET"])


def test_a_fragment_gets_its_answer_as_text(visitor: Client) -> None:
    troubles.append(busy())

    answer = visitor.post("/troubled", headers={"hx-request": "true"})

    assert answer["Content-Type"].startswith("text/plain")
    assert answer.text.startswith("Rapport is busy just now.")


def test_a_fault_of_ours_is_a_500_that_says_nothing_of_the_inside(visitor: Client) -> None:
    troubles.append(KeyError("secret_table"))

    answer = visitor.get("/troubled")

    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "secret_table" not in answer.text
