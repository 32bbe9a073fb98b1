"""How the API says no: problem details (RFC 9457), with the same few words for whatever is not there or not to be seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A refusal in plain words. `kind` names it for programs, where the status does not say it all."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        kind: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind = status, detail, kind
        self.errors, self.headers, self.more = errors, headers or {}, more


def answer_problem(problem: Problem) -> HttpResponse:
    body: dict[str, Any] = {
        "type": f"urn:rapport:problem:{problem.kind}" if problem.kind else "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = [dict(each) for each in problem.errors]
    answer = HttpResponse(json.dumps(body | problem.more), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        answer[name] = value
    return answer


def form_errors(errors: Mapping[str, Any], *, within: str = "values") -> list[dict[str, str]]:
    """What a form of ours objected to, by the name of the value."""
    return [
        {"name": within if name == "__all__" else f"{within}.{name}", "message": str(message)}
        for name, messages in errors.items()
        for message in messages
    ]
