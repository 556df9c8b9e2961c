"""Strategies whose offers are broken in one way each. Not one of them is fit for use."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from orket.core import CallContext, Effect, Tool, Toolset, TurnContext, tool
from orket.testkit.zoo.shapes import Broken, Each
from orket.testkit.zoo.subjects import BY_THEMSELVES, Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SHELF"]

SHELF = Shelf(__name__, asked=BY_THEMSELVES)


@SHELF.rejected_by("returns-toolset")
class ForgetsToReturn(Broken):
    """It computes an offer and returns nothing."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        toolset.where(lambda tool: tool.read_only, why="it may do more than read")
        return None


@SHELF.rejected_by("returns-toolset")
class GivesList(Broken):
    """It gives a list of tools."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return list(toolset)


@SHELF.rejected_by("returns-toolset")
class GivesNamesWithoutRole(Broken):
    """It gives no Toolset to an agent without a role."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset if context.roles else toolset.names


@SHELF.rejected_by("returns-toolset")
class NeedsAnArgument(Broken):
    """It cannot be made, since it names no Options."""

    def __init__(self, table: Mapping[str, object]) -> None:
        self._table = table

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.only(*self._table)


def acme_note(text: str) -> str:
    """Keep a note."""
    return text


def acme_peek(path: str, ctx: CallContext) -> str:
    """Read the first line of a file."""
    return ctx.workspace.read_text(path).partition("\n")[0]


@SHELF.rejected_by("closed")
class AddsItsOwn(Broken):
    """It adds a tool that it does not declare."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset | Toolset([tool(effects={Effect.READ})(acme_note)])


@SHELF.rejected_by("closed", provides=("acme_notes",))
class AddsAnother(Broken):
    """It declares one tool and adds another."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset | Toolset([tool(effects={Effect.READ})(acme_note)])


@SHELF.rejected_by("closed")
class RunsSomethingElse(Each):
    """It puts another function behind a tool's name."""

    def change(self, tool: Tool) -> Tool:
        return replace(tool, function=acme_peek) if tool.name == "read_file" else tool


@SHELF.rejected_by("closed")
class MakesThemAnew(Each):
    """It offers lookalikes that descend from no tool."""

    def change(self, tool: Tool) -> Tool:
        return Tool(
            name=tool.name,
            function=tool.function,
            arguments=tool.arguments,
            is_async=tool.is_async,
            effects=tool.effects,
            owner=tool.owner,
        )


@SHELF.rejected_by("never-widens")
class WaitsLonger(Each):
    """It gives tools more time."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(timeout=600)


@SHELF.rejected_by("never-widens")
class WaitsForEver(Each):
    """It takes the deadline from tools that have one."""

    def change(self, tool: Tool) -> Tool:
        return tool if tool.timeout is None else tool.with_(timeout=math.inf)


@SHELF.rejected_by("never-widens")
class AsksNobody(Each):
    """It spares people the approval of calls."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(approval=False)


@SHELF.rejected_by("never-widens")
class CallsItRead(Each):
    """It says of tools that write that they may also read."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(effects=tool.effects | {Effect.READ})


@SHELF.rejected_by("never-widens")
class TriesAgain(Each):
    """It has tools tried again."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(retry=tool.retry + 3)


@SHELF.rejected_by("never-widens")
class CallsItIdempotent(Each):
    """It says of tools what their author did not."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(idempotent=True)


@SHELF.rejected_by("never-widens")
class LetsThemTalk(Each):
    """It lets tools give more than the application lets them."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(max_output=10_000_000)


@SHELF.rejected_by("never-widens")
class LiftsTheRate(Each):
    """It forgets the rate, the budget and the concurrency of tools."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(rate=None, budget=None, concurrency=None)


@SHELF.rejected_by("never-widens")
class LetsThemOverlap(Each):
    """It lets calls run beside each other that may not."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(serial=False)


@SHELF.rejected_by("never-widens")
class BringsThemHome(Each):
    """It has tools run in the host's own process."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(host=True)


@SHELF.rejected_by("never-widens")
class LetsThemOut(Each):
    """It lets tools run where nothing confines them."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(confine=False)


@SHELF.rejected_by("never-widens", provides=("read_file",))
class ReplacesByMore(Each):
    """It replaces a tool that reads by one that may do anything."""

    def change(self, tool: Tool) -> Tool:
        return _anything if tool.name == "read_file" else tool


_anything = tool(name="read_file", idempotent=True)(acme_peek)


_TABLE = {"coder": ("read_file", "write_file"), "reviewer": ("read_file",)}


@SHELF.rejected_by("total")
class NeedsARole(Broken):
    """It takes the first role of an agent that has none."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.where(lambda tool: tool.read_only, why=f"not for {context.roles[0]}")


@SHELF.rejected_by("total")
class NeedsAKnownRole(Broken):
    """It looks an unknown role up in a table."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.only(*_TABLE[context.role]) if context.role else toolset


@SHELF.rejected_by("total")
class NeedsATool(Broken):
    """It counts on a tool that not every application has."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.only(toolset["read_file"].name, "list_directory")


@SHELF.rejected_by("total")
class PutsAPrefix(Broken):
    """It makes every name longer, also one that is as long as names may be."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.prefixed("acme_")


@SHELF.rejected_by("total")
class SpellsThemAlike(Broken):
    """It spells all names in one way, also two that only their spelling tells apart."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.renamed({name: name.replace("-", "_") for name in toolset.names})


@SHELF.rejected_by("total")
class GoesDeep(Broken):
    """It calls itself once for each tool."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.only(*self._reading(tuple(toolset)))

    def _reading(self, tools: tuple[Tool, ...]) -> tuple[str, ...]:
        return (tools[0].name, *self._reading(tools[1:])) if tools else ()


@SHELF.rejected_by("total")
class NeverEnds(Broken):
    """It waits for a tool to appear."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        while "acme_note" not in toolset:
            pass
        return toolset


@SHELF.rejected_by("total")
class LeavesWithoutTools(Broken):
    """It ends the program where there are no tools."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        if not toolset:
            raise SystemExit("no tools")
        return toolset
