"""The check that the arguments of each call pass, and what a model is told of those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel
from typing_extensions import TypedDict

from orket.core import CallContext, Tool, ToolRuntimeExecutor, tool


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Point(BaseModel):
    x: int
    y: int = 0


class Span(TypedDict):
    start: int


def nothing() -> None: ...
def plain(path: str, limit: int) -> None: ...
def optional(path: str, limit: int = 10) -> None: ...
def anything(value: object) -> None: ...
def in_context(path: str, ctx: CallContext) -> None: ...


def test_arguments_arrive_as_the_function_wants_them() -> None:
    def draw(point: Point, colour: Colour, span: Span) -> None: ...

    given = {"point": {"x": 1}, "colour": "red", "span": {"start": 2}}
    assert tool(draw).arguments.validate(given) == {
        "point": Point(x=1),
        "colour": Colour.RED,
        "span": {"start": 2},
    }


def test_defaults_are_the_functions_own() -> None:
    assert tool(optional).arguments.validate({"path": "a"}) == {"path": "a"}


async def explained(made: Tool, arguments: str | Mapping[str, object]) -> str:
    result = await ToolRuntimeExecutor().invoke(made, arguments)
    assert result.status == "invalid-arguments"
    return result.error


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"limit": 1}, "path: Field required"),
        (
            {"path": "a", "limit": "many"},
            "limit: Input should be a valid integer, unable to parse string as an integer",
        ),
        ({"path": 1, "limit": 1}, "path: Input should be a valid string"),
        ({"path": "a", "limit": 1, "pth": "b"}, "pth: no such argument; did you mean 'path'?"),
        ({"path": "a", "limit": 1, "zzz": 0}, "zzz: no such argument; known are path, limit"),
        ({"limit": 1, "pathh": "b"}, "path: Field required; pathh: no such argument; did you mean 'path'?"),
        ("", "path: Field required; limit: Field required"),
        (
            "{",
            "the arguments are not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        ("[1]", "the arguments must be a JSON object, not '[1]'"),
        ('"path"', "the arguments must be a JSON object, not '\"path\"'"),
        ('{"path": "a", "limit": NaN}', "NaN is no JSON number"),
        ('{"path": "a", "limit": -Infinity}', "-Infinity is no JSON number"),
        (["a", 1], "Input should be a valid dictionary"),
        (None, "Input should be a valid dictionary"),
    ],
    ids=range(14),
)
async def test_what_is_wrong_with_arguments_is_told_one_by_one(arguments: Any, error: str) -> None:
    assert await explained(tool(plain), arguments) == error


async def test_what_is_wrong_inside_an_argument_is_told_with_its_place() -> None:
    def draw(points: list[Point]) -> None: ...

    assert await explained(tool(draw), {"points": [{"x": 1}, {"y": 2}]}) == "points.1.x: Field required"


async def test_a_tool_without_arguments_says_so() -> None:
    assert await explained(tool(nothing), {"a": 1}) == "a: no such argument; known are none"


async def test_arguments_nested_too_deep_are_refused() -> None:
    error = await explained(tool(anything), '{"value": ' + "[" * 100_000)

    assert error.startswith("RecursionError: maximum recursion depth exceeded")


async def test_the_context_cannot_be_given_by_a_model() -> None:
    error = await explained(tool(in_context), {"path": "a", "ctx": {"roles": ["admin"]}})

    assert error == "ctx: no such argument; known are path"


async def test_a_context_among_collected_arguments_is_replaced_by_the_true_one() -> None:
    def roles(ctx: CallContext, **more: object) -> list[str]:
        return list(ctx.roles)

    result = await ToolRuntimeExecutor().invoke(
        tool(roles), {"ctx": {"roles": ["admin"]}}, CallContext(roles=("guest",))
    )
    assert result.value == ["guest"]
