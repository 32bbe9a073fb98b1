"""The document of the API is valid and names every operation with all that a client must know."""

from __future__ import annotations

import json

from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from rapport.config.api import operations


def fetched():
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def test_the_document_is_valid_openapi_3_1():
    found = fetched()

    assert found["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(found).iter_errors()) == []


def test_the_document_names_every_operation_and_nothing_else():
    named = {
        (path, method, operation["operationId"])
        for path, methods in fetched()["paths"].items()
        for method, operation in methods.items()
    }

    assert named == {
        (path, method.lower(), operation.view_func.__name__)
        for path, operation in operations()
        for method in operation.methods
    }
    assert len(named) >= 11


def test_every_operation_says_what_it_needs_and_how_it_refuses():
    for path, methods in fetched()["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            assert operation["security"] == [{"Bearer": []}]
            assert "x-right" in operation or path == "/api/v1/me"
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
            assert headers == {"post": {"Idempotency-Key"}, "patch": {"If-Match"}}.get(method, set())


def test_the_document_says_nothing_of_the_business(business, ada):
    assert "Tiny" not in json.dumps(fetched())
