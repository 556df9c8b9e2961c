"""Values that a JSON Schema allows."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from orket.testkit.values import examples, values

SCHEMAS: dict[str, dict[str, Any]] = {
    "texts": {"type": "string", "minLength": 2, "maxLength": 5},
    "patterns": {"type": "string", "pattern": "^a+b$"},
    "numbers": {"type": "number", "exclusiveMinimum": 0, "maximum": 3},
    "whole numbers": {"type": "integer", "minimum": 3, "exclusiveMaximum": 6},
    "lists": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1, "maxItems": 3},
    "tuples": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "null"}], "items": False},
    "objects": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"const": 4}},
        "required": ["a"],
        "additionalProperties": False,
    },
    "tables": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    "choices": {"anyOf": [{"type": "null"}, {"type": ["boolean", "string"]}]},
    "parts": {"allOf": [{"type": "integer"}, {"minimum": 7}]},
    "trees": {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"below": {"type": "array", "maxItems": 2, "items": {"$ref": "#/$defs/Node"}}},
                "additionalProperties": False,
            }
        },
    },
    "anything": {},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_each_value_fits_its_schema(schema: dict[str, Any]) -> None:
    drawn = examples(values(schema), 25, 0)

    assert drawn
    for value in drawn:
        assert not [*Draft202012Validator(schema).iter_errors(value)]  # pyright: ignore[reportUnknownMemberType]  # jsonschema's stubs


def test_the_same_number_gives_the_same_values() -> None:
    schema = SCHEMAS["tables"]

    assert examples(values(schema), 20, 7) == examples(values(schema), 20, 7)
    assert examples(values(schema), 20, 7) != examples(values(schema), 20, 8)


def test_words_that_mean_something_are_drawn_often() -> None:
    drawn = examples(values({"type": "array", "items": {"type": "string"}}, ["read_file"]), 50, 0)
    texts = [text for each in drawn for text in each]

    assert len(texts) / 5 < texts.count("read_file") < len(texts)
