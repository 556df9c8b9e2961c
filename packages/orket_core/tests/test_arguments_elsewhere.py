"""A schema that comes from elsewhere is shown as it is, and every call is checked against it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from orket.core import ConfigError, Tool, ToolRuntimeExecutor

STRING = {"type": "string"}
ELSEWHERE: dict[str, object] = {
    "type": "object",
    "properties": {"city": STRING, "days": {"type": "integer", "minimum": 1}},
    "required": ["city"],
    "additionalProperties": False,
}


def weather(**arguments: object) -> None: ...


def from_elsewhere(schema: Mapping[str, object]) -> Tool:
    return Tool.from_json_schema(weather, schema, name="weather", description="Tell the weather.")


async def explained(made: Tool, arguments: str | Mapping[str, object]) -> str:
    result = await ToolRuntimeExecutor().invoke(made, arguments)
    assert result.status == "invalid-arguments"
    return result.error


def test_a_schema_from_elsewhere_is_shown_as_it_is() -> None:
    assert from_elsewhere(ELSEWHERE).schema == ELSEWHERE
    assert from_elsewhere({}).schema == {"type": "object"}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "'city' is a required property"),
        ({"city": 3}, "city: 3 is not of type 'string'"),
        ({"city": "Oslo", "days": 0}, "days: 0 is less than the minimum of 1"),
        ({"city": 3, "days": 0}, "city: 3 is not of type 'string'; days: 0 is less than the minimum of 1"),
        (
            {"city": "Oslo", "town": "Oslo"},
            "Additional properties are not allowed ('town' was unexpected)",
        ),
        (["Oslo"], "the arguments must be an object"),
    ],
    ids=range(6),
)
async def test_arguments_are_checked_against_a_schema_from_elsewhere(arguments: Any, error: str) -> None:
    assert await explained(from_elsewhere(ELSEWHERE), arguments) == error


def test_any_mapping_can_hold_arguments() -> None:
    given = MappingProxyType({"city": "Oslo"})

    assert from_elsewhere(ELSEWHERE).arguments.validate(given) == {"city": "Oslo"}


async def test_what_is_no_schema_is_an_error_of_the_tool() -> None:
    made = from_elsewhere({"properties": {"city": {"type": "text"}}})

    with pytest.raises(ConfigError) as caught:
        made.arguments.validate({})
    assert str(caught.value) == (
        "error: invalid-config\n"
        "  This is no JSON Schema 2020-12: 'text' is not valid under any of the given schemas.\n"
        "  looked in: properties/city/type\n"
        "  hint:      give the schema of an object, for example {'type': 'object', 'properties': {…}}"
    )
    assert (await ToolRuntimeExecutor().invoke(made, {})).status == "failed"


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_a_schema_that_refers_elsewhere_is_an_error_and_nothing_is_fetched(keyword: str) -> None:
    made = from_elsewhere({"properties": {"city": {"anyOf": [{keyword: "http://127.0.0.1:9/city.json"}]}}})

    with pytest.raises(ConfigError) as caught:
        made.arguments.validate({"city": "Oslo"})
    assert str(caught.value) == (
        "error: invalid-config\n"
        "  A JSON Schema of arguments refers to 'http://127.0.0.1:9/city.json', which is not in it.\n"
        "  hint:      put what it refers to under '$defs', so that no call has to fetch it"
    )


async def test_a_schema_may_refer_to_its_own_definitions() -> None:
    made = from_elsewhere({"properties": {"city": {"$ref": "#/$defs/name"}}, "$defs": {"name": STRING}})

    assert await explained(made, {"city": 3}) == "city: 3 is not of type 'string'"
