"""Make a tool of a function: its schema for the model, and the validator of its arguments."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target
from benchmarks.samples import fresh

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _pydantic(_: Path) -> Callable[[], object]:
    """A type adapter of the function and its schema, which leaves out what the docstring says of the arguments."""
    make_adapter = import_module("pydantic").TypeAdapter
    return lambda: make_adapter(fresh()).json_schema()


def _orket(_: Path) -> Callable[[], object]:
    """A tool that is shown to a model and called for the first time."""
    from orket.core.tools import tool

    def work() -> tuple[object, object]:
        made = tool(fresh())
        return made.schema, made.arguments.validate

    return work


def _orket_unused(_: Path) -> Callable[[], object]:
    """A tool that is neither shown nor called."""
    from orket.core.tools import tool

    return lambda: tool(fresh())


def _pydantic_ai(_: Path) -> Callable[[], object]:
    make_tool = import_module("pydantic_ai.tools").Tool
    return lambda: make_tool(fresh()).function_schema.json_schema


def _fastmcp(_: Path) -> Callable[[], object]:
    make_tool = import_module("fastmcp.tools").Tool.from_function
    return lambda: make_tool(fresh()).parameters


def _openai_agents(_: Path) -> Callable[[], object]:
    make_tool = import_module("agents").function_tool
    return lambda: make_tool(fresh()).params_json_schema


def _langchain(_: Path) -> Callable[[], object]:
    """Its schema is made on first use, as ours is."""
    make_tool = import_module("langchain_core.tools").StructuredTool.from_function

    def work() -> object:
        return make_tool(coroutine=fresh()).args_schema.model_json_schema()

    return work


ROWS = (
    Row(
        name="tool-making",
        title="make a tool: schema and validator",
        contenders={
            "pydantic TypeAdapter": _pydantic,
            "orket": _orket,
            "orket, not used yet": _orket_unused,
            "pydantic-ai": _pydantic_ai,
            "fastmcp": _fastmcp,
            "openai-agents": _openai_agents,
            "langchain-core": _langchain,
        },
        targets=(Target("orket", over="pydantic TypeAdapter", limit=1.3),),
    ),
)
