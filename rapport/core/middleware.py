"""Middleware of the kernel: a name for each request, and a second look when the database had gone away."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db import connections
from django.http import HttpRequest, HttpResponse

from rapport.core.remembering import memory_of_a_request

_CHANGES_NOTHING = ("GET", "HEAD")


class RequestIdMiddleware:
    """Give every request a name, so that log, audit and response can be matched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self._get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class RememberingMiddleware:
    """What a request that changes nothing has asked the database once, it need not ask again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in _CHANGES_NOTHING:
            return self._get_response(request)
        with memory_of_a_request():
            return self._get_response(request)


class SecondLookMiddleware:
    """Answer a reading request once more when its connection to the database broke on the way.

    Whatever writes is never repeated: the commit may have happened before the connection went.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.method in _CHANGES_NOTHING and getattr(response, "lost_connection", False):
            connections.close_all()
            return self._get_response(request)
        return response
