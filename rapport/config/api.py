"""The API under /api/v1: every room's operations behind one door, and the document that describes them."""

from __future__ import annotations

import json
import re
from functools import cache
from http import HTTPStatus
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
from rapport.config.api_examples import example_of
from rapport.core.bodies import USUAL_BODY, largest_body, takes_body
from rapport.core.rooms import contributions

PREFIX = "api/v1/"
_WITH_ETAG = (
    "RecordShown", "TaskShown", "CommentShown", "ContactPointShown", "RelationshipShown", "SegmentShown", "ViewShown",
    "WebhookShown",
)  # fmt: skip
_ASKED_MOST = "customers"
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


_LIMITS = {
    "RateLimit-Policy": {
        "description": "How many rows the token may fetch in how many seconds.",
        "schema": {"type": "string"}, "example": '"rows";q=100000;w=3600',
    },
    "RateLimit": {
        "description": "How many rows are left, and for how many seconds.",
        "schema": {"type": "string"}, "example": '"rows";r=99950;t=1800',
    },
}  # fmt: skip
_ETAG = {"ETag": {"description": "The version of the record, for If-Match.", "schema": {"type": "string"}}}
_AGAIN = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
_REFUSALS = {
    400: ("The request, or a name in it, is not known.", "There is no parameter of this name."),
    401: ("No token, or one that does not work (any more).", "Send a token that works as “Authorization: Bearer …”."),
    403: ("The right was not lent to the token, or its owner has not got it.", "This needs the right customers.edit."),
    404: ("Not there, or not to be seen: the two are the same.", ""),
    405: ("Not with this method; Allow says with which.", ""),
    409: ("It cannot be done as things are now; `detail` says why.", "Somebody like this is known already."),
    412: ("Somebody else has changed it since it was read.", "Somebody else changed this since you read it."),
    413: ("It is too large.", ""),
    422: ("Values do not fit; `errors` says which.", "Some values cannot be taken."),
    428: ("If-Match is missing.", "Send the ETag that you read as If-Match."),
    429: ("The token has fetched as many rows as it may in an hour.", "This token has fetched as many rows as it may."),
    500: ("A fault of Rapport; it has been logged.", "This is a fault of Rapport, and it has been logged."),
    503: ("Busy, or the database is away.", ""),
    507: ("The disk is full.", ""),
}


def _url_name(operation: Operation) -> str:
    return f"api_{operation.view_func.__name__}"


class RapportAPI(NinjaAPI):
    """Operations are called by the names of their functions."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_operation_url_name(self, operation: Operation, router: Router) -> str:
        return _url_name(operation)


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
            for parameter in operation["parameters"]:
                _tell_example(parameter)
            _show_examples(operation, found["components"]["schemas"])
            operation["responses"] = _responses(method, operation)
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


def _tell_example(parameter: dict[str, Any]) -> None:
    """Of a parameter OpenAPI takes one example, or names for several; of a schema a list."""
    examples = parameter.pop("examples", None)
    if examples:
        parameter["example"] = examples[0]


def _show_examples(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    for said in (operation.get("requestBody", {}), *operation["responses"].values()):
        for content in said.get("content", {}).values():
            if "default" in content["schema"]:  # that it may be left out says `required` already
                (content["schema"],) = content["schema"]["allOf"]
            content.setdefault("example", example_of(content["schema"], schemas))


def _responses(method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """What it answers with when all is well, and every refusal that the operation or the door may answer with."""
    found = {str(status): dict(said) for status, said in operation["responses"].items()}
    for said in found.values():
        said["headers"] = _LIMITS | (_ETAG if _has_version(said) else {})
    refusals = {400, 401, 403, 404, 422, 429, 500, 503}
    refusals |= {"get": {409}, "patch": {409, 412, 413, 428, 507}}.get(method, {409, 413, 507})
    for status in sorted(refusals):
        meaning, detail = _REFUSALS[status]
        example = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
        found[str(status)] = {
            "description": meaning,
            "headers": (_AGAIN if status in (429, 503, 507) else {}),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": example | ({"detail": detail} if detail else {}),
                }
            },
        }
    return found


def _has_version(said: dict[str, Any]) -> bool:
    schemas = [each.get("schema", {}).get("$ref", "") for each in said.get("content", {}).values()]
    return any(name.rpartition("/")[2] in _WITH_ETAG for name in schemas)


@public
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Says nothing of the business, so whoever writes a program may read it."""
    return JsonResponse(document())


def patterns() -> list[URLPattern]:
    """The URLs below the prefix."""
    found = [path("openapi.json", openapi, name="openapi")]
    known, sizes = _parameters(), _sizes()
    for each in api.urls[0]:
        if isinstance(each, URLPattern) and each.name != "api-root":
            view = program_only(each.callback, parameters=known.get(each.name or ""))
            if each.name in sizes:
                view = takes_body(at_most=sizes[each.name])(view)
            found.append(URLPattern(each.pattern, view, name=each.name))
    found.sort(key=lambda each: not str(each.pattern).startswith(_ASKED_MOST))  # what is asked most is found first
    return found


def _parameters() -> dict[str, dict[str, set[str]]]:
    """By the name of a URL: what may be asked there beside the path, by method."""
    found: dict[str, dict[str, set[str]]] = {}
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            asked = {
                method: {name for model in operation.models for name in _names(model)}
                for operation in view.operations
                if operation.include_in_schema
                for method in operation.methods
            }
            found |= {_url_name(operation): asked for operation in view.operations}
    return found


def _names(model: Any) -> set[str]:
    if model.__ninja_param_source__ != "query":
        return set()
    return set(getattr(model, "__ninja_flatten_map__", None) or model.model_fields)


def _sizes() -> dict[str, int]:
    """The URLs that take more than a usual body, by name; each operation of one says how much."""
    found: dict[str, int] = {}
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            declared = [largest_body(operation.view_func) for operation in view.operations]
            if max(declared, default=0) > USUAL_BODY:
                found |= {_url_name(each): max(declared) for each in view.operations}
    return found
