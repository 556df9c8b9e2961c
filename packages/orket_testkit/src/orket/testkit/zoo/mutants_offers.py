"""Strategies whose offers are broken in one way each. Not one of them is fit for use."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from orket.core import CallContext, Effect, Tool, Toolset, TurnContext, hookimpl, tool
from orket.testkit.zoo.subjects import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SHELF"]

SHELF = Shelf(__name__)


class _Broken:
    """What is wrong is in ``offer``."""

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        return cast("Toolset", self.offer(toolset, context))

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        raise NotImplementedError


class _Each(_Broken):
    """What is wrong is in ``change``, and in each tool."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return Toolset(self.change(tool) for tool in toolset)

    def change(self, tool: Tool) -> Tool:
        raise NotImplementedError


@SHELF.rejected_by("returns-toolset")
class ForgetsToReturn(_Broken):
    """It computes an offer and returns nothing."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        toolset.where(lambda tool: tool.read_only, why="it may do more than read")
        return None


@SHELF.rejected_by("returns-toolset")
class GivesList(_Broken):
    """It gives a list of tools."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return list(toolset)


@SHELF.rejected_by("returns-toolset")
class GivesNamesWithoutRole(_Broken):
    """It gives no Toolset to an agent without a role."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset if context.roles else toolset.names


@SHELF.rejected_by("returns-toolset")
class NeedsAnArgument(_Broken):
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
class AddsItsOwn(_Broken):
    """It adds a tool that it does not declare."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset | Toolset([tool(effects={Effect.READ})(acme_note)])


@SHELF.rejected_by("closed", provides=("acme_notes",))
class AddsAnother(_Broken):
    """It declares one tool and adds another."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset | Toolset([tool(effects={Effect.READ})(acme_note)])


@SHELF.rejected_by("closed")
class RunsSomethingElse(_Each):
    """It puts another function behind a tool's name."""

    def change(self, tool: Tool) -> Tool:
        return replace(tool, function=acme_peek) if tool.name == "read_file" else tool


@SHELF.rejected_by("closed")
class MakesThemAnew(_Each):
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
class WaitsLonger(_Each):
    """It gives tools more time."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(timeout=600)


@SHELF.rejected_by("never-widens")
class WaitsForEver(_Each):
    """It takes the deadline from tools that have one."""

    def change(self, tool: Tool) -> Tool:
        return tool if tool.timeout is None else tool.with_(timeout=math.inf)


@SHELF.rejected_by("never-widens")
class AsksNobody(_Each):
    """It spares people the approval of calls."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(approval=False)


@SHELF.rejected_by("never-widens")
class CallsItRead(_Each):
    """It says of tools that write that they may also read."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(effects=tool.effects | {Effect.READ})


@SHELF.rejected_by("never-widens")
class TriesAgain(_Each):
    """It has tools tried again."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(retry=tool.retry + 3)


@SHELF.rejected_by("never-widens")
class CallsItIdempotent(_Each):
    """It says of tools what their author did not."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(idempotent=True)


@SHELF.rejected_by("never-widens")
class LetsThemTalk(_Each):
    """It lets tools give more than the application lets them."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(max_output=10_000_000)


@SHELF.rejected_by("never-widens")
class LiftsTheRate(_Each):
    """It forgets the rate, the budget and the concurrency of tools."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(rate=None, budget=None, concurrency=None)


@SHELF.rejected_by("never-widens")
class LetsThemOverlap(_Each):
    """It lets calls run beside each other that may not."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(serial=False)


@SHELF.rejected_by("never-widens")
class BringsThemHome(_Each):
    """It has tools run in the host's own process."""

    def change(self, tool: Tool) -> Tool:
        return tool.with_(host=True)


@SHELF.rejected_by("never-widens", provides=("read_file",))
class ReplacesByMore(_Each):
    """It replaces a tool that reads by one that may do anything."""

    def change(self, tool: Tool) -> Tool:
        return _anything if tool.name == "read_file" else tool


_anything = tool(name="read_file", idempotent=True)(acme_peek)


class _Renames(_Each):
    """Each tool under a name that ``Tool`` itself would refuse."""

    def change(self, tool: Tool) -> Tool:
        copy = tool.with_()
        object.__setattr__(copy, "name", self.name_of(tool))
        return copy

    def name_of(self, tool: Tool) -> str:
        raise NotImplementedError


@SHELF.rejected_by("names-valid")
class DotsNames(_Renames):
    """It puts a namespace and a dot in front of names."""

    def name_of(self, tool: Tool) -> str:
        return f"acme.{tool.name}"


