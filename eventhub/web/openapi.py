"""The OpenAPI 3.1 document, made from the operations' declarations."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from eventhub.web.operations import Operation

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "conflicts": {"type": "array", "items": {"type": "object"}},
    },
}
_ALWAYS = {
    400: "Unreadable",
    401: "No or dead token",
    403: "The role does not allow this",
    404: "Not there, or not yours",
    413: "Too large",
    415: "Not JSON, or compressed",
    422: "Readable but wrong: `errors` names every wrong field",
}
_ROW_IDS = {"id", "n"}


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """Return the document of all operations."""
    refs, schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        template = re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})+\}", r"{\1}", each.path)
        paths.setdefault(template, {})[each.method.lower()] = _operation(
            each, template, refs, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "eventhub", "version": version},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas, "Problem": PROBLEM},
        },
    }


def _schemas(
    operations: Sequence[Operation],
) -> tuple[dict[tuple[type[BaseModel], str], Any], dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], str], None] = {}
    model: type[BaseModel] | None
    for each in operations:
        for model in (each.body, each.query):
            if model is not None:
                wanted[(model, "validation")] = None
        for model in each.answers.values():
            if model is not None:
                wanted[(model, "serialization")] = None
    by_model, definitions = models_json_schema(
        list(wanted),  # type: ignore[arg-type]
        ref_template="#/components/schemas/{model}",
    )
    return dict(by_model), definitions.get("$defs", {})  # type: ignore[arg-type]


def _operation(
    each: Operation,
    template: str,
    refs: dict[tuple[type[BaseModel], str], Any],
    schemas: dict[str, Any],
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": each.name.removeprefix("api."),
        "summary": each.summary,
        "tags": [each.name.split(".")[1]],
        "x-right": str(each.access),
        "parameters": _parameters(each, template, refs, schemas),
        "responses": _responses(each, refs),
    }
    if each.body is not None:
        content = {"application/json": {"schema": refs[(each.body, "validation")]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(
    each: Operation,
    template: str,
    refs: dict[tuple[type[BaseModel], str], Any],
    schemas: dict[str, Any],
) -> list[dict[str, Any]]:
    parameters = [_path_parameter(name, each.path) for name in re.findall(r"\{(\w+)\}", template)]
    if each.query is not None:
        schema = schemas[refs[(each.query, "validation")]["$ref"].rpartition("/")[2]]
        parameters += [
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", []),
                "schema": part,
            }
            for name, part in schema.get("properties", {}).items()
        ]
    if each.method in {"PATCH", "DELETE"}:
        parameters.append(
            {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
        )
    if each.may_be_conditional:
        parameters.append({"name": "If-Match", "in": "header", "schema": {"type": "string"}})
    if each.method == "POST":
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": {"type": "string", "maxLength": 255},
            }
        )
    return parameters


def _path_parameter(name: str, path: str) -> dict[str, Any]:
    number = re.search(rf"\{{{name}:\\d", path)
    schema = {"type": "integer", "minimum": 1} if number else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _responses(each: Operation, refs: dict[tuple[type[BaseModel], str], Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, model in each.answers.items():
        answers[str(status)] = {"description": "Done"}
        if model is not None:
            schema = refs[(model, "serialization")]
            answers[str(status)]["content"] = {"application/json": {"schema": schema}}
        elif status == 200 and each.gives:
            answers[str(status)]["content"] = {each.gives: {}}
    problems = dict(_ALWAYS)
    problems[409] = "What is asked for cannot be while things stand so: `conflicts` may say which"
    if each.may_be_conditional:
        problems[412] = "Changed since it was last read"
    if each.method in {"PATCH", "DELETE"}:
        problems |= {412: "Changed since it was last read", 428: "If-Match is missing"}
    for status, meaning in problems.items():
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers.setdefault(str(status), {"description": meaning, "content": content})
    return answers
