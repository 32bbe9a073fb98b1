"""The API under /api/v1: every room's operations behind one door, and the document that describes them."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser

from rapport.accounts.access import public
from rapport.accounts.api import Bearer, answer_error, program_only
from rapport.accounts.api_once import HEADER, LONGEST_KEY
from rapport.accounts.api_problems import MEDIA_TYPE
from rapport.core.rooms import contributions

PREFIX = "api/v1/"
_CONVERTER = re.compile(r"\{\w+:")
_DESCRIPTION = """Everything here acts for the person who made the token: it sees what she sees, and may what she may as far
as it was lent to it. What belongs to others is answered like what does not exist."""
_PROBLEM = {
    "type": "object",
    "description": "Why it was refused (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "`about:blank`, or `urn:rapport:problem:` and a name."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "message"],
                "properties": {"name": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_REFUSED = {
    "description": "Refused.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_ONCE = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "Sent again within 24 hours with the same request, it has no second effect and the same answer.",
}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag that was read: 412 where somebody else has changed the record since, 428 without it.",
}


class RapportAPI(NinjaAPI):
    """Operations are called by the names of their functions."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_operation_url_name(self, operation: Operation, router: Router) -> str:
        return f"api_{operation.view_func.__name__}"


class BodyParser(Parser):
    """JSON whose texts are texts: half a surrogate pair is a string to Python and to nobody else."""

    def parse_body(self, request: HttpRequest) -> Any:
        found = super().parse_body(request)
        if b"\\ud" in request.body.lower():
            json.dumps(found, ensure_ascii=False).encode()
        return found


def _build() -> RapportAPI:
    api = RapportAPI(
        title="Rapport", version="1", description=_DESCRIPTION, parser=BodyParser(), openapi_url=None, docs_url=None
    )
    for router in contributions("api", "ROUTERS", Router):
        api.add_router("", router)
    api.add_router("", _last)
    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, cast(Any, answer_error))
    return api


_last = Router()


@_last.api_operation(
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], "/{path:rest}", auth=Bearer(), include_in_schema=False
)
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Whatever is no path of the API is answered like a record that does not exist."""
    raise Http404


api = _build()


def operations() -> list[tuple[str, Operation]]:
    """Every operation with its path as the document writes it."""
    return [
        ("/" + PREFIX + _CONVERTER.sub("{", route.lstrip("/")), operation)
        for router in api._get_bound_routers()
        for route, view in router.path_operations.items()
        for operation in view.operations
        if operation.include_in_schema
    ]


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document: what the operations declare, and what the door adds to each."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
    found["components"]["schemas"]["Problem"] = _PROBLEM
    found.pop("servers", None)
    for methods in found["paths"].values():
        for method, operation in methods.items():
            operation["responses"] = {str(status): said for status, said in operation["responses"].items()}
            operation["responses"]["default"] = _REFUSED
            if method == "post":
                operation["parameters"].append(_ONCE)
            if method == "patch":
                operation["parameters"].append(_IF_MATCH)
    for route, declared in operations():
        right = getattr(declared.auth_callbacks[0], "right", None)
        if right is not None:
            for method in declared.methods:
                found["paths"][route][method.lower()]["x-right"] = right.name
    return found


@public
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Says nothing of the business, so whoever writes a program may read it."""
    return JsonResponse(document())


def patterns() -> list[URLPattern]:
    """The URLs below the prefix."""
    found = [path("openapi.json", openapi, name="openapi")]
    for each in api.urls[0]:
        if isinstance(each, URLPattern) and each.name != "api-root":
            found.append(URLPattern(each.pattern, program_only(each.callback), name=each.name))
    return found
