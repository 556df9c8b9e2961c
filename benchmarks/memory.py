"""What a runtime with many tools holds in memory, and whether calls add to it.

Nothing is timed here: a contender gives the bytes that Python has allocated for what it made.
"""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.harness import Row
from benchmarks.samples import ARGUMENTS, fresh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orket.core.tools import Tool
    from orket.core.toolset import Toolset

TOOLS = 1000
CALLS = 32_500
"""Calls in a round; a million in 31 rounds."""


def _functions(_: Path) -> Callable[[], object]:
    """The functions that the tools are made of, which the others hold too."""
    return lambda: _held(lambda: [fresh() for _ in range(TOOLS)])


def _orket(_: Path) -> Callable[[], object]:
    """A runtime as it comes, no schema made yet."""
    from orket.core.runtime import Runtime

    Runtime([fresh()]).close()
    return lambda: _held(lambda: Runtime(_tools()))


def _orket_used(_: Path) -> Callable[[], object]:
    """The same after every tool was shown to a model and may be called."""
    from orket.core.runtime import Runtime

    def make() -> Runtime:
        runtime = Runtime(_tools())
        _use(runtime.toolset)
        return runtime

    make()
    return lambda: _held(make)


def _orket_calls(_: Path) -> Callable[[], object]:
    """What ever more calls of one runtime add, by default: deadline, places, journal."""
    from orket.core.runtime import Runtime

    turn = Runtime(_tools()).turn(session_id="one")
    loop = asyncio.new_event_loop()

    async def call(times: int) -> None:
        for number in range(times):
            await turn.call({"id": str(number), "name": f"tool_{number % TOOLS}", "arguments": ARGUMENTS})

    tracemalloc.start()
    loop.run_until_complete(call(CALLS))  # every validator is made, and the journal is full

    def work() -> int:
        before = _allocated()
        loop.run_until_complete(call(CALLS))
        return _allocated() - before

    return work


def _pydantic_ai(_: Path) -> Callable[[], object]:
    """A toolset of as many tools, whose schemas are made at once."""
    make_tool = import_module("pydantic_ai.tools").Tool
    make_toolset = import_module("pydantic_ai.toolsets").FunctionToolset

    def make() -> object:
        return make_toolset([make_tool(fresh(), name=f"tool_{number}") for number in range(TOOLS)])

    make()
    return lambda: _held(make)


def _tools() -> Iterator[Tool]:
    from orket.core.tools import tool

    return (tool(name=f"tool_{number}")(fresh()) for number in range(TOOLS))


def _use(toolset: Toolset) -> None:
    for one in toolset:
        _ = one.schema, one.arguments.validate


def _held(make: Callable[[], object]) -> int:
    tracemalloc.start()
    made = make()
    held = _allocated()
    tracemalloc.stop()
    del made
    return held


def _allocated() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


ROWS = (
    Row(
        name="memory",
        title=f"hold {TOOLS:,} tools in memory",
        contenders={
            "functions": _functions,
            "orket, not used yet": _orket,
            "orket, each shown and callable": _orket_used,
            "pydantic-ai": _pydantic_ai,
            f"orket, grown in {CALLS:,} more calls": _orket_calls,
        },
        unit="B",
    ),
)
