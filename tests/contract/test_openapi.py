"""The OpenAPI document: complete, and as it was when somebody last looked at it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.openapi import TAGS, operations
from api.settings import Settings

SNAPSHOT = Path(__file__).with_name("openapi.json")
UPDATE = "WANGGE_UPDATE_SNAPSHOTS=1 ./wangge test tests/contract/test_openapi.py"

_APP = create_app(Settings(database_url="postgresql+psycopg2:///none"))
DOCUMENT: dict[str, Any] = _APP.openapi()
OPERATIONS = {
    f"{method} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def test_the_document_is_as_it_was():
    text = json.dumps(DOCUMENT, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("WANGGE_UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8"), f"is this meant? then: {UPDATE}"


def test_operation_ids_are_unique_and_chosen():
    ids = [route.operation_id for route in operations(_APP)]
    assert None not in ids
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_each_operation_is_told_in_full(name):
    operation = OPERATIONS[name]
    assert set(operation["tags"]) <= {tag["name"] for tag in TAGS}
    assert operation["security"]
    assert operation["description"]
    chinese, separator, english = operation["summary"].partition(" · ")
    assert separator
    assert any("一" <= sign <= "鿿" for sign in chinese)
    assert english.isascii()
    success = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    assert success
    problems = [answer for status, answer in operation["responses"].items() if status.startswith(("4", "5"))]
    assert all(list(answer["content"]) == ["application/problem+json"] for answer in problems)


@pytest.mark.parametrize("name", [name for name in sorted(OPERATIONS) if "requestBody" in OPERATIONS[name]])
def test_each_request_has_an_example(name):
    for media_type, content in OPERATIONS[name]["requestBody"]["content"].items():
        assert has_example(content), f"{name}: {media_type}"


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_each_answer_has_an_example(name):
    for status, answer in OPERATIONS[name]["responses"].items():
        contents = answer.get("content", {}) if status.startswith("2") else {}
        for media_type, content in contents.items():
            is_file = content == {}
            assert is_file or has_example(content), f"{name} {status}: {media_type}"


def has_example(node: Any) -> bool:
    """Whether an example stands with the content, its schema, or the parts that make it up."""
    if "example" in node or "examples" in node or "const" in node or "enum" in node:
        return True
    if "$ref" in node:
        return has_example(DOCUMENT["components"]["schemas"][node["$ref"].rpartition("/")[2]])
    parts = [node[key] for key in ("schema", "items") if key in node]
    parts += [part for key in ("anyOf", "oneOf", "allOf") for part in node.get(key, ())]
    parts += node.get("properties", {}).values()
    return any(has_example(part) for part in parts)
