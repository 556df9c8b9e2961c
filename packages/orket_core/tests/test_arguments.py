"""The arguments of a tool: the schema a model sees, and the check that each call passes."""

from __future__ import annotations

import functools
import json
import math
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from orket.core import CallContext, tool

STRING = {"type": "string"}


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Point(BaseModel):
    x: int
    y: int = 0


@dataclass
class Box:
    width: float


class Span(TypedDict):
    start: int


def without_hints(function: Callable[..., object]) -> Callable[..., object]:
    """The function as somebody would have written it who writes no hints."""
    function.__annotations__.clear()
    return function


def shape(properties: Mapping[str, object], *required: str) -> dict[str, object]:
    """The schema of an object that allows no other properties."""
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **needed}


def nothing() -> None: ...
def plain(path: str, limit: int) -> None: ...
def optional(path: str, limit: int = 10, deep: bool = False, label: str | None = None) -> None: ...
def keyword_only(*, path: str) -> None: ...
def listed(paths: list[str], sizes: dict[str, int]) -> None: ...
def chosen(order: Literal["up", "down"], colour: Colour) -> None: ...
def bounded(count: Annotated[int, Field(ge=1, le=9)]) -> None: ...
def anything(value: object, other: Any) -> None: ...
def named(schema: str, json: int, self: bool, model_config: str, validate: str, ctx: str) -> None: ...
def in_context(path: str, ctx: CallContext) -> None: ...
def in_other_word(path: str, call: CallContext) -> None: ...
def mutable(tags: list[str] = []) -> None: ...  # noqa: B006 - a default that JSON does not show
@without_hints
def unannotated(path: str, limit: int = 3) -> None: ...
@without_hints
def unhinted_context(path: str, ctx: object) -> None: ...
def endless(seconds: float = math.inf) -> None: ...


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (nothing, shape({})),
        (plain, shape({"path": STRING, "limit": {"type": "integer"}}, "path", "limit")),
        (
            optional,
            shape(
                {
                    "path": STRING,
                    "limit": {"type": "integer", "default": 10},
                    "deep": {"type": "boolean", "default": False},
                    "label": {"anyOf": [STRING, {"type": "null"}], "default": None},
                },
                "path",
            ),
        ),
        (keyword_only, shape({"path": STRING}, "path")),
        (
            listed,
            shape(
                {
                    "paths": {"type": "array", "items": STRING},
                    "sizes": {"type": "object", "additionalProperties": {"type": "integer"}},
                },
                "paths",
                "sizes",
            ),
        ),
        (bounded, shape({"count": {"type": "integer", "minimum": 1, "maximum": 9}}, "count")),
        (unannotated, shape({"path": {}, "limit": {"default": 3}}, "path")),
        (anything, shape({"value": {}, "other": {}}, "value", "other")),
        (
            named,
            shape(
                {
                    "schema": STRING,
                    "json": {"type": "integer"},
                    "self": {"type": "boolean"},
                    "model_config": STRING,
                    "validate": STRING,
                    "ctx": STRING,
                },
                "schema",
                "json",
                "self",
                "model_config",
                "validate",
                "ctx",
            ),
        ),
        (in_context, shape({"path": STRING}, "path")),
        (in_other_word, shape({"path": STRING}, "path")),
        (unhinted_context, shape({"path": {}}, "path")),
        (mutable, shape({"tags": {"type": "array", "items": STRING}})),
        (endless, shape({"seconds": {"type": "number"}})),
        (
            functools.partial(plain, limit=3),
            shape({"path": STRING, "limit": {"type": "integer", "default": 3}}, "path"),
        ),
    ],
)
def test_the_schema_is_what_the_signature_says(
    function: Callable[..., object], expected: Mapping[str, object]
) -> None:
    assert tool(name="t")(function).schema == expected


def test_a_choice_is_an_enumeration() -> None:
    schema: Any = tool(chosen).schema

    assert schema["properties"]["order"] == {"type": "string", "enum": ["up", "down"]}
    assert schema["$defs"]["Colour"]["enum"] == ["red", "blue"]


def test_models_dataclasses_and_typed_dictionaries_are_objects() -> None:
    def draw(point: Point, box: Box, span: Span) -> None: ...

    schema: Any = tool(draw).schema
    assert {name: part["required"] for name, part in schema["$defs"].items()} == {
        "Point": ["x"],
        "Box": ["width"],
        "Span": ["start"],
    }


@pytest.mark.parametrize("function", [nothing, plain, optional, listed, chosen, bounded, named])
def test_every_schema_is_json_schema_2020_12(function: Callable[..., object]) -> None:
    schema = tool(function).schema

    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_a_tool_that_collects_further_arguments_allows_them() -> None:
    def record(kind: str, **fields: object) -> None: ...

    made = tool(record)
    assert made.schema["additionalProperties"] is True
    assert made.arguments.validate({"kind": "a", "size": 3}) == {"kind": "a", "size": 3}


@pytest.mark.parametrize(
    "docstring",
    [
        """Write text.

        Twice.

        Args:
            path: where.
            content: what.
        """,
        """Write text.

        Twice.

        Parameters
        ----------
        path : str
            where.
        content : str
            what.
        """,
        """Write text.

        Twice.

        :param path: where.
        :param content: what.
        """,
    ],
    ids=["google", "numpy", "sphinx"],
)
def test_the_docstring_describes_the_tool_and_each_argument(docstring: str) -> None:
    def write(path: str, content: str) -> None: ...

    write.__doc__ = docstring
    made = tool(write)

    assert made.description == "Write text.\n\nTwice."
    assert made.schema["properties"] == {
        "path": {"type": "string", "description": "where."},
        "content": {"type": "string", "description": "what."},
    }


def test_what_a_hint_says_of_its_argument_stands_where_the_docstring_says_nothing() -> None:
    def move(
        far: Annotated[int, Field(description="in the hint")],
        fast: Annotated[int, Field(description="in the hint")],
        back: Annotated[bool, Field(description="in the hint")] = False,
    ) -> None:
        """Move.

        Args:
            fast: in the docstring.
        """

    assert tool(move).schema["properties"] == {
        "far": {"type": "integer", "description": "in the hint"},
        "fast": {"type": "integer", "description": "in the docstring."},
        "back": {"type": "boolean", "description": "in the hint", "default": False},
    }


def test_without_a_docstring_the_description_is_empty() -> None:
    assert tool(plain).description == ""


def test_a_wrapped_function_shows_what_it_wraps() -> None:
    @functools.wraps(optional)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        optional(*args, **kwargs)

    assert tool(wrapper).schema == tool(optional).schema


def test_a_callable_object_and_a_method_show_no_self() -> None:
    class Shelf:
        def __call__(self, book: str) -> None: ...
        def lend(self, book: str) -> None: ...

    assert tool(Shelf()).schema == tool(Shelf().lend).schema == shape({"book": STRING}, "book")


def test_making_a_tool_imports_neither_pydantic_nor_jsonschema_nor_griffe() -> None:
    code = (
        "import sys; from orket.core import tool, Tool\n"
        "@tool\n"
        "def read(path: str) -> str:\n"
        "    '''Read.'''\n"
        "Tool.from_json_schema(read.function, {}, name='b', description='')\n"
        "print(sorted({'pydantic', 'jsonschema', 'griffe'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