@SHELF.rejected_by("names-valid")
class LengthensNames(_Renames):
    """It makes names longer than providers take."""

    def name_of(self, tool: Tool) -> str:
        return f"{'x' * 64}{tool.name}"


@SHELF.rejected_by("names-valid")
class TwoNames(_Broken):
    """It offers tools under one name that have another."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        offered = toolset.map(lambda tool: tool.with_())
        for each in offered:
            object.__setattr__(each, "name", f"{each.name[:60]}_2")
        return offered


class _Schema(_Broken):
    """All tools, and one of its own with a schema."""

    schema: ClassVar[dict[str, Any]] = {}

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        made = Tool.from_json_schema(acme_note, self.schema, name="acme_note", description="Keep a note.")
        return toolset | Toolset([made])


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class NoSchema(_Schema):
    """It gives a type that there is not."""

    schema: ClassVar[dict[str, Any]] = {"properties": {"path": {"type": "path"}}}


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class NoObject(_Schema):
    """It describes a list where an object belongs."""

    schema: ClassVar[dict[str, Any]] = {"type": "array", "items": {"type": "string"}}


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class Choice(_Schema):
    """It gives a choice of objects, which providers refuse."""

    schema: ClassVar[dict[str, Any]] = {"anyOf": [{"required": ["path"]}, {"required": ["url"]}]}


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class ForeignProperty(_Schema):
    """It names an argument, deep inside, in letters that providers refuse."""

    schema: ClassVar[dict[str, Any]] = {
        "properties": {"where": {"type": "object", "properties": {"größe": {"type": "integer"}}}}
    }


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class FarReference(_Schema):
    """It refers to a schema that would have to be fetched."""

    schema: ClassVar[dict[str, Any]] = {
        "properties": {"where": {"$ref": "https://schemas.example/place.json"}}
    }


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class LostReference(_Schema):
    """It refers to a part of the schema that is not there."""

    schema: ClassVar[dict[str, Any]] = {"properties": {"where": {"$ref": "#/$defs/Place"}}}


@SHELF.rejected_by("schemas-valid", provides=("acme_note",))
class NoNumber(_Schema):
    """It has a default that JSON cannot say."""

    schema: ClassVar[dict[str, Any]] = {"properties": {"depth": {"type": "number", "default": math.nan}}}


@SHELF.rejected_by("kind-kept")
class CallsThemAsync(_Each):
    """It has what sync functions give awaited."""

    def change(self, tool: Tool) -> Tool:
        return replace(tool, is_async=True)


@SHELF.rejected_by("kind-kept")
class CallsThemSync(_Each):
    """It hands coroutines to threads."""

    def change(self, tool: Tool) -> Tool:
        return replace(tool, is_async=False)


async def acme_wait(text: str) -> str:
    """Keep a note, in a while."""
    return text


@SHELF.rejected_by("kind-kept", provides=("acme_wait",))
class BringsAnAsyncOneAsSync(_Broken):
    """It adds an async tool and calls it sync."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset | Toolset([replace(tool(effects={Effect.READ})(acme_wait), is_async=False)])


_TABLE = {"coder": ("read_file", "write_file"), "reviewer": ("read_file",)}


@SHELF.rejected_by("total")
class NeedsARole(_Broken):
    """It takes the first role of an agent that has none."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.where(lambda tool: tool.read_only, why=f"not for {context.roles[0]}")


@SHELF.rejected_by("total")
class NeedsAKnownRole(_Broken):
    """It looks an unknown role up in a table."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.only(*_TABLE[context.role]) if context.role else toolset


@SHELF.rejected_by("total")
class NeedsATool(_Broken):
    """It counts on a tool that not every application has."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.only(toolset["read_file"].name, "list_directory")


@SHELF.rejected_by("total")
class GoesDeep(_Broken):
    """It calls itself once for each tool."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        return toolset.only(*self._reading(tuple(toolset)))

    def _reading(self, tools: tuple[Tool, ...]) -> tuple[str, ...]:
        return (tools[0].name, *self._reading(tools[1:])) if tools else ()


@SHELF.rejected_by("total")
class NeverEnds(_Broken):
    """It waits for a tool to appear."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        while "acme_note" not in toolset:
            pass
        return toolset


@SHELF.rejected_by("total")
class LeavesWithoutTools(_Broken):
    """It ends the program where there are no tools."""

    def offer(self, toolset: Toolset, context: TurnContext) -> object:
        if not toolset:
            raise SystemExit("no tools")
        return toolset
