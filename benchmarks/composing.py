"""Make the offer of a turn: the tools that may only read, out of 20."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from benchmarks.harness import Row, Target
from benchmarks.samples import CALLS, fresh, in_a_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from orket.core.calls import TurnContext
    from orket.core.hookspecs import ToolStrategy
    from orket.core.toolset import Toolset

NAMES = {f"tool_{number}": {"read"} if number % 2 else {"read", "write"} for number in range(20)}


def _loop(_: Path) -> Callable[[], object]:
    """A filtering loop over a dictionary, with nothing checked and nothing to say about what is absent."""
    allowed = {"read"}

    def work() -> dict[str, set[str]]:
        return {name: effects for name, effects in NAMES.items() if effects <= allowed}

    return work


class _Filters:
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.where(lambda tool: tool.read_only, why="it may do more than read")


class _Narrows:
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset.map(lambda tool: tool.with_(timeout=10))


def _filters(_: Path) -> Callable[[], object]:
    """The closed and never-widens laws checked on what a strategy left in."""
    return _composing(_Filters())


def _narrows(_: Path) -> Callable[[], object]:
    """The same where the strategy changes each tool, so that each has to be compared."""
    return _composing(_Narrows())


def _composing(strategy: ToolStrategy) -> Callable[[], object]:
    from orket.core.calls import TurnContext
    from orket.core.composing import compose
    from orket.core.limits import Limits
    from orket.core.tools import tool
    from orket.core.toolset import Toolset

    toolset = Toolset(tool(name=name, effects=effects)(fresh()) for name, effects in NAMES.items())
    context, limits = TurnContext(), Limits()
    return lambda: compose(strategy, toolset, context, node="strategy", provides=(), limits=limits)


class _Definition(Protocol):
    metadata: Mapping[str, bool]


def _pydantic_ai(_: Path) -> Callable[[], object]:
    """``get_tools`` of a filtered toolset, without any check of the result."""
    tools = import_module("pydantic_ai.tools")
    toolsets = import_module("pydantic_ai.toolsets")
    from benchmarks.peers import pydantic_ai_context

    context = pydantic_ai_context()
    every = [
        tools.Tool(fresh(), name=name, metadata={"write": "write" in effects})
        for name, effects in NAMES.items()
    ]

    def only_reads(_: object, definition: _Definition) -> bool:
        return not definition.metadata["write"]

    filtered = toolsets.FunctionToolset(every, max_retries=1).filtered(only_reads)

    async def work() -> None:
        for _ in range(CALLS):
            await filtered.get_tools(context)

    return in_a_loop(work)


def _many(make: Callable[[Path], Callable[[], object]]) -> Callable[[Path], Callable[[], object]]:
    def contender(folder: Path) -> Callable[[], object]:
        once = make(folder)

        def work() -> None:
            for _ in range(CALLS):
                once()

        return work

    return contender


ROWS = (
    Row(
        name="compose",
        title=f"compose an offer out of {len(NAMES)} tools",
        contenders={
            "filtering loop": _many(_loop),
            "orket, filtering": _many(_filters),
            "orket, changing each": _many(_narrows),
            "pydantic-ai, filtering": _pydantic_ai,
        },
        targets=(Target("orket, filtering", over="filtering loop", limit=8),),
        inner=CALLS,
    ),
)
