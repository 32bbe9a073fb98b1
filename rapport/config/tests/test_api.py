"""The document of the API is valid and names every operation with all that a client must know."""

from __future__ import annotations

import json

from django.test import Client
from jsonschema import Draft202012Validator
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
    assert len(named) >= 70


def test_every_operation_says_what_it_needs_and_how_it_refuses():
    for path, methods in fetched()["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], path
            assert operation["summary"]
            assert operation["security"] == [{"Bearer": []}]
            refusals = {status for status in operation["responses"] if status >= "400"}
            assert refusals >= {"400", "401", "403", "404", "422", "429", "500", "503"}
            assert ("412" in refusals) == ("428" in refusals) == (method == "patch")
            for status in refusals:
                (said,) = operation["responses"][status]["content"].values()
                assert said["example"]["status"] == int(status)
            headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
            assert headers == {"post": {"Idempotency-Key"}, "patch": {"If-Match"}}.get(method, set())


def test_every_body_and_every_answer_has_an_example():
    found = fetched()
    for methods in found["paths"].values():
        for operation in methods.values():
            answers = [operation["responses"][each] for each in ("200", "201") if each in operation["responses"]]
            for said in (operation.get("requestBody", {}), *answers):
                for content in said.get("content", {}).values():
                    schema = {**content["schema"], "components": found["components"]}
                    errors = list(Draft202012Validator(schema).iter_errors(content["example"]))
                    assert errors == [], operation["operationId"]


def test_the_document_says_nothing_of_the_business(business, ada):
    assert "Tiny" not in json.dumps(fetched())
