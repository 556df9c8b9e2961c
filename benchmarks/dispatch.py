"""Reach the active node: what a turn pays for its strategy being exchangeable."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orket.core.calls import TurnContext
    from orket.core.toolset import Toolset

CALLS = 1000


class _Plain:
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return toolset


def _bound_method(_: Path) -> Callable[[], object]:
    from orket.core.calls import TurnContext
    from orket.core.toolset import Toolset

    toolset, context, compose = Toolset(), TurnContext(), _Plain().compose

    def work() -> None:
        for _ in range(CALLS):
            compose(toolset, context)

    return work


def _orket(_: Path) -> Callable[[], object]:
    """The active node, as a turn holds it."""
    from orket.core.calls import TurnContext
    from orket.core.families import TOOL_STRATEGY
    from orket.core.runtime import Runtime
    from orket.core.toolset import Toolset

    toolset, context, strategy = Toolset(), TurnContext(), Runtime().node(TOOL_STRATEGY)

    def work() -> None:
        for _ in range(CALLS):
            strategy.compose(toolset, context)

    return work


def _pluggy(_: Path) -> Callable[[], object]:
    """A hook call with one implementation."""
    pluggy = import_module("pluggy")
    from orket.core.calls import TurnContext
    from orket.core.defaults import Default
    from orket.core.hookspecs import ToolStrategy
    from orket.core.toolset import Toolset

    manager = pluggy.PluginManager("orket")
    manager.add_hookspecs(ToolStrategy)
    manager.register(Default())
    toolset, context, compose = Toolset(), TurnContext(), manager.hook.compose

    def work() -> None:
        for _ in range(CALLS):
            compose(toolset=toolset, context=context)

    return work


ROWS = (
    Row(
        name="dispatch",
        title="call the active node",
        contenders={"bound method": _bound_method, "orket": _orket, "pluggy hook": _pluggy},
        targets=(Target("orket", over="bound method", limit=1.5),),
        inner=CALLS,
    ),
)
