"""Examples for the API's document: one for each body and answer, made of the examples that its fields declare."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

_ID = str(uuid.UUID("3f6c1a9e-8f0e-4a50-9c3a-0d1f2b3c4d5e"))
_OF_FORMATS = {
    "uuid": _ID,
    "date": "2026-03-02",
    "date-time": "2026-03-02T12:00:00Z",
    "time": "15:00:00",
    "binary": "…",
}
_OF_TYPES: dict[str, Any] = {"string": "", "integer": 1, "number": 1.5, "boolean": True, "null": None}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value that fits a schema; `schemas` are those that it may refer to."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for said in ("const", "example"):
        if said in schema:
            return schema[said]
    for said in ("examples", "enum"):
        if schema.get(said):
            return schema[said][0]
    if schema.get("default") not in (None, "", [], {}):
        return schema["default"]
    for said in ("anyOf", "oneOf", "allOf"):
        if schema.get(said):
            return example_of(_likeliest(schema[said]), schemas)
    return _of_type(schema, schemas)


def _likeliest(schemas: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A value rather than none."""
    return next((each for each in schemas if each.get("type") != "null"), schemas[0])


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {name: example_of(each, schemas) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [example_of(schema.get("items", {}), schemas)]
    if "format" in schema:
        return _OF_FORMATS.get(schema["format"], "")
    if kind == "string" and schema.get("minLength"):
        return "…" * int(schema["minLength"])
    return _OF_TYPES.get(str(kind), "")
